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
