"""What must run before an outlet, over the API: entered, changed, retired, and judged by."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from plume.model.alarm import Condition
from plume.model.facility import Facility
from plume.model.finding import Source
from plume.model.identity import OutletId
from plume.rules.treatment import Minute, judge_treatment
from plume.usecases.raise_alarm import raise_alarm
from tests.component.api_world import (
    NOW,
    OTHER_CITY,
    OWN,
    Caller,
    MemoryWorld,
    facility,
)

PATH = f"/outlets/{OWN}/facilities"
SIGNAL: dict[str, Any] = {"channel": "g1", "above": 1}
PUMPS: dict[str, Any] = {
    "rule": "T-04",
    "name": {"zh": "脱硫塔循环泵", "en": "FGD pumps"},
    "demand": {"channel": "g71202", "above": "300", "unit": "mg/m3"},
    "running": [
        {"channel": "g10401", "above": "18.60", "unit": "A"},
        {"subject": "unit-1", "channel": "g10402", "above": 20},
    ],
    "reason": "按设计文件登记",
}


def test_what_is_entered_is_watched_by_every_subject_that_it_names(
    world: MemoryWorld, centre: Caller
) -> None:
    told = centre.post(PATH, json.dumps(PUMPS))
    assert told.status_code == 200
    (kept,) = world.registry.facilities("unit-1")
    assert (kept.id, kept.outlet, kept.rule.id) == (told.json_body["facilityId"], OWN, "T-04")
    assert [(one.subject, str(one.above)) for one in kept.running] == [
        (OWN, "18.60"),
        ("unit-1", "20"),
    ]
    listed = centre.get(PATH).json_body["items"]
    assert {one["facilityId"] for one in listed} == {kept.id, facility(OWN).id}
    assert told.json_body in listed


def test_new_thresholds_of_one_facility_replace_the_old_ones(
    world: MemoryWorld, centre: Caller
) -> None:
    before = centre.post(PATH, json.dumps(PUMPS)).json_body
    changed = PUMPS | {"demand": {"channel": "g71202", "above": "350.0", "unit": "mg/m3"}}
    after = centre.post(PATH, json.dumps(changed), **{"Idempotency-Key": "k2"}).json_body
    assert after["facilityId"] == before["facilityId"]
    (kept,) = world.registry.facilities("unit-1")
    assert str(kept.demand.above) == "350.0"


def test_a_facility_is_retired_once_and_then_is_not_there(
    world: MemoryWorld, centre: Caller
) -> None:
    path = f"{PATH}/{facility(OWN).id}/retire"
    assert centre.post(path, '{"reason":"已拆除"}').status_code == 200
    assert world.registry.facilities(OWN) == []
    assert centre.post(path).status_code == 404
    assert centre.post(f"/outlets/{OTHER_CITY}/facilities/x/retire").status_code == 404
    (entry,) = world.audit.about(f"outlet#{OWN}")
    assert (entry.act, entry.reason, entry.actor) == (
        "facility:retire", "已拆除", "id-city_centre",
    )  # fmt: skip


def test_what_is_entered_or_retired_is_due_on_site(world: MemoryWorld, centre: Caller) -> None:
    centre.post(PATH, json.dumps(PUMPS))
    centre.post(f"{PATH}/{facility(OWN).id}/retire", '{"reason":"已拆除"}')
    due = [(one.kind.value, one.outlet, one.thing) for one in world.device_commands.sent]
    assert due == [("law", OWN, f"edge-{OWN}")] * 2


def test_nobody_asks_for_a_law_by_hand(world: MemoryWorld, centre: Caller) -> None:
    asked = centre.post("/commands", json.dumps({"outletId": OWN, "kind": "law"}))
    assert asked.status_code == 403
    assert world.device_commands.sent == []


def test_two_facilities_are_not_judged_by_one_rule_on_one_demand(
    world: MemoryWorld, centre: Caller
) -> None:
    second = PUMPS | {"demand": {"channel": "g71201", "above": "300"}}
    answer = centre.post(PATH, json.dumps(second))
    assert (answer.status_code, answer.json_body["pointer"]) == (409, "/demand/channel")
    assert list(world.registry.facilities(OWN)) == [facility(OWN)]
    assert centre.post(f"{PATH}/{facility(OWN).id}/retire").status_code == 200
    again = centre.post(PATH, json.dumps(second), **{"Idempotency-Key": "k2"})
    assert again.status_code == 200


def test_a_facility_entered_at_the_same_moment_as_its_like_does_not_stay(
    world: MemoryWorld, centre: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the write of one, the other writes."""
    rival, put = facility(OWN), world.registry.put_facility
    world.registry.drop_facility(rival)

    def overtaken(ours: Facility) -> None:
        put(rival)
        put(ours)

    monkeypatch.setattr(world.registry, "put_facility", overtaken)
    second = PUMPS | {"demand": {"channel": "g71201", "above": "300"}}
    answer = centre.post(PATH, json.dumps(second))
    assert (answer.status_code, answer.json_body["pointer"]) == (409, "/demand/channel")
    assert list(world.registry.facilities(OWN)) == [rival]
    assert world.device_commands.sent == []


