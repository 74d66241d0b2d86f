"""Frames refused for want of a registration, judged when it comes: no official value is lost."""

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.judge_belated import handler as judging
from plume.errors import Unavailable
from plume.hj212 import encode
from plume.memory.world import MemoryBelated
from plume.model.belated import Belated, belated
from plume.model.identity import OutletId, ThingName
from plume.model.outlet import Outlet
from plume.model.reading import Reading, Span
from plume.usecases.ingest_segments import IngestWorld
from plume.usecases.judge_belated import (
    BelatedWorld,
    JudgedAgain,
    UnsaidSince,
    judge_belated,
)
from plume.usecases.judge_frames import MOST_STRANGERS, refused_under
from plume.wire.messages import belated_json, belated_of
from tests.component.test_ingest_segments import PLATFORM, a_world, take
from tests.given import EIGHT, HOUR, NOW, STACK, EdgeDevice, frame, hour_frame, private_pem

KEY = "0123456789ABCDEFFEDCBA9876543210"
ASKED = NOW + timedelta(days=3)
DAY = timedelta(days=1)
UNKNOWN = replace(STACK, mn="010000A8900016F000169DFF")
"""The outlet before its data logger's MN was registered."""


@pytest.fixture
def device() -> EdgeDevice:
    return EdgeDevice(PLATFORM)


def before(device: EdgeDevice, outlet: Outlet = UNKNOWN) -> IngestWorld:
    """The platform as it was before the paperwork."""
    world = a_world(device)
    world.registry.put_outlet(outlet)
    return world


def again(world: IngestWorld) -> BelatedWorld:
    names = {one.name for one in fields(BelatedWorld)} - {"belated"}
    return BelatedWorld(belated=MemoryBelated(), **{n: getattr(world, n) for n in names})


def registered(
    world: IngestWorld, outlet: Outlet = STACK, at: datetime = ASKED
) -> list[JudgedAgain]:
    """The paperwork comes, and what was told of it is done, day by day."""
    world.registry.put_outlet(outlet)
    joined = again(world)
    done = [judge_belated(belated(outlet.id, at), world=joined)]
    while joined.belated.told:  # type: ignore[attr-defined]  # the memory world's
        due = joined.belated.told.pop()  # type: ignore[attr-defined]
        done.append(judge_belated(due, world=joined))
    return done


def hours(world: IngestWorld, known: datetime | None = None) -> list[Reading]:
    return list(world.readings.of(STACK.id, Span.HOUR, EIGHT, EIGHT + HOUR, as_known_at=known))


def so2(world: IngestWorld) -> list[tuple[str, int]]:
    """The newest word on sulphur dioxide as the outlet reported it, and its version."""
    return [
        (str(one.mean), one.version)
        for one in hours(world)
        if one.factor == "a21026" and one.source.value == "reported"
    ]


def enciphered() -> bytes:
    return encode.frame(
        qn="20260801090000001", st="31", cn="2061", password=STACK.password, mn=STACK.mn,
        flag=5 + 8, key=bytes.fromhex(KEY),
        cp="DataTime=20260801080000;a21026-Avg=456.0,a21026-Flag=N;a19001-Avg=8.5,a19001-Flag=N",
    )  # fmt: skip


LATE = {
    "the MN": (UNKNOWN, STACK, hour_frame()),
    "the device before it": (replace(STACK, thing=ThingName("edge-2")), STACK, hour_frame()),
    "the PW": (replace(STACK, password="000000"), STACK, hour_frame()),
    "the key": (STACK, replace(STACK, keys=(KEY,)), enciphered()),
    "MN and key": (UNKNOWN, replace(STACK, keys=(KEY,)), enciphered()),
}


@pytest.mark.parametrize("what", LATE)
def test_what_came_before_it_was_registered_is_believed_then(
    what: str, device: EdgeDevice
) -> None:
    """456.0 at 8.5 % oxygen is 547.2 at 6 %."""
    known, right, raw = LATE[what]
    world = before(device, known)
    assert take(world, device.seal(raw)) == []
    assert hours(world) == []
    assert sum(one.readings for one in registered(world, right)) == 3
    assert so2(world) == [("456.0", 1)]
    assert Decimal("547.2") in {one.converted for one in hours(world)}
    (window,) = world.windows.told  # type: ignore[attr-defined]  # the memory world's
    assert (window.outlet, window.start, window.end) == (STACK.id, EIGHT, EIGHT + HOUR)


def test_it_is_known_since_it_was_registered_and_not_before(device: EdgeDevice) -> None:
    world = before(device)
    take(world, device.seal(hour_frame()))
    registered(world)
    assert {one.known_at for one in hours(world)} == {ASKED}
    assert hours(world, known=ASKED - timedelta(seconds=1)) == []


