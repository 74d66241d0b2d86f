"""The ingest function, from the queue's event in to every effect and what it reports back."""

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from functions.ingest_segments import handler as ingest
from plume.errors import Unavailable
from plume.memory.certificates import MemoryCertificates
from plume.memory.commands import MemoryAudit, MemoryCommands
from plume.memory.device_standings import MemoryDeviceStandings
from plume.memory.media import MemoryMedia, MemoryMediaObjects
from plume.memory.world import (
    MemoryAlarms,
    MemoryBacklog,
    MemoryBundles,
    MemoryDeviceAcks,
    MemoryDeviceCommands,
    MemoryFindings,
    MemoryLatest,
    MemoryOperations,
    MemoryReadings,
    MemorySegments,
    MemoryWindows,
)
from plume.model.alarm import Condition
from plume.model.identity import OutletId, RegionCode, ThingName
from plume.model.person import Scope
from plume.model.reading import Origin, Reading, Span
from plume.model.segment import CHAIN_START, Acknowledgement, Arrival
from plume.model.telemetry import Columns, SeriesTable
from plume.ports.alarms import AlarmQuery
from plume.series import block
from plume.usecases.ingest_segments import IngestWorld, ingest_segments
from plume.usecases.raise_alarm import raise_alarm
from plume.wire import backlog
from tests.given import (
    DRAIN,
    EIGHT,
    HOUR,
    NOW,
    STACK,
    EdgeDevice,
    frame,
    hour_frame,
    private_pem,
    registry,
)

CONTEXT = SimpleNamespace(
    function_name="ingest_segments",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:ingest_segments",
    aws_request_id="r",
)
CITY = Scope(regions=(RegionCode("15"),))
PLATFORM = generate_private_key(SECP256R1())


def a_world(*devices: EdgeDevice) -> IngestWorld:
    known = registry()
    for device in devices:
        known.put_device(device.registered())
    return IngestWorld(
        registry=known, bundles=MemoryBundles(), segments=MemorySegments(),
        readings=MemoryReadings(), latest=MemoryLatest(),
        media=MemoryMedia(), media_objects=MemoryMediaObjects(), windows=MemoryWindows(),
        findings=MemoryFindings(), device_acks=MemoryDeviceAcks(),
        certificates=MemoryCertificates(), operations=MemoryOperations(),
        commands=MemoryCommands(), audit=MemoryAudit(),
        standings=MemoryDeviceStandings(), device_commands=MemoryDeviceCommands(),
        platform_key_pem=private_pem(PLATFORM),
    )  # fmt: skip


@pytest.fixture
def device() -> EdgeDevice:
    return EdgeDevice(PLATFORM)


@pytest.fixture
def world(device: EdgeDevice) -> IngestWorld:
    return a_world(device)


def take(world: IngestWorld, *arrivals: Arrival) -> list[int]:
    return [one.index for one in ingest_segments(arrivals, world=world, now=NOW).failures]


def told(world: IngestWorld) -> Acknowledgement:
    """Give what the device was told last."""
    return world.device_acks.told[-1][1]


def hours(world: IngestWorld) -> list[Reading]:
    return list(world.readings.of(STACK.id, Span.HOUR, EIGHT, EIGHT + HOUR))


def test_an_hour_frame_becomes_readings_and_our_own_conversion(
    device: EdgeDevice, world: IngestWorld
) -> None:
    assert take(world, device.seal(hour_frame("456.0"))) == []
    so2 = [one for one in hours(world) if one.factor == "a21026"]
    assert [one.source for one in so2] == [Origin.COMPUTED, Origin.REPORTED]
    assert str(so2[0].converted) == "547.200"  # 456 x 15 / 12.5
    assert str(so2[1].mean) == "456.0"
    assert so2[1].valid


