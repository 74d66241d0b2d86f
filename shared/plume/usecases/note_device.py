"""Note what a device says of itself, and judge its clocks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from plume.errors import Refused
from plume.model.device_standing import EDGE, DeviceHeard, DeviceStanding
from plume.model.event import ClockOffset, GapFill, GapRecord, SourceHealth
from plume.model.finding import Finding
from plume.model.identity import OutletId, ThingName
from plume.model.outlet import Outlet
from plume.model.person import Scope
from plume.ports.device_standings import DeviceStandings
from plume.ports.notices import Findings
from plume.ports.registry import Registry
from plume.rules.clock import Clocks, judge_clock
from plume.wire.plain_json import plain_json

MOST_TEXT = 300
MOST_CODE = 8
MOST_FACTS_BYTES = 2_048


class DeviceNotes(Protocol):
    """The ports that notes need."""

    @property
    def registry(self) -> Registry:
        """What exists."""

    @property
    def standings(self) -> DeviceStandings:
        """How the devices stand."""

    @property
    def findings(self) -> Findings:
        """The queue in front of `raise_alarm`."""


def note_heard(thing: ThingName, heard: DeviceHeard, world: DeviceNotes) -> None:
    """Note that segments of the device arrived; when they close a measurement, judge the clocks.

    A segment that comes again within the same five minutes is counted again; the offset, which is
    the most that was seen, does not change by that.
    """
    standing = world.standings.note(thing, heard)
    lead, measured = standing.lead, standing.measured
    if lead and measured and lead.count == heard.count and measured.is_sure:
        note_clock(thing, measured.offset(), world)


def note_gap(thing: ThingName, gap: GapRecord, world: DeviceNotes) -> None:
    """Note what the device had to give up."""
    world.standings.note(thing, replace(gap, reason=gap.reason[:MOST_TEXT]))


def note_fill(thing: ThingName, fill: GapFill, world: DeviceNotes) -> None:
    """Note what was missing of an outlet's data, and how much of it has come since.

    Raises:
        Refused: it speaks of an outlet behind another device.
    """
    _own_outlet(thing, fill.outlet, world.registry)
    kept = replace(fill, cn=fill.cn[:MOST_CODE], detail=fill.detail[:MOST_TEXT])
    world.standings.note(thing, kept)


def note_health(thing: ThingName, health: SourceHealth, world: DeviceNotes) -> None:
    """Note how one source of the device is.

    Raises:
        Refused: it speaks of an outlet behind another device.
    """
    if health.outlet is not None:
        _own_outlet(thing, health.outlet, world.registry)
    facts = plain_json(health.facts, most=MOST_FACTS_BYTES)
    kept = replace(
        health, source=health.source[:MOST_TEXT], detail=health.detail[:MOST_TEXT], facts=facts
    )
    world.standings.note(thing, kept)


def note_clock(thing: ThingName, offset: ClockOffset, world: DeviceNotes) -> Sequence[Finding]:
    """Note a measured offset, judge the outlets it concerns, and tell the findings.

    A logger's clock is judged against the platform's: by way of the edge's, as last known. A new
    word on the edge's clock therefore concerns every outlet behind it whose logger was measured.
    A step that the edge tells of its own clock is noted alone: it is no measure of anything else.

    Raises:
        Refused: it speaks of an outlet behind another device.
    """
    outlets = _concerned(thing, offset, world.registry)
    before = _word_before(thing, offset, world.standings) if offset.jumped else None
    standing = world.standings.note(thing, offset)
    judged = [_judged(outlet, offset, before, standing) for outlet in outlets]
    findings = [finding for finding in judged if finding is not None]
    if findings:
        world.findings.tell(findings)
    return findings


def _word_before(
    thing: ThingName, offset: ClockOffset, standings: DeviceStandings
) -> ClockOffset | None:
    """Give the newest word on the same clock, told before this one was measured."""
    day_before = offset.at - timedelta(days=1)
    told = standings.clocks(thing, offset.subject, day_before, offset.at)
    return told[-1] if told else None


def _judged(
    outlet: Outlet, told: ClockOffset, before: ClockOffset | None, standing: DeviceStanding
) -> Finding | None:
    logger, edge = standing.clock_of(outlet.id), standing.clock_of(EDGE)
    if told.subject != EDGE:
        return judge_clock(outlet, told, Clocks(told, edge, before))
    return None if logger is None else judge_clock(outlet, told, Clocks(logger, told))


def _concerned(thing: ThingName, offset: ClockOffset, registry: Registry) -> Sequence[Outlet]:
    if offset.subject == offset.reference:
        return ()
    if offset.subject != EDGE:
        return (_own_outlet(thing, OutletId(offset.subject), registry),)
    device = registry.device(thing)
    if device is None:
        return ()
    near = registry.outlets(Scope(enterprises=(device.enterprise,)))
    return [outlet for outlet in near if outlet.thing == thing]


def _own_outlet(thing: ThingName, key: OutletId, registry: Registry) -> Outlet:
    outlet = registry.outlet(key)
    if outlet is None or outlet.thing != thing:
        raise Refused(f"it speaks of {key}, which is not behind it")
    return outlet
