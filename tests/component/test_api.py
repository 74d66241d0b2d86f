"""How the API answers: pages, tags, problems in both languages, and commands."""

import json
import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import pytest

from plume.aws import wiring
from plume.errors import Unavailable
from plume.model.command import CommandKind
from plume.model.event import MediaKind
from plume.model.finding import AlarmType, RuleVersion, Severity
from plume.model.identity import OutletId, ThingName
from plume.model.person import Role
from plume.ports.alarms import AlarmQuery
from plume.ports.latest import Heard
from plume.usecases.count_alarms import count_alarms
from plume.usecases.keep_media import keep_media
from plume.usecases.show_standing import state_of
from tests.component.api_world import (
    NEIGHBOUR,
    NOW,
    OWN,
    PEOPLE,
    Caller,
    MemoryWorld,
    calling,
    clip,
)
from tests.integration.given import EIGHT, HOUR, NOX, alarm, reading

HOURS = "span=hour&from=2026-11-24T16:00:00%2B08:00&to=2026-11-25T16:00:00%2B08:00"


def test_a_reading_is_told_digit_for_digit_in_beijing_time(
    world: MemoryWorld, centre: Caller
) -> None:
    world.readings.add([reading("40.20")])
    (told,) = centre.get(f"/outlets/{OWN}/readings?{HOURS}").json_body["items"]
    assert (told["mean"], told["start"]) == ("40.20", "2026-11-24T16:00:00+08:00")
    assert (told["source"], told["version"], told["min"]) == ("reported", 1, None)


def test_readings_can_be_asked_as_known_at_a_time(world: MemoryWorld, centre: Caller) -> None:
    world.readings.add([reading("30")])
    world.readings.add([replace(reading("31"), known_at=EIGHT + 5 * HOUR)])
    now = centre.get(f"/outlets/{OWN}/readings?{HOURS}").json_body["items"]
    then = f"/outlets/{OWN}/readings?{HOURS}&asKnownAt=2026-11-24T10:00:00Z"
    assert [one["mean"] for one in now] == ["31"]
    assert [one["mean"] for one in centre.get(then).json_body["items"]] == ["30"]


