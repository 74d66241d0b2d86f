"""Store the values of accepted frames, then tell which windows they touched."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from plume.model.finding import Finding
from plume.model.identity import OutletId
from plume.model.outlet import Outlet
from plume.model.pollutant import name_of
from plume.model.reading import Origin, Reading
from plume.model.window import Cause, WindowTouched
from plume.ports.latest import Heard, Latest, later
from plume.ports.notices import Findings, Windows
from plume.ports.readings import Readings, Rewritten
from plume.ports.registry import Registry
from plume.rules.rewriting import rewriting_of
from plume.usecases.judge_frames import HeardFrame
from plume.usecases.values_of import Values, values_of

Identity = tuple[str, int]
"""(thing, sequence) of a segment."""


class ValueWorld(Protocol):
    """The ports that values need."""

    @property
    def registry(self) -> Registry:
        """What exists."""

    @property
    def readings(self) -> Readings:
        """Official values."""

    @property
    def latest(self) -> Latest:
        """Newest values."""

    @property
    def windows(self) -> Windows:
        """The queue in front of `judge_window`."""

    @property
    def findings(self) -> Findings:
        """The queue in front of `raise_alarm`."""


def store_values(
    frames: Sequence[HeardFrame], *, again: frozenset[Identity], world: ValueWorld
) -> int:
    """Store readings and newest values of the accepted frames and tell what they touched.

    Args:
        frames: judged frames of a batch; those not accepted are left out.
        again: segments that were indexed before this delivery. Their readings may lie in the
            store already although nobody was told, so their rewritings are looked up there.
        world: the ports.

    Returns:
        How many readings the frames say, reported and computed.
    """
    values = [found for frame in frames if (found := values_of(frame))]
    readings = [reading for one in values for reading in one.readings]
    rewritten = world.readings.add(readings) if readings else ()
    _note(values, world)
    windows = touched(readings)
    if windows:
        world.windows.tell(windows)
    findings = _rewritings(values, rewritten, again, world)
    if findings:
        world.findings.tell(findings)
    return len(readings)


def touched(readings: Sequence[Reading]) -> list[WindowTouched]:
    """Join the intervals of readings into windows, apart where a stretch was not touched."""
    stretches = sorted({(r.outlet, r.start, r.start + r.span.length) for r in readings})
    joined: list[tuple[OutletId, datetime, datetime]] = []
    for outlet, start, end in stretches:
        if joined and joined[-1][0] == outlet and start <= joined[-1][2]:
            joined[-1] = (outlet, joined[-1][1], max(end, joined[-1][2]))
        else:
            joined.append((outlet, start, end))
    return [WindowTouched(outlet, start, end, Cause.READINGS) for outlet, start, end in joined]


def _note(values: Sequence[Values], world: ValueWorld) -> None:
    """Keep the newest values, and that the outlets were heard."""
    newest = [value for one in values for value in one.latest]
    if newest:
        world.latest.put(newest)
    heard: dict[OutletId, Heard] = {}
    for one in values:
        if one.heard is not None:
            heard[one.outlet.id] = later(heard.get(one.outlet.id), one.heard)
    for outlet in {one.outlet.id: one.outlet for one in values if one.heard}.values():
        if outlet.online_since is None:
            world.registry.mark_online(outlet.id, heard[outlet.id].received_at)
        world.latest.hear(heard[outlet.id])


def _rewritings(
    values: Sequence[Values],
    rewritten: Sequence[Rewritten],
    again: frozenset[Identity],
    world: ValueWorld,
) -> list[Finding]:
    """Report what outlets rewrote without the re-send mark of HJ 212-2025 (RF)."""
    resent = {reading for one in values if one.resent for reading in _slots(one.reported)}
    before = {_slot(found.after): found for found in rewritten}
    for one in values:
        for reading in one.reported:
            if (reading.thing, reading.sequence) in again and _slot(reading) not in before:
                before |= {_slot(f.after): f for f in _stored_rewriting(reading, world.readings)}
    outlets = {one.outlet.id: one.outlet for one in values}
    return [
        _finding(found, outlets[found.after.outlet])
        for slot, found in before.items()
        if slot not in resent and found.after.source is Origin.REPORTED
    ]


def _stored_rewriting(reading: Reading, readings: Readings) -> list[Rewritten]:
    """Give what this reading rewrote when it was stored, if it is still the newest version."""
    until = reading.start + timedelta(microseconds=1)
    stored = _same(readings.of(reading.outlet, reading.span, reading.start, until), reading)
    if stored is None or stored.version == 1 or stored.sequence != reading.sequence:
        return []
    earlier = stored.known_at - timedelta(microseconds=1)
    former = _same(
        readings.of(reading.outlet, reading.span, reading.start, until, as_known_at=earlier),
        reading,
    )
    return [Rewritten(former, stored)] if former else []


def _same(found: Sequence[Reading], reading: Reading) -> Reading | None:
    slot = _slot(reading)
    return next((one for one in found if _slot(one) == slot), None)


def _slots(readings: Sequence[Reading]) -> list[tuple[object, ...]]:
    return [_slot(reading) for reading in readings]


def _slot(reading: Reading) -> tuple[object, ...]:
    return (reading.outlet, reading.factor, reading.span, reading.start, reading.source)


def _finding(found: Rewritten, outlet: Outlet) -> Finding:
    factor = name_of(found.after.factor)
    return rewriting_of(found.before, found.after, outlet=outlet.name, factor=factor)
