"""Heed what the edge devices say beside frames and points: each event goes to whom it concerns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from plume.errors import Refused
from plume.model.event import EdgeEvent, EdgeFinding, GapRecord, MediaManifest, SourceHealth
from plume.model.finding import Source
from plume.model.identity import ThingName
from plume.model.segment import Segment
from plume.ports.media import MediaIndex, MediaObjects
from plume.ports.notices import Findings, Operations
from plume.ports.registry import Registry
from plume.usecases.keep_media import keep_camera_health, keep_media
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
    def media(self) -> MediaIndex:
        """What was recorded."""

    @property
    def media_objects(self) -> MediaObjects:
        """The objects of what was recorded."""


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """One event and the segment, (thing, sequence), that it came in."""

    thing: ThingName
    sequence: int
    event: EdgeEvent


def heed_events(segments: Sequence[Segment], world: EventWorld) -> int:
    """Hand each event of the segments on; give how many there were.

    Called again for a segment that comes again: every handler takes a repetition. An event that
    cannot be read is told to the operators and stays in its segment as evidence.
    """
    told = [one for segment in segments for one in _told(segment, world.operations)]
    for one in told:
        handler = _HANDLERS.get(type(one.event))
        if handler is not None:
            handler(one, world)
    return len(told)


def _told(segment: Segment, operations: Operations) -> list[ToldEvent]:
    header, told = segment.header, []
    for fields in segment.payload.events:
        try:
            told.append(ToldEvent(header.thing, header.sequence, event_of(fields)))
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


def _media(told: ToldEvent, world: EventWorld) -> None:
    event = told.event
    assert isinstance(event, MediaManifest)  # noqa: S101, by the table of handlers
    keep_media(event, told.thing, told.sequence, world)


def _health(told: ToldEvent, world: EventWorld) -> None:
    event = told.event
    assert isinstance(event, SourceHealth)  # noqa: S101, by the table of handlers
    if event.kind == "camera":
        keep_camera_health(event, told.thing, world)


_HANDLERS: dict[type, Callable[[ToldEvent, Any], None]] = {
    EdgeFinding: _finding,
    GapRecord: _gap,
    MediaManifest: _media,
    SourceHealth: _health,
}