def test_the_frame_is_listed_under_its_outlet_then(device: EdgeDevice) -> None:
    world = before(device)
    take(world, device.seal(hour_frame()))
    assert world.segments.frames(STACK.id, EIGHT, NOW, 9) == []
    registered(world)
    (entry,) = world.segments.frames(STACK.id, EIGHT, NOW, 9)
    assert entry.segment.sequence == device.sequence - 1


def test_the_law_of_what_is_registered_is_due_on_site(device: EdgeDevice) -> None:
    world = before(device)
    registered(world)
    (due,) = world.device_commands.sent  # type: ignore[attr-defined]  # the memory world's
    assert (due.kind.value, due.outlet, due.thing) == ("law", STACK.id, STACK.thing)


def test_done_twice_nothing_changes(device: EdgeDevice) -> None:
    world = before(device)
    take(world, device.seal(hour_frame()), device.seal(hour_frame("470.0")))
    registered(world)
    kept = hours(world)
    registered(world, at=ASKED + HOUR)
    assert hours(world) == kept


def test_what_was_said_again_since_stays_the_newest_word(device: EdgeDevice) -> None:
    world = before(device)
    take(world, device.seal(hour_frame("456.0")))
    world.registry.put_outlet(STACK)
    take(world, device.seal(hour_frame("460.0"), at=EIGHT + 2 * HOUR - timedelta(minutes=1)))
    registered(world)
    assert so2(world) == [("460.0", 1)]
    assert world.findings.told == []  # type: ignore[attr-defined]


def test_what_was_said_before_it_is_rewritten_by_it(device: EdgeDevice) -> None:
    """The logger changed the value under a PW that was registered late: rule G-12."""
    world = before(device, STACK)
    take(world, device.seal(hour_frame("440.0")))
    sealed = replace(STACK, password="000000")
    world.registry.put_outlet(sealed)
    take(world, device.seal(hour_frame("456.0")))
    registered(world)
    assert so2(world) == [("456.0", 2)]
    assert [one.rule.id for one in world.findings.told] == ["G-12"]  # type: ignore[attr-defined]


