"""What a device says of itself becomes its standing; its clocks become findings and alarms."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from plume.memory.commands import MemoryAudit, MemoryCommands
from plume.memory.device_standings import MemoryDeviceStandings
from plume.memory.media import MemoryMedia, MemoryMediaObjects
from plume.memory.world import MemoryAlarms, MemoryFindings, MemoryOperations
from plume.model.alarm import Condition
from plume.model.device import Device
from plume.model.device_standing import DeviceHeard
from plume.model.event import (
    ClockOffset,
    EdgeEvent,
    GapRecord,
    Loss,
    SourceHealth,
    SourceState,
)
from plume.model.identity import EnterpriseId, OutletId, ThingName
from plume.model.segment import CHAIN_START, Payload, Segment, SegmentHeader
from plume.usecases.heed_events import heed_events
from plume.usecases.note_device import note_heard
from plume.usecases.raise_alarm import raise_alarm
from plume.wire.events import event_fields
from tests import given

AT = datetime(2026, 11, 25, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
THING = given.STACK.thing


class World:
    def __init__(self) -> None:
        self.registry, self.findings = given.registry(), MemoryFindings()
        self.registry.put_device(Device(THING, "1", given.STACK.enterprise))
        self.operations, self.standings = MemoryOperations(), MemoryDeviceStandings()
        self.commands, self.audit = MemoryCommands(), MemoryAudit()
        self.media, self.media_objects = MemoryMedia(), MemoryMediaObjects()

    def heed(
        self, *events: EdgeEvent, sequence: int = 7, boot: str = "b", minutes: int = 0
    ) -> None:
        at = AT + minutes * MINUTE
        note_heard(THING, DeviceHeard(boot, sequence, at, at), self)
        header = SegmentHeader(THING, boot, sequence, CHAIN_START, at, at)
        told = tuple(event_fields(event) for event in events)
        heed_events([Segment(header, Payload(events=told), b"", b"")], self, now=at)

    @property
    def standing(self) -> object:
        return self.standings.of([THING])[THING]


def clock(seconds: int, *, minutes: int = 0, subject: str = given.STACK.id) -> ClockOffset:
    reference = "cloud" if subject == "edge" else "edge"
    at = AT + minutes * MINUTE
    return ClockOffset(at, subject, reference, timedelta(seconds=seconds), 20)


def health(state: SourceState, minutes: int = 0, **said: object) -> SourceHealth:
    told = SourceHealth(AT + minutes * MINUTE, "modbus-1", "modbus", state)
    return replace(told, **said)  # type: ignore[arg-type]  # builders are loose


GAP = GapRecord(AT, "telemetry", Loss.THINNED, AT - MINUTE, AT, 3_600, "disk full")


def test_facts_in_any_order_and_twice_give_one_standing() -> None:
    told = [clock(1), clock(2, minutes=1), health(SourceState.SILENT, 1), GAP]
    standings = []
    for order in permutations(told):
        world = World()
        for event in (*order, *order):
            world.heed(event)
        standings.append(world.standing)
    assert len(set(map(repr, standings))) == 1
    standing = standings[0]
    assert [one.offset.seconds for one in standing.clocks] == [2]
    assert [one.state for one in standing.sources] == [SourceState.SILENT]
    assert standing.gaps == (GAP,)


def test_offsets_are_kept_one_by_one() -> None:
    world = World()
    for minutes, seconds in ((2, 3), (0, 1), (1, 2), (1, 2)):
        world.heed(clock(seconds, minutes=minutes))
    found = world.standings.clocks(THING, given.STACK.id, AT, AT + 2 * MINUTE)
    assert [one.offset.seconds for one in found] == [1, 2]


def test_an_older_segment_is_no_news_and_starts_are_remembered() -> None:
    world = World()
    world.heed(sequence=9, boot="second", minutes=5)
    world.heed(sequence=8, boot="first", minutes=6)
    standing = world.standings.of([THING])[THING]
    assert standing.heard is not None
    assert (standing.heard.sequence, standing.heard.boot) == (9, "second")
    assert standing.heard.received_at == AT + 6 * MINUTE
    assert [boot.id for boot in standing.boots] == ["first", "second"]


@pytest.mark.parametrize(
    "event",
    [
        clock(500, subject="stack-of-another"),
        health(SourceState.OK, outlet=OutletId("stack-of-another")),
    ],
)
def test_a_word_on_another_devices_outlet_is_told_and_not_noted(event: EdgeEvent) -> None:
    world = World()
    far = replace(given.STACK, id=OutletId("stack-of-another"), mn="other", thing=ThingName("far"))
    world.registry.put_outlet(far)
    world.heed(event)
    standing = world.standings.of([THING])[THING]
    assert (standing.clocks, standing.sources, world.findings.told) == ((), (), [])
    assert world.operations.refusals[0][0] == THING


def test_facts_that_cannot_be_kept_are_replaced_by_a_note() -> None:
    world = World()
    world.heed(health(SourceState.FAILING, facts={"raw": b"\x00"}, detail="x" * 1_000))
    (source,) = world.standings.of([THING])[THING].sources
    assert list(source.facts or {}) == ["omitted"]
    assert len(source.detail) == 300


def test_a_clock_that_is_off_opens_an_alarm_and_one_put_right_clears_it() -> None:
    world, alarms = World(), MemoryAlarms()
    for minutes, seconds in ((0, 10), (1, 130), (2, 140), (3, 5)):
        world.heed(clock(seconds, minutes=minutes))
    for finding in (*world.findings.told, *world.findings.told):
        raise_alarm(finding, alarms=alarms, registry=world.registry, now=AT)
    (alarm,) = alarms.episodes("G-02", given.STACK.id, "")  # type: ignore[arg-type]  # of the whole outlet
    assert (alarm.type.value, alarm.condition, alarm.count) == ("CLOCK", Condition.CLEARED, 2)
    assert alarm.value == 140
    assert "快 140 秒" in alarm.sentence.zh


def test_a_clock_within_the_limit_opens_none() -> None:
    world, alarms = World(), MemoryAlarms()
    world.heed(clock(120))
    for finding in world.findings.told:
        raise_alarm(finding, alarms=alarms, registry=world.registry, now=AT)
    assert not alarms.episodes("G-02", given.STACK.id, "")  # type: ignore[arg-type]  # of the whole outlet


def test_the_edges_own_clock_concerns_every_logger_measured_against_it() -> None:
    world = World()
    world.registry.put_outlet(replace(given.DRAIN, enterprise=EnterpriseId("power")))
    world.heed(clock(100), clock(0, subject=given.DRAIN.id))
    world.findings.told.clear()
    world.heed(clock(40, subject="edge", minutes=1))
    judged = {finding.outlet: finding for finding in world.findings.told}
    assert judged[given.STACK.id].broken
    assert not judged[given.DRAIN.id].broken
    assert judged[given.STACK.id].value == 140


def test_a_step_that_the_edge_tells_of_its_own_clock_is_noted_and_accuses_no_logger() -> None:
    world = World()
    world.heed(clock(10))
    world.findings.told.clear()
    step = ClockOffset(AT + MINUTE, "edge", "edge", timedelta(hours=1), 1, jumped=True)
    world.heed(step)
    assert world.findings.told == []
    standing = world.standings.of([THING])[THING]
    assert step in standing.clocks
    assert standing.clock_of("edge") is None
    world.heed(clock(10, minutes=2))
    assert not world.findings.told[0].broken


def arrivals(world: World, *ahead: int, minutes: int = 0, count: int = 30) -> None:
    """Segments that lie so many seconds in front of their arrival, in one window."""
    for place, seconds in enumerate(ahead):
        at = AT + minutes * MINUTE + timedelta(seconds=20 * place)
        lead = timedelta(seconds=seconds)
        sequence = 10 + minutes * 100 + place
        note_heard(THING, DeviceHeard("b", sequence, at + lead, at, lead, lead, count), world)


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        ((-3, -1, -9), [-1]),  # in time
        ((300, 295), [300]),  # ahead: nothing arrives before it was made
        ((-200, -205, -208), [-200]),  # evenly behind: the clock is slow
        ((-7_200, -3_600, -60), []),  # catching up: the line was down
        ((-7_200, -3_600, -2), [-2]),  # caught up
    ],
)
def test_the_edges_clock_is_measured_by_when_its_segments_arrive(
    ahead: tuple[int, ...], told: list[int]
) -> None:
    world = World()
    arrivals(world, *ahead)
    assert world.standings.clocks(THING, "edge", AT, AT + 60 * MINUTE) == []
    arrivals(world, -2, minutes=5)
    found = world.standings.clocks(THING, "edge", AT, AT + 60 * MINUTE)
    assert [one.offset.total_seconds() for one in found] == told
    assert all(one.reference == "cloud" for one in found)


def test_a_right_logger_behind_a_wrong_edge_is_found_right() -> None:
    """The edge is 300 s ahead; the logger, which is right, therefore seems 300 s behind."""
    world, alarms = World(), MemoryAlarms()
    arrivals(world, 300)
    arrivals(world, 300, minutes=5)
    world.heed(clock(-300, minutes=6))
    (finding,) = world.findings.told
    assert not finding.broken
    raise_alarm(finding, alarms=alarms, registry=world.registry, now=AT)
    assert not alarms.episodes("G-02", given.STACK.id, "")  # type: ignore[arg-type]  # of the whole outlet


def test_a_clock_that_was_set_is_held_against_its_word_before() -> None:
    world = World()
    world.heed(clock(10))
    world.heed(replace(clock(75, minutes=1), jumped=True, samples=5))
    world.heed(clock(75, minutes=2))
    assert [(one.broken, one.subtype) for one in world.findings.told] == [
        (False, "offset"),
        (True, "jump"),
        (False, "offset"),
    ]