def test_values_are_there_while_nobody_can_note_who_was_heard(
    device: EdgeDevice, world: IngestWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What devices say of themselves comes after what people wait for, and comes again."""

    def deaf(*_: object) -> None:
        raise Unavailable("devices table")

    arrival = device.seal(hour_frame("456.0"))
    with monkeypatch.context() as patch:
        patch.setattr(world.standings, "note", deaf)
        with pytest.raises(Unavailable):
            take(world, arrival)
    assert {str(one.mean) for one in hours(world) if one.factor == "a21026"} == {"456.0"}
    assert world.device_acks.told == []
    assert take(world, arrival) == []
    assert told(world).sequence == device.sequence - 1


def test_a_device_is_asked_for_once_in_a_batch(
    device: EdgeDevice, world: IngestWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    known = world.registry.device
    monkeypatch.setattr(
        world.registry, "device", lambda thing: asked.append(thing) or known(thing)
    )
    take(world, *(device.seal(hour_frame(value)) for value in ("1", "2", "3")))
    assert asked == [device.thing]


def test_a_reported_conversion_needs_none_of_ours(device: EdgeDevice, world: IngestWorld) -> None:
    data = "DataTime=20260801080000;a21026-Avg=25.0,a21026-ZsAvg=30.0,a21026-Flag=N;a19001-Avg=8.5"
    take(world, device.seal(frame("2061", data)))
    assert {one.source for one in hours(world)} == {Origin.REPORTED}


def test_newest_values_and_the_first_word_of_an_outlet_are_noted(
    device: EdgeDevice, world: IngestWorld
) -> None:
    real_time = frame("2011", "DataTime=20260801085930;a21026-Rtd=12.3,a21026-Flag=N")
    take(world, device.seal(real_time, hour_frame()))
    newest = {(one.factor, one.kind): one for one in world.latest.of(STACK.id)}
    assert str(newest["a21026", "rtd"].value) == "12.3"
    assert str(newest["a21026", "hour"].converted) == "547.200"
    assert world.registry.outlet(STACK.id).online_since == EIGHT + HOUR
    assert world.registry.outlet(DRAIN.id).online_since is None
    assert world.latest.heard([STACK.id, DRAIN.id]).keys() == {STACK.id}


@pytest.mark.parametrize("text", ["1_0", "１２", "1e3", "nan", "Infinity", "+1", ".5", "5.", ""])
def test_a_text_that_is_no_decimal_is_no_newest_value(
    device: EdgeDevice, world: IngestWorld, text: str
) -> None:
    said = f"DataTime=20260801085930;a21026-Rtd={text},a21026-ZsRtd={text},a21026-Flag=N"
    take(world, device.seal(frame("2011", said)))
    (newest,) = world.latest.of(STACK.id)
    assert (newest.value, newest.converted) == (None, None)


def points(subject: str, **values: list[float]) -> bytes:
    """Three seconds of process points before nine o'clock, the last of them flagged B."""
    times = round((EIGHT + HOUR).timestamp() * 1000) - 3000 + np.arange(3) * 1000
    flags = {code: np.array([78, 78, 66], np.uint8) for code in values}
    columns = {code: np.array(found) for code, found in values.items()}
    decimals = dict.fromkeys(values, 1)
    return block.encode(Columns(SeriesTable.PROCESS, subject, times, columns, flags, decimals))


def test_the_newest_points_of_a_source_without_frames_are_noted_and_wake_no_silent_outlet(
    device: EdgeDevice, world: IngestWorld
) -> None:
    sent = points(STACK.id, g10401=[36.5, 36.6, np.nan], g11101=[5.0, 5.1, 5.2])
    take(world, device.seal(blocks=(sent, points("unit-9", g10401=[1.0, 1.0, 1.0]))))
    newest = {one.factor: one for one in world.latest.of(STACK.id)}
    assert {code: (str(one.value), one.flag) for code, one in newest.items()} == {
        "g10401": ("None", "B"),
        "g11101": ("5.2", "B"),
    }
    assert newest["g11101"].at == EIGHT + HOUR - timedelta(seconds=1)
    assert world.latest.heard([STACK.id]) == {}


def test_points_of_an_outlet_behind_another_device_are_not_noted(
    device: EdgeDevice, world: IngestWorld
) -> None:
    world.registry.put_outlet(replace(STACK, thing=ThingName("edge-0099")))
    take(world, device.seal(blocks=(points(STACK.id, g10401=[1.0, 2.0, 3.0]),)))
    assert world.latest.of(STACK.id) == []


def test_the_touched_hour_is_told(device: EdgeDevice, world: IngestWorld) -> None:
    take(world, device.seal(hour_frame()))
    (window,) = world.windows.told
    assert (window.outlet, window.start, window.end) == (STACK.id, EIGHT, EIGHT + HOUR)


@pytest.mark.parametrize(
    "data_time", ["20260801092000", "20250701080000"], ids=["ahead", "a year old"]
)
def test_a_quarantined_frame_reaches_no_value(
    device: EdgeDevice, world: IngestWorld, data_time: str
) -> None:
    take(
        world,
        device.seal(
            hour_frame(start=data_time),
            frame("2011", f"DataTime={data_time};a21026-Rtd=1.0,a21026-Flag=N"),
        ),
    )
    assert world.latest.of(STACK.id) == []
    assert world.windows.told == []
    assert world.registry.outlet(STACK.id).online_since is None
    (entry,) = world.segments.frames(STACK.id, EIGHT, NOW, 10)
    assert entry.count == 2


def test_a_stranger_s_frame_is_kept_under_its_device(
    device: EdgeDevice, world: IngestWorld
) -> None:
    stranger = replace(STACK, mn="FFFFFFFFFFFFFFFFFFFFFFFF")
    bad = frame("2011", "DataTime=20260801085930;a21026-Rtd=1.0", outlet=stranger)
    assert take(world, device.seal(bad, b"##0010garbage", hour_frame())) == []
    (entry,) = world.segments.frames("device#edge-0001", EIGHT, NOW, 10)
    assert entry.count == 2
    assert len(hours(world)) == 3  # the good neighbour: SO2, its conversion, oxygen


def test_a_device_cannot_speak_for_an_outlet_behind_another(world: IngestWorld) -> None:
    other = EdgeDevice(PLATFORM, thing=ThingName("edge-0002"))
    world.registry.put_device(other.registered())
    assert take(world, other.seal(hour_frame())) == []
    assert hours(world) == []
    assert len(world.segments.frames("device#edge-0002", EIGHT, NOW, 10)) == 1


def forged(good: Arrival) -> Arrival:
    return replace(good, raw=good.raw[:-1] + bytes([good.raw[-1] ^ 1]))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: replace(good, raw=b"garbage"),
        lambda good: replace(good, raw=b""),
        lambda good: replace(good, thing="edge-0002"),
        forged,
    ],
    ids=["garbage", "nothing", "another's topic", "one bit of the signature"],
)
def test_a_bad_segment_fails_alone(
    device: EdgeDevice, world: IngestWorld, spoil: Callable[[Arrival], Arrival]
) -> None:
    good, bad = device.seal(hour_frame()), device.seal(hour_frame("1.0"))
    assert take(world, good, spoil(bad)) == [1]
    assert len(world.operations.refusals) == 1
    assert len(hours(world)) == 3


