"""Heed what the edge devices say beside frames and points: each event goes to whom it concerns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from plume.errors import Refused
from plume.model.command import UNRECORDED
from plume.model.event import (
    ClockOffset,
    EdgeEvent,
    EdgeFinding,
    GapFill,
    GapRecord,
    LawInForce,
    MediaManifest,
    Receipt,
    SourceHealth,
)
from plume.model.finding import Source
from plume.model.identity import ThingName
from plume.model.segment import Segment
from plume.ports.audit import Audit
from plume.ports.certificates import DeviceCertificates
from plume.ports.commands import Commands
from plume.ports.device_standings import DeviceStandings
from plume.ports.media import MediaIndex, MediaObjects
from plume.ports.notices import DeviceCommands, Findings, Operations
from plume.ports.registry import Registry
from plume.usecases.keep_media import keep_camera_health, keep_media
from plume.usecases.note_device import note_clock, note_fill, note_gap, note_health
from plume.usecases.retire_certificates import retire_certificates
from plume.usecases.take_receipt import take_receipt
from plume.usecases.tell_law import note_law
from plume.wire.events import event_of


class EventWorld(Protocol):
    """The ports that events need."""

    @property
    def registry(self) -> Registry:
        """What exists."""

    @property
    def findings(self) -> Findings:
        """The queue in front of `raise_alarm`."""

    @property
    def operations(self) -> Operations:
        """What the operators must know."""

    @property
    def commands(self) -> Commands:
        """What people asked of devices."""

    @property
    def device_commands(self) -> DeviceCommands:
        """The queue in front of the devices."""

    @property
    def standings(self) -> DeviceStandings:
        """How the devices stand."""

    @property
    def audit(self) -> Audit:
        """Who did what."""

    @property
    def certificates(self) -> DeviceCertificates:
        """Which certificates a thing may show."""

    @property
    def media(self) -> MediaIndex:
        """What was recorded."""

    @property
    def media_objects(self) -> MediaObjects:
        """The objects of what was recorded."""


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """One event, the segment, (thing, sequence), that it came in, and when it was heeded."""

    thing: ThingName
    sequence: int
    event: EdgeEvent
    heeded_at: datetime


def heed_events(segments: Sequence[Segment], world: EventWorld, *, now: datetime) -> int:
    """Hand each event of the segments on; give how many there were.

    Called again for a segment that comes again: every handler takes a repetition. An event that
    cannot be read is told to the operators and stays in its segment as evidence.
    """
    told = [one for segment in segments for one in _told(segment, world.operations, now)]
    for one in told:
        handler = _HANDLERS.get(type(one.event))
        if handler is not None:
            _hand(one, handler, world)
    return len(told)


def _hand(told: ToldEvent, handler: "Handler", world: EventWorld) -> None:
    """Hand one event on; what is at fault in it is told to the operators and stays evidence."""
    try:
        handler(told, world)
    except Refused as fault:
        world.operations.refused(told.thing, fault.message)


def _told(segment: Segment, operations: Operations, now: datetime) -> list[ToldEvent]:
    header, told = segment.header, []
    for fields in segment.payload.events:
        try:
            told.append(ToldEvent(header.thing, header.sequence, event_of(fields), now))
        except Refused as fault:
            operations.refused(header.thing, f"event in {header.sequence}: {fault.message}")
    return told


def _finding(told: ToldEvent, world: EventWorld) -> None:
    """Take a finding made on site, if its outlet stands behind this device."""
    event = told.event
    assert isinstance(event, EdgeFinding)  # noqa: S101, by the table of handlers
    outlet = world.registry.outlet(event.finding.outlet)
    if outlet is None or outlet.thing != told.thing:
        world.operations.refused(told.thing, f"a finding on {event.finding.outlet}")
        return
    world.findings.tell([replace(event.finding, source=Source.EDGE)])


def _gap(told: ToldEvent, world: EventWorld) -> None:
    event = told.event
    assert isinstance(event, GapRecord)  # noqa: S101, by the table of handlers
    world.operations.gave_up(told.thing, event)
    note_gap(told.thing, event, world)


def _fill(told: ToldEvent, world: EventWorld) -> None:
    event = told.event
    assert isinstance(event, GapFill)  # noqa: S101, by the table of handlers
    note_fill(told.thing, event, world)


def _clock(told: ToldEvent, world: EventWorld) -> None:
    event = told.event
    assert isinstance(event, ClockOffset)  # noqa: S101, by the table of handlers
    note_clock(told.thing, event, world)


def _receipt(told: ToldEvent, world: EventWorld) -> None:
    event = told.event
    assert isinstance(event, Receipt)  # noqa: S101, by the table of handlers
    if event.command.startswith(UNRECORDED):
        return  # It is on no record: what is seen or filmed speaks for itself.
    take_receipt(told.thing, event, commands=world.commands, audit=world.audit, now=told.heeded_at)


def _media(told: ToldEvent, world: EventWorld) -> None:
    event = told.event
    assert isinstance(event, MediaManifest)  # noqa: S101, by the table of handlers
    keep_media(event, told.thing, told.sequence, world)


def _health(told: ToldEvent, world: EventWorld) -> None:
    event = told.event
    assert isinstance(event, SourceHealth)  # noqa: S101, by the table of handlers
    note_health(told.thing, event, world)
    if event.kind == "camera":
        keep_camera_health(event, told.thing, world)
    if event.kind == "certificate":
        retire_certificates(told.thing, event, world)


def _law(told: ToldEvent, world: EventWorld) -> None:
    event = told.event
    assert isinstance(event, LawInForce)  # noqa: S101, by the table of handlers
    note_law(told.thing, event, world, now=told.heeded_at)


Handler = Callable[[ToldEvent, Any], None]

_HANDLERS: dict[type, Handler] = {
    EdgeFinding: _finding,
    GapRecord: _gap,
    GapFill: _fill,
    Receipt: _receipt,
    ClockOffset: _clock,
    MediaManifest: _media,
    SourceHealth: _health,
    LawInForce: _law,
}