def test_pages_of_readings_join_without_gap_or_repetition(
    world: MemoryWorld, centre: Caller
) -> None:
    batch = [reading(start=EIGHT + i * HOUR, factor=f) for i in range(5) for f in ("a21026", NOX)]
    world.readings.add(batch)
    found, cursor = [], ""
    for _ in range(5):
        page = centre.get(f"/outlets/{OWN}/readings?{HOURS}&limit=3{cursor}").json_body
        found += [(one["start"], one["factor"]) for one in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert len(found) == len(set(found)) == 10
    assert found == sorted(found)


def test_the_cameras_of_an_outlet_are_listed_and_counted(centre: Caller) -> None:
    (camera,) = centre.get(f"/outlets/{OWN}/cameras").json_body["items"]
    assert camera["cameraId"] == f"{OWN}-cam1"
    assert camera["name"] == {"zh": "排气筒", "en": "Stack"}
    assert centre.get(f"/outlets/{OWN}").json_body["cameras"] == 1
    assert centre.get("/enterprises/north").json_body["cameras"] == 1


def test_media_are_listed_newest_first_and_shown_by_a_path_of_the_page(
    world: MemoryWorld, centre: Caller
) -> None:
    still = {"kind": MediaKind.SNAPSHOT, "start": NOW, "end": NOW}
    world.keep_media("S1", OWN, b"still picture", **still)
    listed = centre.get(f"/outlets/{OWN}/media?to={quote((NOW + HOUR).isoformat())}")
    found = listed.json_body["items"]
    assert [one["mediaId"] for one in found] == ["S1", f"P-{OWN}", f"M-{OWN}"]
    assert "path" not in found[0]
    shown = centre.get("/media/S1").json_body
    assert (shown["check"], shown["kind"], shown["thing"]) == (
        "verified",
        "snapshot",
        "edge-stack",
    )
    assert shown["path"] == "/media/edge-stack/S1.mp4?versionId=1"
    assert shown["sha256"] == sha256(b"still picture").hexdigest()


def test_what_differs_from_its_manifest_is_listed_but_not_shown(
    world: MemoryWorld, centre: Caller
) -> None:
    told = clip("X1", OWN, b"as signed")
    world.media_objects.put(told.objects[0].key, b"as stored")
    keep_media(told, ThingName(f"edge-{OWN}"), 9, world)
    shown = centre.get("/media/X1").json_body
    assert (shown["check"], shown["path"]) == ("differs", None)
    assert world.operations.altered_media == [(f"edge-{OWN}", "X1", told.objects[0].key)]


def test_an_alarm_names_what_was_filmed_because_of_it(world: MemoryWorld, centre: Caller) -> None:
    world.keep_media("F1", OWN, b"filmed", cause=f"alarm-AL-{OWN}-cam1")
    world.keep_media("F2", OWN, b"other", cause="alarm-AL-other-cam1")
    found = centre.get(f"/alarms/AL-{OWN}/media").json_body["items"]
    assert [one["mediaId"] for one in found] == ["F1"]
    assert centre.get("/alarms/no-such/media").status_code == 404


def test_a_clip_in_pieces_has_a_playlist_of_paths(centre: Caller) -> None:
    answer = centre.get(f"/media/P-{OWN}/playlist.m3u8")
    assert answer.headers["Content-Type"] == "application/vnd.apple.mpegurl"
    folder = f"/media/edge-{OWN}/P-{OWN}"
    assert answer.body.decode() == (
        f"#EXTM3U\n#EXTINF:2.0,\n{folder}/a.ts?versionId=1\n"
        f"#EXTINF:2.0,\n{folder}/b.ts?versionId=1\n#EXT-X-ENDLIST\n"
    )
    assert centre.get(f"/media/M-{OWN}/playlist.m3u8").status_code == 404


LIVE = f"/outlets/{OWN}/cameras/{OWN}-cam1/live"


def test_watching_asks_the_device_of_the_camera_once_per_ten_seconds_for_all_viewers(
    world: MemoryWorld, centre: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.cameras.now", lambda: EIGHT)
    answers = [centre.post(LIVE).json_body for _ in range(2)]
    with calling(PEOPLE[Role.ENTERPRISE]) as another:
        answers.append(another.post(LIVE).json_body)
    assert answers == [{"cameraId": f"{OWN}-cam1", "playlist": f"{LIVE}.m3u8"}] * 3
    assert len({one.id for one in world.device_commands.sent}) == 1
    sent = world.device_commands.sent[0]
    assert (sent.thing, sent.kind, sent.outlet) == (f"edge-{OWN}", CommandKind.LIVE, OWN)
    assert sent.arguments == {"camera": f"{OWN}-cam1", "on": True}
    assert sent.expires_at - sent.issued_at == timedelta(seconds=30)


def test_who_looked_at_what_is_kept_once_per_viewing(
    world: MemoryWorld, centre: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("cameras", "media"):
        monkeypatch.setattr(f"chalicelib.{module}.now", lambda: EIGHT)
    for _ in range(2):
        centre.get(f"/media/M-{OWN}")
        centre.post(LIVE)
    (seen,) = world.audit.about(f"M-{OWN}")
    (watched,) = world.audit.about(f"{OWN}-cam1")
    assert (seen.act, seen.actor, seen.at) == ("video:view", "id-city_centre", EIGHT)
    assert (watched.act, watched.role) == ("video:live", "city_centre")


def test_whoever_only_looks_while_another_asks_is_in_the_trail_too(
    world: MemoryWorld, centre: Caller
) -> None:
    centre.get(f"{LIVE}.m3u8")
    centre.get(f"/media/P-{OWN}/playlist.m3u8")
    assert [one.act for one in world.audit.about(f"{OWN}-cam1")] == ["video:live"]
    assert [one.act for one in world.audit.about(f"P-{OWN}")] == ["video:view"]


def test_what_is_refused_or_not_shown_is_no_viewing(world: MemoryWorld, centre: Caller) -> None:
    with calling(PEOPLE[Role.ENTERPRISE]) as stranger:
        assert stranger.get(f"/media/M-{NEIGHBOUR}").status_code == 404
    told = clip("X2", OWN, b"as signed")
    keep_media(told, ThingName(f"edge-{OWN}"), 9, world)
    assert centre.get("/media/X2").json_body["check"] == "pending"
    assert world.audit.about(f"M-{NEIGHBOUR}") == world.audit.about("X2") == []


def test_the_live_playlist_names_paths_of_the_pages_own_origin(centre: Caller) -> None:
    answer = centre.get(f"{LIVE}.m3u8")
    assert answer.status_code == 200
    segment = f"/live/edge-{OWN}/{OWN}-cam1/1.ts?signed"
    assert answer.body.decode() == f"#EXTM3U\n#EXTINF:2.0,\n{segment}\n"


def test_what_is_left_of_an_earlier_view_is_not_shown(world: MemoryWorld, centre: Caller) -> None:
    world.media_objects.put_at -= timedelta(minutes=1)
    assert centre.get(f"{LIVE}.m3u8").status_code == 202
    world.show_live(OWN, more="#EXT-X-ENDLIST\n")
    assert centre.get(f"{LIVE}.m3u8").status_code == 202
    world.show_live(OWN)
    assert centre.get(f"{LIVE}.m3u8").status_code == 200


def test_a_camera_of_another_outlet_is_not_there(world: MemoryWorld, centre: Caller) -> None:
    assert centre.post(f"/outlets/{OWN}/cameras/{NEIGHBOUR}-cam1/live").status_code == 404
    assert world.device_commands.sent == []


def test_pages_of_outlets_and_alarms_join(centre: Caller) -> None:
    for path, key in (("/outlets", "outletId"), ("/alarms", "alarmId")):
        found, cursor = [], ""
        while True:
            page = centre.get(f"{path}?limit=1{cursor}").json_body
            found += [one[key] for one in page["items"]]
            if page["nextCursor"] is None:
                break
            cursor = f"&cursor={page['nextCursor']}"
        assert len(found) == len(set(found)) == 3


def test_an_answer_that_did_not_change_is_not_sent_again(
    world: MemoryWorld, centre: Caller
) -> None:
    first = centre.get("/alarms")
    tag = first.headers["ETag"]
    assert "private" in first.headers["Cache-Control"]
    for said in (tag, f"W/{tag}", f'"x", {tag}'):
        again = centre.get("/alarms", **{"If-None-Match": said})
        assert (again.status_code, again.body) == (304, b"")
    world.alarms.put(replace(alarm(f"AL-{OWN}", version=2), outlet=OutletId(OWN)), expected=1)
    assert centre.get("/alarms", **{"If-None-Match": tag}).status_code == 200


def marked(place: str) -> str:
    """Write a cursor as somebody would who knows how."""
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


@pytest.mark.parametrize("path", ["readings?span=hour&", "frames?", "media?"])
@pytest.mark.parametrize(
    "place",
    ["2000-01-01T00:00:00+00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59+00:00"],
)
def test_a_cursor_from_outside_the_range_only_moves_the_page(
    centre: Caller, path: str, place: str
) -> None:
    answer = centre.get(f"/outlets/{OWN}/{path}cursor={marked(place)}")
    assert (answer.status_code, answer.json_body["nextCursor"]) == (200, None)


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/outlets/stack/readings", "/query/span"),
        ("/outlets/stack/readings?span=week", "/query/span"),
        ("/outlets/stack/readings?span=hour&from=yesterday", "/query/from"),
        ("/outlets/stack/readings?span=hour&from=2026-11-24T08:00:00", "/query/from"),
        ("/outlets/stack/readings?span=hour&from=0001-01-01T00:00:00Z", "/query/from"),
        ("/outlets/stack/readings?span=minute&from=2020-01-01T00:00:00Z", "/query/from"),
        ("/outlets/stack/readings?span=hour&limit=0", "/query/limit"),
        ("/outlets/stack/readings?span=hour&limit=-1", "/query/limit"),
        ("/outlets/stack/readings?span=hour&limit=1e3", "/query/limit"),
        ("/outlets/stack/readings?span=hour&cursor=!!", "/query/cursor"),
        ("/outlets/stack/readings?span=hour&cursor=eHl6", "/query/cursor"),
        ("/outlets/stack/readings?span=hour&span=day", "/query/span"),
        (f"/outlets/stack/readings?span=hour&cursor={marked('2026-11-24')}", "/query/cursor"),
        (f"/outlets/stack/frames?cursor={marked('2026-11-24T08:00:00')}", "/query/cursor"),
        (f"/outlets/stack/frames?cursor={marked('soon')}", "/query/cursor"),
        ("/alarms?from=2026-11-25T00:00:00Z&to=2026-11-24T00:00:00Z", "/query/from"),
        ("/alarm-counts?from=2026-11-25T00:00:00Z&to=2026-11-25T00:00:00Z", "/query/from"),
        ("/outlets/stack/series?channels=a21026&step=2h", "/query/step"),
        ("/outlets/stack/series?channels=..%2Fx", "/query/channels"),
        ("/outlets/stack/series?maxPoints=99", "/query/maxPoints"),
        ("/outlets/stack/frames?from=2026-01-01T00:00:00Z&to=2026-11-01T00:00:00Z", "/query/from"),
        ("/alarms?severity=L9", "/query/severity"),
        ("/alarms?type=exceed", "/query/type"),
        ("/alarms?colour=red", "/query/colour"),
        ("/alarms?outlet=%27%20or%201=1", "/query/outlet"),
        ("/me?x=1", "/query/x"),
    ],
)
def test_a_bad_query_is_told_in_both_languages_with_its_field(
    centre: Caller, path: str, pointer: str
) -> None:
    answer = centre.get(path)
    problem = answer.json_body
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert problem["pointer"] == pointer
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problem["detailZh"])
    assert problem["detail"].isascii()
    assert problem["traceId"]
    assert b"Traceback" not in answer.body