def test_an_alarm_of_a_facility_that_is_retired_is_cleared(
    world: MemoryWorld, centre: Caller
) -> None:
    """Half an hour ago nothing ran; nobody will ever say again that it does."""
    start, still = NOW - timedelta(minutes=30), Minute(Decimal(400), (Decimal(0),))
    tower = facility(OWN)
    finding = judge_treatment(tower, start, [still] * 15, outlet=tower.name, known_at=NOW)
    assert finding is not None
    raise_alarm(finding, alarms=world.alarms, registry=world.registry, now=NOW)
    centre.post(f"{PATH}/{tower.id}/retire")
    (alarm,) = world.alarms.episodes("T-04", OutletId(OWN), "g71201")
    assert (alarm.condition, alarm.count, alarm.severity) == (Condition.CLEARED, 1, "L2")


@pytest.mark.parametrize("order", list(permutations([0, 1, 0])))
def test_what_a_site_found_before_it_knew_that_its_facility_is_retired_stays_open_nowhere(
    world: MemoryWorld, centre: Caller, order: Sequence[int]
) -> None:
    """The line was down from before the retirement till after it; the words come twice."""
    tower, still = facility(OWN), Minute(Decimal(400), (Decimal(0),))
    centre.post(f"{PATH}/{tower.id}/retire")
    for place in order:
        start = NOW + timedelta(minutes=15 * (place + 1))
        finding = judge_treatment(tower, start, [still] * 15, outlet=tower.name, known_at=start)
        assert finding is not None
        site = replace(finding, source=Source.EDGE)
        now = NOW + timedelta(hours=2)
        raise_alarm(site, alarms=world.alarms, registry=world.registry, now=now)
    (alarm,) = world.alarms.episodes("T-04", OutletId(OWN), "g71201")
    assert (alarm.condition, alarm.count) == (Condition.CLEARED, 2)


def test_what_is_found_against_a_facility_that_was_entered_again_stays_open(
    world: MemoryWorld, centre: Caller
) -> None:
    tower, still = facility(OWN), Minute(Decimal(400), (Decimal(0),))
    centre.post(f"{PATH}/{tower.id}/retire")
    world.registry.put_facility(tower)
    finding = judge_treatment(tower, NOW, [still] * 15, outlet=tower.name, known_at=NOW)
    assert finding is not None
    raise_alarm(finding, alarms=world.alarms, registry=world.registry, now=NOW)
    (alarm,) = world.alarms.episodes("T-04", OutletId(OWN), "g71201")
    assert alarm.condition is Condition.ACTIVE


def test_entering_is_in_the_audit_trail_once_however_often_it_is_sent(
    world: MemoryWorld, centre: Caller
) -> None:
    for _ in range(2):
        centre.post(PATH, json.dumps(PUMPS))
    (entry,) = world.audit.about(f"outlet#{OWN}")
    assert (entry.act, entry.reason) == ("facility:enter", "按设计文件登记")
    assert "g71202>300 g10401>18.60 g10402>20" in entry.detail


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"rule": "G-06"}, "/rule"),
        ({"rule": None}, "/rule"),
        ({"name": "pumps"}, "/name"),
        ({"name": {"zh": "泵"}}, "/name/en"),
        ({"demand": None}, "/demand"),
        ({"demand": {"channel": "g 1", "above": "1"}}, "/demand/channel"),
        ({"demand": {"channel": "g71201", "above": "high"}}, "/demand/above"),
        ({"demand": {"channel": "g71201", "above": "NaN"}}, "/demand/above"),
        ({"demand": {"channel": "g71201", "above": True}}, "/demand/above"),
        ({"demand": {"channel": "g71201", "above": "1_0"}}, "/demand/above"),
        ({"demand": {"channel": "g71201", "above": "３００"}}, "/demand/above"),
        ({"demand": {"channel": "g71201", "above": "1e3"}}, "/demand/above"),
        ({"demand": {"channel": "g71201", "above": "+1"}}, "/demand/above"),
        ({"demand": {"channel": "g71201", "above": 1e300}}, "/demand/above"),
        ({"demand": {"channel": "g71201", "above": 10**40}}, "/demand/above"),
        ({"running": []}, "/running"),
        ({"running": [7]}, "/running/0"),
        ({"running": [SIGNAL] * 33}, "/running"),
        (
            {
                "running": [
                    {"channel": "g1", "above": 1},
                    {"channel": "g1", "above": 1, "subject": "/"},
                ]
            },
            "/running/1/subject",
        ),
        ({"reason": 7}, "/reason"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_entered(
    world: MemoryWorld, centre: Caller, change: dict[str, Any], pointer: str
) -> None:
    answer = centre.post(PATH, json.dumps(PUMPS | change))
    assert (answer.status_code, answer.json_body["pointer"]) == (400, pointer)
    assert list(world.registry.facilities(OWN)) == [facility(OWN)]
    assert world.audit.entries == {}