def test_a_rewriting_that_was_stored_and_not_told_is_told_when_it_comes_again(
    device: EdgeDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = before(device, STACK)
    take(world, device.seal(hour_frame("440.0")))
    world.registry.put_outlet(replace(STACK, password="000000"))
    take(world, device.seal(hour_frame("456.0")))

    def deaf(_: object) -> None:
        raise Unavailable("queue")

    with monkeypatch.context() as patch:
        patch.setattr(world.findings, "tell", deaf)
        with pytest.raises(Unavailable):
            registered(world)
    assert so2(world) == [("456.0", 2)]
    registered(world)
    assert [one.rule.id for one in world.findings.told] == ["G-12"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("order", list(permutations([0, 1])))
def test_the_later_of_two_refused_words_is_the_newest_whichever_day_is_done_first(
    order: Sequence[int], device: EdgeDevice
) -> None:
    world = before(device)
    take(world, device.seal(hour_frame("440.0")))
    take(world, device.seal(hour_frame("456.0"), at=EIGHT + 2 * DAY))
    world.registry.put_outlet(STACK)
    joined = again(world)
    assert judge_belated(belated(STACK.id, ASKED), world=joined) == JudgedAgain(days=2)
    days: list[Belated] = joined.belated.told  # type: ignore[attr-defined]
    for place in order:
        judge_belated(days[place], world=joined)
    assert [value for value, _ in so2(world)] == ["456.0"]


def test_what_another_device_says_under_the_mn_is_not_believed(device: EdgeDevice) -> None:
    world = before(device)
    other = EdgeDevice(PLATFORM, thing=ThingName("edge-2"))
    world.registry.put_device(other.registered())
    take(world, other.seal(hour_frame()))
    registered(world)
    assert hours(world) == []


def test_what_is_still_refused_waits_on(device: EdgeDevice) -> None:
    world = before(device)
    take(world, device.seal(enciphered()))
    registered(world)
    assert hours(world) == []
    registered(world, replace(STACK, keys=(KEY,)))
    assert so2(world) == [("456.0", 1)]


def test_only_official_values_wait_and_no_more_strangers_than_make_sense(
    device: EdgeDevice,
) -> None:
    world = before(device)
    rtd = frame("2011", "DataTime=20260801080000;a21026-Rtd=456.0,a21026-Flag=N")
    guesses = [
        hour_frame().replace(STACK.mn.encode(), b"010000A8900016F0001%05d" % at)
        for at in range(MOST_STRANGERS + 5)
    ]
    guesses = [_closed_anew(one) for one in guesses]
    take(world, device.seal(rtd, *guesses))
    waiting = [
        world.segments.frames(refused_under(f"010000A8900016F0001{at:05d}"), EIGHT, NOW, 9)
        for at in range(len(guesses))
    ]
    assert sum(map(bool, waiting)) == MOST_STRANGERS
    assert world.segments.frames(refused_under(STACK.mn), EIGHT, NOW, 9) == []


def _closed_anew(raw: bytes) -> bytes:
    """The same frame; its CRC does not matter where its MN can be read but not found."""
    return encode.frame(
        qn="20260801090000001", st="31", cn="2061", password="1",
        mn=raw.partition(b"MN=")[2].partition(b";")[0].decode(), flag=5,
        cp="DataTime=20260801080000;a21026-Avg=456.0,a21026-Flag=N",
    )  # fmt: skip


def test_a_segment_that_cannot_be_opened_any_more_is_counted_and_holds_up_nothing(
    device: EdgeDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = before(device)
    take(world, device.seal(hour_frame("440.0", start="20260801070000")))
    take(world, device.seal(hour_frame()))
    one = world.bundles.one

    def rotten(entry: Any) -> bytes:
        return b"rot" if entry.sequence == device.sequence - 2 else one(entry)

    monkeypatch.setattr(world.bundles, "one", rotten)
    assert [each.unreadable for each in registered(world)] == [0, 1]
    assert so2(world) == [("456.0", 1)]


def test_a_day_of_more_frames_than_one_call_opens_is_judged_to_its_end(
    device: EdgeDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = before(device)
    starts = ["20260801050000", "20260801060000", "20260801070000", "20260801080000"]
    for place, start in enumerate(starts):
        take(world, device.seal(hour_frame(start=start), at=EIGHT + place * timedelta(minutes=1)))
    monkeypatch.setattr("plume.usecases.judge_belated.MOST", 2)
    registered(world)
    kept = world.readings.of(STACK.id, Span.HOUR, EIGHT - 3 * HOUR, EIGHT + HOUR)
    assert len({one.start for one in kept}) == 4


def test_an_outlet_that_is_gone_again_or_was_never_refused_costs_one_question(
    device: EdgeDevice,
) -> None:
    world = before(device)
    assert registered(world) == [JudgedAgain()]
    assert judge_belated(belated(OutletId("nowhere"), ASKED), world=again(world)) == JudgedAgain()


def believe_all(self: UnsaidSince, batch: Sequence[Reading]) -> object:
    """A platform that takes every belated word for the newest."""
    return self._readings.add(batch)


def test_the_order_of_words_is_not_kept_by_chance(
    device: EdgeDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of what stands above."""
    monkeypatch.setattr(UnsaidSince, "add", believe_all)
    with pytest.raises(AssertionError):
        test_what_was_said_again_since_stays_the_newest_word(device)


CONTEXT = SimpleNamespace(
    function_name="judge_belated",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:judge_belated",
    aws_request_id="r",
)


def sqs(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": f"m{place}", "eventSource": "aws:sqs", "body": body}
            for place, body in enumerate(bodies)
        ]
    }


def test_the_function_tells_the_days_and_judges_them_and_comes_again_when_the_world_is_deaf(
    device: EdgeDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = before(device)
    take(world, device.seal(hour_frame()))
    world.registry.put_outlet(STACK)
    joined = again(world)
    ports = {one.name: partial(getattr, joined, one.name) for one in fields(joined)}
    ports["platform_key_pem"] = lambda: private_pem(PLATFORM)
    monkeypatch.setattr(judging, "wiring", SimpleNamespace(**ports))
    answer = judging.handler(sqs(belated_json(belated(STACK.id, ASKED)), "{"), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    (day,) = joined.belated.told  # type: ignore[attr-defined]

    def deaf(_: object) -> None:
        raise Unavailable("queue")

    with monkeypatch.context() as patch:
        patch.setattr(world.windows, "tell", deaf)
        answer = judging.handler(sqs(belated_json(day)), CONTEXT)
        assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert judging.handler(sqs(belated_json(day)), CONTEXT) == {"batchItemFailures": []}
    assert so2(world) == [("456.0", 1)]
    assert len(world.windows.told) == 1  # type: ignore[attr-defined]


def test_the_sample_event_names_an_outlet() -> None:
    event = json.loads((Path(judging.__file__).parent / "event.json").read_text("utf-8"))
    assert belated_of(event["Records"][0]["body"]).outlet == "bench-gas-1"