def test_a_deaf_world_is_503_and_an_error_of_ours_500_without_a_word_about_it(
    centre: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deaf:
        failure: Exception = Unavailable("table plume-secret-name")

        def outlets(self, scope: object) -> None:
            raise self.failure

    monkeypatch.setattr(wiring, "registry", Deaf)
    answer = centre.get("/outlets")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    monkeypatch.setattr(Deaf, "failure", KeyError("plume-secret-name"))
    assert centre.get("/outlets").status_code == 500
    assert b"secret" not in answer.body + centre.get("/outlets").body


def test_whoever_responds_first_is_named_to_the_next_and_repetition_is_harmless(
    world: MemoryWorld, centre: Caller
) -> None:
    path = f"/alarms/AL-{OWN}/acknowledge"
    first = centre.post(path, '{"reason":"已电话核实"}')
    assert (first.status_code, first.json_body["handling"]) == (200, "responded")
    (step,) = first.json_body["history"]
    assert (step["actor"], step["role"]) == ("名 city_centre", "city_centre")
    assert step["reason"] == "已电话核实"
    assert first.json_body["commands"] == []
    assert centre.post(path).json_body == first.json_body
    with calling(PEOPLE[Role.COUNTY]) as other:
        late = other.post(path)
    assert late.status_code == 409
    assert "名 city_centre" in late.json_body["detailZh"]
    assert len(world.alarms.get(f"AL-{OWN}").history) == 1


@pytest.mark.parametrize(
    ("body", "headers", "pointer"),
    [
        ("{}", {"Idempotency-Key": ""}, "/headers/Idempotency-Key"),
        ("{}", {"Idempotency-Key": "x" * 129}, "/headers/Idempotency-Key"),
        ("[]", {}, ""),
        ("{", {}, ""),
        ('{"reason":' + "[" * 100_000, {}, ""),
        ('{"reason":1}', {}, "/reason"),
        ('{"reson":"a slip"}', {}, "/reson"),
        (json.dumps({"reason": "长" * 501}), {}, "/reason"),
    ],
)
def test_a_bad_command_changes_nothing(
    world: MemoryWorld, centre: Caller, body: str, headers: dict[str, str], pointer: str
) -> None:
    answer = centre.post(f"/alarms/AL-{OWN}/acknowledge", body, **headers)
    assert (answer.status_code, answer.json_body["pointer"]) == (400, pointer)
    assert world.alarms.get(f"AL-{OWN}").history == ()


def test_an_unknown_command_is_not_there(centre: Caller) -> None:
    assert centre.post(f"/alarms/AL-{OWN}/launch").status_code == 404


def test_the_overview_counts_what_the_lists_hold(centre: Caller) -> None:
    figures = centre.get("/overview").json_body
    assert (figures["enterprises"], figures["outlets"]) == (3, 3)
    assert (figures["online"], figures["offline"], figures["pending"]) == (1, 1, 1)
    assert figures["activeAlarms"]["L3"] == figures["awaitingResponse"] == 3
    county = centre.get("/overview?region=150523").json_body
    assert (county["enterprises"], county["activeAlarms"]["L3"]) == (2, 2)


def tallied(items: list[dict[str, Any]], key: str) -> dict[str, dict[str, int]]:
    """Count what a list holds, by hand: severities of each value of `key`."""
    found: dict[str, dict[str, int]] = {}
    for item in items:
        counts = found.setdefault(item[key], dict.fromkeys(("L1", "L2", "L3", "L4", "L5"), 0))
        counts[item["severity"]] += 1
    return found


@pytest.mark.parametrize(
    "asked", ["", "?region=150523", "?severity=L1", "?type=CLOCK", "?to=2026-11-24T00:00:00Z"]
)
def test_the_counts_are_those_of_the_list_under_the_same_filter(
    world: MemoryWorld, centre: Caller, asked: str
) -> None:
    grave = replace(alarm("AL-grave"), severity=Severity.L1, type=AlarmType.CLOCK)
    world.alarms.put(replace(grave, outlet=OutletId(OWN), rule=RuleVersion("G-02", 1)), expected=0)
    listed = centre.get(f"/alarms{asked}").json_body["items"]
    told = centre.get(f"/alarm-counts{asked}").json_body
    assert {one["type"]: one["counts"] for one in told["byType"]} == tallied(listed, "type")
    assert {one["region"]: one["counts"] for one in told["byRegion"]} == tallied(listed, "region")
    assert (told["total"], told["whole"]) == (len(listed), True)
    assert told["active"] == sum(one["condition"] == "active" for one in listed)
    assert told["awaitingResponse"] == sum(
        one["handling"] == "awaiting_response" for one in listed
    )


def test_counts_are_of_the_askers_scope_alone(world: MemoryWorld) -> None:
    with calling(PEOPLE[Role.ENTERPRISE]) as enterprise:
        assert enterprise.get("/alarm-counts").json_body["total"] == 1


def test_more_alarms_than_are_counted_are_said_to_be_more(world: MemoryWorld) -> None:
    centre, query = PEOPLE[Role.CITY_CENTRE], AlarmQuery()
    some = count_alarms(centre, query, alarms=world.alarms, registry=world.registry, most=2)
    every = count_alarms(centre, query, alarms=world.alarms, registry=world.registry, most=3)
    assert [
        sum(sum(counts.values()) for counts in each.by_region.values()) for each in (some, every)
    ] == [2, 3]
    assert (some.whole, every.whole) == (False, True)


def test_an_outlet_tells_its_limits_state_and_alarms_but_never_its_secrets(
    world: MemoryWorld, centre: Caller
) -> None:
    known = world.registry.outlet(OutletId(OWN))
    assert known is not None
    world.registry.put_outlet(replace(known, keys=("fe" * 16,)))
    answer = centre.get(f"/outlets/{OWN}")
    told = answer.json_body
    assert (told["state"], told["worst"], told["referenceOxygen"]) == ("online", "L3", "6.0")
    assert told["limits"][0]["ceiling"] == "35.0"
    assert told["factors"][0]["name"]["zh"] == "二氧化硫"
    assert b"123456" not in answer.body
    assert b"fe" * 16 not in answer.body


def test_the_newest_values_are_told(centre: Caller) -> None:
    (told,) = centre.get(f"/outlets/{OWN}/latest").json_body["items"]
    assert (told["value"], told["kind"], told["flag"]) == ("40.20", "hour", "N")


def test_a_silence_of_more_than_ten_minutes_is_offline(world: MemoryWorld) -> None:
    heard = Heard(OutletId(OWN), NOW, NOW)
    assert state_of(heard, NOW + timedelta(minutes=10)) == "online"
    assert state_of(heard, NOW + timedelta(minutes=10, seconds=1)) == "offline"
    assert state_of(None, NOW) == "pending"


def test_the_open_paths_ask_for_nobody(world: MemoryWorld) -> None:
    with calling(None) as caller:
        assert caller.get("/health").json_body == {"status": "ok"}
        assert caller.get("/openapi.json").json_body["openapi"] == "3.1.0"


def test_alarms_can_be_filtered(centre: Caller) -> None:
    def count(query: str) -> int:
        return len(centre.get(f"/alarms?{query}").json_body["items"])

    assert count("outlet=stack&type=EXCEED&condition=active") == 1
    assert count("severity=L1,L2") == 0
    assert count("severity=L2,L3&region=150523") == 2
    assert count("outlet=stack-4") == 0
    assert Decimal(centre.get("/alarms").json_body["items"][0]["limit"]) == 35


def test_importing_the_api_loads_neither_numpy_nor_boto3() -> None:
    program = "import sys, app; print(*({'numpy', 'boto3', 'cwt'} & sys.modules.keys()))"
    path = os.pathsep.join(["functions/api", "shared"])
    told = subprocess.run(  # noqa: S603, our own interpreter and program
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == ""