def test_a_segment_of_an_unknown_device_is_refused(world: IngestWorld) -> None:
    assert take(world, EdgeDevice(PLATFORM, thing=ThingName("edge-9")).seal(hour_frame())) == [0]
    assert world.bundles.objects == {}


def test_a_batch_is_one_bundle_and_every_segment_is_found_in_it(
    device: EdgeDevice, world: IngestWorld
) -> None:
    first, second = device.seal(hour_frame()), device.seal(b"##")
    take(world, first, second)
    assert len(world.bundles.objects) == 1
    entries = world.segments.after(ThingName("edge-0001"), 0, 10)
    assert [world.bundles.one(entry) for entry in entries] == [first.raw, second.raw]


def test_only_what_is_contiguous_is_acknowledged(device: EdgeDevice, world: IngestWorld) -> None:
    first, second, third = (device.seal(hour_frame()) for _ in range(3))
    take(world, third)
    above = device.sequence - 1
    assert told(world) == Acknowledgement(0, ((above, above),))
    take(world, first)
    assert told(world).sequence == device.sequence - 3
    take(world, second)
    assert told(world).sequence == device.sequence - 1
    assert world.operations.broken_chains == []


def test_new_segments_are_acknowledged_by_themselves_while_old_ones_are_still_to_come(
    device: EdgeDevice, world: IngestWorld
) -> None:
    chain = [device.seal() for _ in range(300)]
    first = device.sequence - 300
    take(world, chain[0], *chain[298:])
    assert told(world) == Acknowledgement(first, ((first + 298, first + 299),))
    take(world, *chain[10:20], chain[30], *chain[100:110])
    wanted = ((first + 10, first + 19), (first + 30, first + 30), (first + 100, first + 109))
    assert told(world) == Acknowledgement(first, wanted)
    take(world, *chain[1:298])
    assert told(world) == Acknowledgement(first + 299)
    assert world.operations.broken_chains == []


