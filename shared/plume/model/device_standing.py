"""How an edge device stands: what it last said of itself, its clocks, its sources and its gaps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from plume.model.event import ClockOffset, GapRecord, SourceHealth
from plume.model.identity import ThingName

Each = TypeVar("Each")

MOST_BOOTS = 10
MOST_GAPS = 20
MOST_CLOCKS = 100
MOST_SOURCES = 100
"""What a standing remembers: the newest of each; all of it stays in the segments as evidence."""


@dataclass(frozen=True, slots=True)
class Boot:
    """One start of the device (启动); `first_at` is when its first segment arrived."""

    id: str
    first_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceHeard:
    """A segment of the device arrived (收到数据段); `last_at` is the newest receive time in it."""

    boot: str
    sequence: int
    last_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceStanding:
    """The newest word of a device on everything (设备状态).

    `clocks` hold the newest offset per subject, `sources` the newest health per source, `gaps`
    the newest records of what was given up, `boots` the newest starts; each newest first.
    """

    thing: ThingName
    heard: DeviceHeard | None = None
    boots: tuple[Boot, ...] = ()
    clocks: tuple[ClockOffset, ...] = ()
    sources: tuple[SourceHealth, ...] = ()
    gaps: tuple[GapRecord, ...] = ()

    def clock_of(self, subject: str) -> ClockOffset | None:
        """Give the newest offset of an outlet's data logger, or of the device itself: "edge"."""
        return next((one for one in self.clocks if one.subject == subject), None)


DeviceFact = DeviceHeard | ClockOffset | SourceHealth | GapRecord


def noted(standing: DeviceStanding, fact: DeviceFact) -> DeviceStanding:
    """Fold one fact in; a repetition or an older word changes nothing, in whatever order."""
    return _FOLDS[type(fact)](standing, fact)


def _hear(standing: DeviceStanding, heard: DeviceHeard) -> DeviceStanding:
    boots = _with_boot(standing.boots, Boot(heard.boot, heard.received_at))
    known = standing.heard
    if known is None:
        return replace(standing, heard=heard, boots=boots)
    newest = max(known, heard, key=lambda one: one.sequence)
    received_at = max(known.received_at, heard.received_at)
    return replace(standing, heard=replace(newest, received_at=received_at), boots=boots)


def _with_boot(boots: tuple[Boot, ...], told: Boot) -> tuple[Boot, ...]:
    known = {boot.id: boot for boot in boots}
    if told.id in known and known[told.id].first_at <= told.first_at:
        return boots
    known[told.id] = told
    ordered = sorted(known.values(), key=lambda boot: boot.first_at, reverse=True)
    return tuple(ordered[:MOST_BOOTS])


def _clock(standing: DeviceStanding, offset: ClockOffset) -> DeviceStanding:
    kept = _newest(standing.clocks, offset, of=lambda one: one.subject, most=MOST_CLOCKS)
    return replace(standing, clocks=kept)


def _source(standing: DeviceStanding, health: SourceHealth) -> DeviceStanding:
    kept = _newest(standing.sources, health, of=lambda one: one.source, most=MOST_SOURCES)
    return replace(standing, sources=kept)


def _gap(standing: DeviceStanding, gap: GapRecord) -> DeviceStanding:
    if gap in standing.gaps:
        return standing
    ordered = sorted((*standing.gaps, gap), key=lambda one: one.at, reverse=True)
    return replace(standing, gaps=tuple(ordered[:MOST_GAPS]))


def _newest(
    known: Sequence[Each], told: Each, *, of: Callable[[Any], str], most: int
) -> tuple[Each, ...]:
    """Keep the newest word per subject, by its `at`, newest first."""
    found: dict[str, Any] = {of(one): one for one in known}
    before = found.get(of(told))
    said: Any = told
    if before is None or before.at <= said.at:
        found[of(told)] = told
    ordered = sorted(found.values(), key=lambda one: one.at, reverse=True)
    return tuple(ordered[:most])


_FOLDS: dict[type, Callable[[DeviceStanding, Any], DeviceStanding]] = {
    DeviceHeard: _hear,
    ClockOffset: _clock,
    SourceHealth: _source,
    GapRecord: _gap,
}
