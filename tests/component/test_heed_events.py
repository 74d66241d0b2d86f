"""Events of the edge reach whom they concern; a foreign or unreadable one is told, not obeyed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from plume.memory.certificates import MemoryCertificates
from plume.memory.commands import MemoryAudit, MemoryCommands
from plume.memory.device_standings import MemoryDeviceStandings
from plume.memory.media import MemoryMedia, MemoryMediaObjects
from plume.memory.world import (
    MemoryDeviceCommands,
    MemoryFindings,
    MemoryOperations,
    MemoryRegistry,
)
from plume.model.event import (
    EdgeFinding,
    GapFill,
    GapRecord,
    LawInForce,
    Loss,
    Receipt,
    ReceiptStage,
    SourceHealth,
    SourceState,
)
from plume.model.finding import AlarmType, Finding, RuleVersion, Sentence, Severity, Source
from plume.model.identity import FactorCode, OutletId, ThingName
from plume.model.segment import CHAIN_START, Payload, Segment, SegmentHeader
from plume.usecases.heed_events import heed_events
from plume.wire.events import event_fields
from tests import given, given_commands

AT = datetime(2026, 11, 25, 1, tzinfo=UTC)


class World:
    def __init__(self) -> None:
        self.registry, self.findings = MemoryRegistry(), MemoryFindings()
        self.operations = MemoryOperations()
        self.commands, self.audit = MemoryCommands(), MemoryAudit()
        self.standings = MemoryDeviceStandings()
        self.certificates = MemoryCertificates()
        self.media, self.media_objects = MemoryMedia(), MemoryMediaObjects()
        self.device_commands = MemoryDeviceCommands()


def segment(*events: dict[str, object], thing: str = "edge-1") -> Segment:
    header = SegmentHeader(ThingName(thing), "b", 7, CHAIN_START, AT, AT)
    return Segment(header, Payload(events=events), b"", b"")


def finding(outlet: str) -> Finding:
    return Finding(
        rule=RuleVersion("G-06", 1),
        outlet=OutletId(outlet),
        factor=FactorCode("a21026"),
        type=AlarmType.EXCEED,
        subtype="",
        severity=Severity.L3,
        start=AT - timedelta(hours=1),
        end=AT,
        broken=True,
        known_at=AT,
        value=Decimal("40.0"),
        limit=Decimal(35),
        unit="mg/m3",
        sentence=Sentence("超标", "above the limit"),
    )


def test_a_finding_made_on_site_goes_the_way_of_all_findings() -> None:
    world = World()
    outlet = given.STACK
    world.registry.put_outlet(outlet)
    found = finding(outlet.id)
    heed_events([segment(event_fields(EdgeFinding(AT, found)), thing=outlet.thing)], world, now=AT)
    assert world.findings.told == [replace(found, source=Source.EDGE)]


def test_a_finding_on_an_outlet_behind_another_device_is_refused() -> None:
    world = World()
    outlet = given.STACK
    world.registry.put_outlet(outlet)
    event = event_fields(EdgeFinding(AT, finding(outlet.id)))
    heed_events([segment(event, thing="edge-other")], world, now=AT)
    assert world.findings.told == []
    assert world.operations.refusals[0][0] == "edge-other"


def test_by_which_law_a_site_judges_is_noted_and_the_newer_one_is_due() -> None:
    world = World()
    world.registry.put_outlet(given.STACK)
    told = [event_fields(LawInForce(AT, OutletId(key), 4)) for key in (given.STACK.id, "nowhere")]
    heed_events([segment(*told, thing=given.STACK.thing)], world, now=AT)
    standing = world.standings.of([given.STACK.thing])[given.STACK.thing]
    assert standing.law_of(given.STACK.id).held == 4
    (due,) = world.device_commands.sent
    assert (due.kind.value, due.outlet, due.thing) == ("law", given.STACK.id, given.STACK.thing)
    assert len(world.operations.refusals) == 1


def test_what_a_device_gave_up_is_told_to_the_operators() -> None:
    world = World()
    gap = GapRecord(AT, "telemetry", Loss.THINNED, AT - timedelta(hours=1), AT, 3_600, "disk")
    heed_events([segment(event_fields(gap))], world, now=AT)
    assert world.operations.given_up == [("edge-1", gap)]


def test_a_receipt_of_a_look_through_a_camera_is_no_matter_for_the_operators() -> None:
    world = World()
    told = Receipt(AT, "live-stack-1-cam1-1", ReceiptStage.DONE)
    heed_events([segment(event_fields(told))], world, now=AT)
    assert world.operations.refusals == []


def test_an_event_that_cannot_be_read_does_not_hold_up_the_next() -> None:
    world = World()
    gap = GapRecord(AT, "telemetry", Loss.DROPPED, AT, AT, 1, "disk")
    assert heed_events([segment({"type": "weather"}, event_fields(gap))], world, now=AT) == 1
    assert len(world.operations.refusals) == len(world.operations.given_up) == 1


def test_a_receipt_moves_the_command_that_it_answers() -> None:
    world = World()
    world.commands.put(given_commands.sent(), expected=0)
    done = event_fields(Receipt(AT, given_commands.ID, ReceiptStage.DONE, "", {"time": "T"}))
    for _ in range(2):
        heed_events([segment(done, thing="edge-stack")], world, now=AT)
    record = world.commands.get(given_commands.ID)
    assert (record.state.value, len(record.receipts)) == ("done", 1)
    assert record.receipts[0].result == {"time": "T"}
    assert world.operations.refusals == []


def test_a_receipt_of_another_devices_command_is_told_and_moves_nothing() -> None:
    world = World()
    world.commands.put(given_commands.sent(), expected=0)
    done = event_fields(Receipt(AT, given_commands.ID, ReceiptStage.DONE))
    heed_events([segment(done, thing="edge-other")], world, now=AT)
    assert world.commands.get(given_commands.ID) == given_commands.sent()
    assert world.operations.refusals[0][0] == "edge-other"


OLD, NEW = "aa" * 32, "bb" * 32


def shown(certificate: str, state: SourceState = SourceState.OK) -> dict[str, object]:
    facts: dict[str, object] = {"certificateId": certificate}
    return event_fields(SourceHealth(AT, "certificate", "certificate", state, facts=facts))


def test_a_device_that_shows_a_new_certificate_loses_the_old_one_however_often_it_says_so() -> (
    None
):
    world = World()
    world.certificates.active[ThingName("edge-1")] = {OLD: True, NEW: True}
    for _ in range(2):
        heed_events([segment(shown(NEW))], world, now=AT)
    assert world.certificates.active[ThingName("edge-1")] == {OLD: False, NEW: True}
    assert world.operations.refusals == []


@pytest.mark.parametrize("named", ["cc" * 32, "", "../cert"])
def test_a_certificate_that_is_not_its_own_retires_nothing(named: str) -> None:
    world = World()
    world.certificates.active[ThingName("edge-1")] = {OLD: True}
    heed_events([segment(shown(named))], world, now=AT)
    assert world.certificates.active[ThingName("edge-1")] == {OLD: True}
    assert len(world.operations.refusals) == 1


def test_a_renewal_that_failed_retires_nothing() -> None:
    world = World()
    world.certificates.active[ThingName("edge-1")] = {OLD: True, NEW: True}
    heed_events([segment(shown(NEW, SourceState.FAILING))], world, now=AT)
    assert world.certificates.active[ThingName("edge-1")] == {OLD: True, NEW: True}


@pytest.mark.parametrize("thing", [given.STACK.thing, "edge-other"])
def test_what_was_filled_of_a_gap_is_noted_for_its_own_device_alone(thing: str) -> None:
    world = World()
    world.registry.put_outlet(given.STACK)
    first, last = AT - timedelta(hours=5), AT - timedelta(hours=4)
    told = GapFill(AT, given.STACK.id, "2061", first, last, 2, 1, closed=True, detail="x" * 400)
    for _ in range(2):
        heed_events([segment(event_fields(told), thing=thing)], world, now=AT)
    standing = world.standings.of([ThingName(thing)])
    if thing == given.STACK.thing:
        (kept,) = standing[ThingName(thing)].fills
        assert (kept.first_at, kept.missing, kept.filled, len(kept.detail)) == (first, 2, 1, 300)
    else:
        assert standing == {}
        assert "not behind it" in str(world.operations.refusals)