def test_a_forged_neighbour_is_found_among_old_and_new(
    device: EdgeDevice, world: IngestWorld
) -> None:
    chain = [device.seal() for _ in range(200)]
    device.previous = b"x" * 32
    take(world, *chain[:3], device.seal())
    take(world, chain[2], *chain[198:])
    assert len(world.operations.broken_chains) == 1


def test_a_chain_whose_mark_was_lost_is_walked_from_its_start(
    device: EdgeDevice, world: IngestWorld
) -> None:
    """The batch was stored, the function died before the mark moved, and others came first."""
    chain = [device.seal() for _ in range(40)]
    take(world, *chain[:20])
    world.segments._marks.clear()
    take(world, *chain[20:])
    assert told(world) == Acknowledgement(device.sequence - 1)


def test_the_end_of_the_index_is_looked_at_once_and_again_behind_a_hole(
    device: EdgeDevice, world: IngestWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    after = world.segments.after
    monkeypatch.setattr(
        world.segments,
        "after",
        lambda thing, sequence, most: asked.append(sequence) or after(thing, sequence, most),
    )
    first, hole, *rest = (device.seal(hour_frame(str(value))) for value in range(5))
    start = device.sequence - 5
    take(world, first)
    asked.clear()
    take(world, *rest)
    assert (told(world).sequence, told(world).above) == (start, ((start + 2, start + 4),))
    assert asked == [start]
    asked.clear()
    take(world, hole)
    assert (told(world).sequence, told(world).above) == (start + 4, ())
    assert asked == [start - 1, start]  # behind the hole lies more than the first look shows
    asked.clear()
    take(world, device.seal(hour_frame("6")))
    assert told(world).sequence == start + 5
    assert asked == [start + 3]


def test_a_repeated_segment_is_acknowledged_again(device: EdgeDevice, world: IngestWorld) -> None:
    segment = device.seal(hour_frame())
    take(world, segment)
    take(world, segment)
    assert [one.sequence for _, one in world.device_acks.told] == [device.sequence - 1] * 2


def test_a_new_chain_counts_from_its_start_and_is_reported(
    device: EdgeDevice, world: IngestWorld
) -> None:
    take(world, device.seal(hour_frame()))
    device.sequence, device.previous = device.sequence + 1_000_000, CHAIN_START
    take(world, device.seal(hour_frame()))
    assert told(world).sequence == device.sequence - 1
    assert len(world.operations.broken_chains) == 1


def test_a_segment_of_an_old_epoch_changes_nothing_when_it_is_played_again(
    device: EdgeDevice, world: IngestWorld
) -> None:
    old = device.seal(hour_frame("456.0"))
    take(world, old)
    device.sequence, device.previous = device.sequence + 1_000_000, CHAIN_START
    new = device.seal(hour_frame("456.0"), at=EIGHT + HOUR + timedelta(minutes=1))
    take(world, new)
    before, stored = told(world), hours(world)
    assert take(world, old) == []
    assert hours(world) == stored
    assert told(world) == before
    assert world.operations.clones == []


def test_a_chain_that_does_not_join_is_reported(device: EdgeDevice, world: IngestWorld) -> None:
    take(world, device.seal(hour_frame()))
    device.previous = bytes(31) + b"\1"
    take(world, device.seal(hour_frame()))
    ((_, found),) = world.operations.broken_chains
    assert found.sequence == device.sequence - 1


def test_two_contents_under_one_number_are_two_machines(
    device: EdgeDevice, world: IngestWorld
) -> None:
    """Accused are both outlets of the device's enterprise, and no outlet of another device."""
    world.registry.put_outlet(replace(STACK, id=OutletId("vent-1"), mn="V1"))
    world.registry.put_outlet(
        replace(STACK, id=OutletId("else-1"), mn="E1", thing=ThingName("edge-else"))
    )
    twin = replace(device)
    take(world, device.seal(hour_frame("456.0")))
    assert take(world, twin.seal(hour_frame("1.0"))) == []
    ((first, second),) = world.operations.clones
    assert first.digest != second.digest
    assert len(world.bundles.objects) == 2
    assert {str(one.mean) for one in hours(world) if one.factor == "a21026"} == {"456.0"}
    accused = {(one.rule.id, one.outlet, one.type.value) for one in world.findings.told}
    assert accused == {("B-01", STACK.id, "INCONSISTENT"), ("B-01", "vent-1", "INCONSISTENT")}


def test_a_clone_raises_one_alarm_per_outlet_however_often_it_speaks(
    device: EdgeDevice, world: IngestWorld
) -> None:
    twin, alarms = replace(device), MemoryAlarms()
    take(world, device.seal(hour_frame("456.0")))
    arrival = twin.seal(hour_frame("1.0"))
    take(world, arrival)
    take(world, arrival)
    for finding in world.findings.told:
        raise_alarm(finding, alarms=alarms, registry=world.registry, now=NOW)
    page = alarms.page(AlarmQuery(condition=Condition.ACTIVE), CITY, most=10)
    assert [(one.outlet, one.subtype) for one in page.items] == [(STACK.id, "cloned_device")]


def test_a_forked_chain_shows_a_second_machine_but_a_new_chain_does_not(
    device: EdgeDevice, world: IngestWorld
) -> None:
    """Both machines seal number 2 behind their own number 1; only one number 1 arrived."""
    twin = replace(device)
    twin.seal(hour_frame("1.0"))
    take(world, device.seal(hour_frame("456.0")))
    take(world, twin.seal(hour_frame("1.0")))
    assert len(world.operations.broken_chains) == 1
    assert "B-01" in {one.rule.id for one in world.findings.told}
    world.findings.told.clear()
    fresh = replace(device, sequence=int(NOW.timestamp() * 1000), previous=CHAIN_START)
    take(world, fresh.seal(hour_frame("456.0")))
    assert len(world.operations.broken_chains) == 2
    assert "B-01" not in {one.rule.id for one in world.findings.told}


def test_a_second_value_for_an_hour_is_kept_and_reported(
    device: EdgeDevice, world: IngestWorld
) -> None:
    take(world, device.seal(hour_frame("456.0")))
    take(world, device.seal(hour_frame("30.0"), at=EIGHT + HOUR + timedelta(minutes=5)))
    (finding,) = world.findings.told
    assert (finding.rule.id, finding.type) == ("G-12", "INCONSISTENT")
    assert finding.sentence.zh == (
        "1 号机组 二氧化硫 2026-08-01 08:00 小时值先报 456.0，后报 30.0"
    )
    reported = [r for r in hours(world) if (r.factor, r.source) == ("a21026", Origin.REPORTED)]
    assert [(one.version, str(one.mean)) for one in reported] == [(2, "30.0")]


def test_a_value_sent_again_with_the_re_send_mark_is_no_rewriting(
    device: EdgeDevice, world: IngestWorld
) -> None:
    take(world, device.seal(hour_frame("456.0")))
    data = "DataTime=20260801080000;a21026-Avg=455.0,a21026-Flag=N;a19001-Avg=8.5,a19001-Flag=N"
    take(world, device.seal(frame("2061", data, resent=True)))
    assert world.findings.told == []


# Every boundary between two effects: a crash before or after the n-th call, then redelivery.


class Crash(Exception):
    """The sandbox is gone."""


@dataclass
class Countdown:
    calls: int
    after: bool
    left: int = 0


EFFECTS = {
    "put", "add", "add_frames", "acknowledge", "tell", "hear", "mark_online", "cloned",
    "broken_chain", "refused",
}  # fmt: skip


class CrashingPort:
    """A port of the memory world whose n-th effect, counted over all ports, crashes."""

    def __init__(self, port: object, countdown: Countdown) -> None:
        self._port, self._countdown = port, countdown

    def __getattr__(self, name: str) -> object:
        method = getattr(self._port, name)
        return self._counted(method) if name in EFFECTS else method

    def _counted(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: object, **named: object) -> object:
            self._countdown.left += 1
            due = self._countdown.left == self._countdown.calls
            if due and not self._countdown.after:
                raise Crash
            answer = method(*args, **named)
            if due:
                raise Crash
            return answer

        return counted


def crashing(world: IngestWorld, countdown: Countdown) -> IngestWorld:
    ports = {one.name: getattr(world, one.name) for one in fields(world)}
    key = ports.pop("platform_key_pem")
    wrapped = {name: CrashingPort(port, countdown) for name, port in ports.items()}
    return IngestWorld(**wrapped, platform_key_pem=key)


def state(world: IngestWorld) -> tuple[object, ...]:
    """Everything that lasts, and what was told as sets: telling twice is allowed."""
    return (
        world.bundles.objects,
        world.segments.after(ThingName("edge-0001"), 0, 99),
        world.segments.frames(STACK.id, EIGHT, NOW, 99),
        world.segments.acknowledged(ThingName("edge-0001")),
        [world.readings.of(STACK.id, span, EIGHT - HOUR, NOW) for span in Span],
        world.latest.of(STACK.id),
        world.latest.heard([STACK.id]),
        world.registry.outlet(STACK.id),
        {repr(window) for window in world.windows.told},
        {repr(finding) for finding in world.findings.told},
        {repr(mark) for mark in world.device_acks.told[-1:]},
        {repr(clone) for clone in world.operations.clones},
        {repr(chain) for chain in world.operations.broken_chains},
    )


def batches(device: EdgeDevice) -> list[list[Arrival]]:
    twin = replace(device)
    real_time = frame("2011", "DataTime=20260801085930;a21026-Rtd=12.3,a21026-Flag=N")
    first = [device.seal(real_time, hour_frame("456.0")), device.seal(b"##0010garbage")]
    rewriting = device.seal(hour_frame("30.0"), at=EIGHT + HOUR + timedelta(minutes=5))
    twin.seal()
    clone = twin.seal(hour_frame("1.0"))
    device.previous = bytes(31) + b"\1"
    return [first, [rewriting, clone], [device.seal(hour_frame("30.0"))]]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_every_boundary_leaves_the_same_state(after: bool) -> None:  # noqa: FBT001
    device = EdgeDevice(PLATFORM)
    told = batches(device)
    clean, count = a_world(device), Countdown(0, after=False)
    for batch in told:
        ingest_segments(batch, world=crashing(clean, count), now=NOW)
    assert count.left > 20
    for calls in range(1, count.left + 1):
        world, countdown = a_world(device), Countdown(calls, after=after)
        for batch in told:
            deliver_until_done(batch, world, countdown)
        assert state(world) == state(clean), f"crash at effect {calls} of {count.left}"


def deliver_until_done(batch: list[Arrival], world: IngestWorld, countdown: Countdown) -> None:
    try:
        ingest_segments(batch, world=crashing(world, countdown), now=NOW)
    except Crash:
        ingest_segments(batch, world=world, now=NOW)


# The handler around it.


def sqs(*arrivals: Arrival) -> dict[str, Any]:
    bodies = [
        json.dumps(
            {
                "body": b64encode(arrival.raw).decode(),
                "thing": arrival.thing,
                "ts": int(arrival.received_at.timestamp() * 1000),
            }
        )
        for arrival in arrivals
    ]
    return records(*bodies)


def records(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": f"m{place}", "eventSource": "aws:sqs", "body": body}
            for place, body in enumerate(bodies)
        ]
    }


def failed(answer: dict[str, Any]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


@pytest.fixture
def wired(world: IngestWorld, monkeypatch: pytest.MonkeyPatch) -> IngestWorld:
    ports = {one.name: partial(getattr, world, one.name) for one in fields(world)}
    waiting = MemoryBacklog()
    monkeypatch.setattr(
        ingest, "wiring", SimpleNamespace(**ports, backlog=lambda: waiting, waiting=waiting)
    )
    return world


def bucket(*keys: str) -> str:
    """What S3 tells of new objects; keys come encoded as in a form."""
    told = [
        {
            "eventTime": "2026-08-01T01:00:01.000Z",
            "s3": {"bucket": {"name": "b"}, "object": {"key": quote_plus(key), "size": 1}},
        }
        for key in keys
    ]
    return json.dumps({"Records": told})


def puts(key: str, content: bytes) -> str:
    ingest.wiring.waiting.objects[key] = content
    return key


def test_an_object_of_the_backlog_is_taken_like_its_segments_and_messages_beside_it(
    device: EdgeDevice, wired: IngestWorld
) -> None:
    chain = [device.seal(hour_frame()), *(device.seal(b"##%d" % n) for n in range(20))]
    live = device.seal(b"##live")
    key = puts("backlog/edge-0001/a b+1.plume", backlog.write([one.raw for one in chain]))
    event = records(bucket(key), json.loads(json.dumps(sqs(live)["Records"][0]["body"])))
    for _ in range(2):
        assert failed(ingest.handler(event, CONTEXT)) == []
    assert told(wired) == Acknowledgement(device.sequence - 1)
    assert len(hours(wired)) == 3
    assert wired.operations.refusals == []


def test_an_object_is_acknowledged_slice_by_slice_whatever_ends_the_call(
    device: EdgeDevice, wired: IngestWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = [device.seal(b"##%d" % n) for n in range(120)]
    key = puts("backlog/edge-0001/1.plume", backlog.write([one.raw for one in chain]))
    put, calls = wired.bundles.put, []

    def deaf_at_last(arrivals: Sequence[Arrival]) -> str:
        calls.append(len(arrivals))
        if len(calls) == 3:
            raise Unavailable("bucket")
        return put(arrivals)

    with monkeypatch.context() as patched:
        patched.setattr(wired.bundles, "put", deaf_at_last)
        assert failed(ingest.handler(records(bucket(key)), CONTEXT)) == ["m0"]
    first = device.sequence - 120
    assert calls == [50, 50, 20]
    assert told(wired) == Acknowledgement(first + 99)
    assert failed(ingest.handler(records(bucket(key)), CONTEXT)) == []
    assert told(wired) == Acknowledgement(first + 119)


@pytest.mark.parametrize(
    "poison",
    [
        "hello",
        "[" * 100_000,
        "{}",
        '{"body":"AAAA","thing":"x","ts":"soon"}',
        '{"body":"AAAA","thing":"x","ts":1e308}',
        '{"body":"!","thing":"x","ts":1}',
        '{"body":"AAAA","thing":"x","ts":1}',
        "null",
        "[1]",
        '"text"',
    ],
)
def test_a_poisoned_message_comes_back_alone(
    device: EdgeDevice, wired: IngestWorld, poison: str
) -> None:
    good = sqs(device.seal(hour_frame()))["Records"][0]["body"]
    assert failed(ingest.handler(records(poison, good, poison), CONTEXT)) == ["m0", "m2"]
    assert len(hours(wired)) == 3


def test_a_bucket_that_says_hello_is_no_message(wired: IngestWorld) -> None:
    hello = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"})
    assert failed(ingest.handler(records(hello), CONTEXT)) == []


HOSTILE = {
    "a gigabyte claimed": b"PLUMEBL1" + (1 << 30).to_bytes(4, "big") + b"x",
    "all that four bytes can claim": b"PLUMEBL1" + b"\xff" * 4,
    "another format": b"not ours",
    "empty": b"",
    "too large": b"PLUMEBL1" + bytes(backlog.MOST_BYTES),
}


@pytest.mark.parametrize("said", list(HOSTILE))
def test_a_hostile_object_is_refused_and_told_and_hurts_nobody_beside_it(
    said: str, device: EdgeDevice, wired: IngestWorld
) -> None:
    key = puts("backlog/edge-0001/1.plume", HOSTILE[said])
    event = records(bucket(key), sqs(device.seal(hour_frame()))["Records"][0]["body"])
    assert failed(ingest.handler(event, CONTEXT)) == ["m0"]
    ((thing, reason),) = wired.operations.refusals
    assert thing == "edge-0001"
    assert key in reason
    assert len(hours(wired)) == 3


def test_an_object_that_is_cut_short_anywhere_gives_nothing(
    device: EdgeDevice, wired: IngestWorld
) -> None:
    whole = backlog.write([device.seal(b"##1").raw])
    for length in (1, 7, 9, 12, 13, len(whole) - 1):
        key = puts(f"backlog/edge-0001/{length}.plume", whole[:length])
        assert failed(ingest.handler(records(bucket(key)), CONTEXT)) == ["m0"]
    assert wired.segments.after(ThingName("edge-0001"), -1, 9) == []


def test_segments_under_the_prefix_of_another_thing_are_refused(
    device: EdgeDevice, wired: IngestWorld
) -> None:
    key = puts("backlog/edge-0002/1.plume", backlog.write([device.seal(hour_frame()).raw]))
    assert failed(ingest.handler(records(bucket(key)), CONTEXT)) == ["m0"]
    assert [thing for thing, _ in wired.operations.refusals] == ["edge-0002"]
    assert hours(wired) == []


@pytest.mark.parametrize("key", ["bundles/x", "backlog/x", "backlog//x", "backlog/a/b/c", ""])
def test_a_key_that_is_none_of_the_backlog_is_refused(key: str, wired: IngestWorld) -> None:
    assert failed(ingest.handler(records(bucket(key)), CONTEXT)) == ["m0"]
    assert len(wired.operations.refusals) == 1


def test_one_bad_segment_does_not_keep_the_others_of_its_object(
    device: EdgeDevice, wired: IngestWorld
) -> None:
    good, bad = device.seal(hour_frame()), device.seal(hour_frame("500.0"))
    flipped = bad.raw[:-1] + bytes([bad.raw[-1] ^ 1])
    key = puts("backlog/edge-0001/1.plume", backlog.write([flipped, good.raw]))
    assert failed(ingest.handler(records(bucket(key)), CONTEXT)) == ["m0"]
    assert len(hours(wired)) == 3
    assert told(wired) == Acknowledgement(device.sequence - 2)


def test_an_object_that_is_not_there_is_refused(wired: IngestWorld) -> None:
    assert failed(ingest.handler(records(bucket("backlog/edge-0001/no")), CONTEXT)) == ["m0"]
    assert failed(ingest.handler(records('{"Records": [{"s3": 7}]}'), CONTEXT)) == ["m0"]


def test_the_handler_reports_only_the_poisoned_messages(
    device: EdgeDevice, wired: IngestWorld
) -> None:
    event = sqs(device.seal(hour_frame()), replace(device.seal(), raw=b"poison"))
    event["Records"].append(records("no json")["Records"][0] | {"messageId": "m2"})
    assert sorted(failed(ingest.handler(event, CONTEXT))) == ["m1", "m2"]
    assert len(hours(wired)) == 3


def test_when_the_world_is_deaf_everything_comes_back_and_passes_later(
    device: EdgeDevice, wired: IngestWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = sqs(device.seal(hour_frame()), device.seal(b"##"))

    def deaf(_: object) -> str:
        raise Unavailable("bucket")

    with monkeypatch.context() as patch:
        patch.setattr(wired.bundles, "put", deaf)
        assert sorted(failed(ingest.handler(event, CONTEXT))) == ["m0", "m1"]
    assert failed(ingest.handler(event, CONTEXT)) == []
    assert told(wired).sequence == device.sequence - 1


def test_a_message_that_trips_over_a_defect_does_not_take_its_neighbours_along(
    device: EdgeDevice, wired: IngestWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = wired.readings.add

    def defective(batch: Sequence[Reading]) -> object:
        if any(str(one.mean) == "13.0" for one in batch):
            raise ZeroDivisionError
        return add(batch)

    monkeypatch.setattr(wired.readings, "add", defective)
    event = sqs(device.seal(hour_frame()), device.seal(hour_frame("13.0")))
    assert failed(ingest.handler(event, CONTEXT)) == ["m1"]
    assert {str(one.mean) for one in hours(wired)} == {"456.0", "8.5"}


def test_the_sample_event_is_a_segment_message() -> None:
    event = json.loads((Path(ingest.__file__).parent / "event.json").read_text("utf-8"))
    (record,) = ingest.SQSEvent(event).records
    assert ingest.arrival_of(record).thing == "edge-0001"
