"""How an edge device stands: what it last said of itself, its clocks, its sources and its gaps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from plume.model.event import (
    ClockOffset,
    FillState,
    GapFill,
    GapRecord,
    LawInForce,
    SourceHealth,
)
from plume.model.identity import OutletId, ThingName

Each = TypeVar("Each")

EDGE, CLOUD = "edge", "cloud"
LEAD = timedelta(minutes=5)
"""Over how long the edge's clock is measured at a time."""
WAY = timedelta(seconds=15)
"""How long a segment takes at most while the line stands: it closes after ten seconds."""
SPARING = timedelta(seconds=15)
"""Being heard again within this is no news: a device speaks every second, a page says "online"."""
MOST_BOOTS = 10
MOST_GAPS = 20
MOST_FILLS = 40
MOST_CLOCKS = 100
MOST_SOURCES = 100
MOST_DISPLACED = 20
"""What a standing remembers: the newest of each; all of it stays in the segments as evidence."""


@dataclass(frozen=True, slots=True)
class Boot:
    """One start of the device (启动); `first_at` is when its first segment arrived."""

    id: str
    first_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceHeard:
    """Segments of the device arrived (收到数据段): how many, and the newest of them.

    `last_at` is the newest receive time in it by the edge's clock, `received_at` when it arrived
    by the cloud's; `ahead` the most, `least` the least that any lay in front of its own arrival.
    """

    boot: str
    sequence: int
    last_at: datetime
    received_at: datetime
    ahead: timedelta = timedelta()
    least: timedelta = timedelta()
    count: int = 1


@dataclass(frozen=True, slots=True)
class EdgeLead:
    """How far the edge's clock runs ahead of the cloud's, by the arrivals of `[since, + LEAD)`.

    A segment cannot arrive before it was made: `ahead`, the most seen, is the offset less the
    shortest way, which is short while the line stands. `least` shows whether it stood.
    """

    since: datetime
    ahead: timedelta
    least: timedelta
    count: int

    @property
    def is_sure(self) -> bool:
        """Whether a slow clock can be told from a slow line.

        What catches up comes ever less late; a clock that is behind is so evenly.
        """
        return self.ahead >= -WAY or self.ahead - self.least <= WAY

    def offset(self) -> ClockOffset:
        """Tell it as a measured offset."""
        return ClockOffset(self.since + LEAD, EDGE, CLOUD, self.ahead, self.count)


@dataclass(frozen=True, slots=True)
class Displaced:
    """The broker hung up on the device, because another connected under its name (被挤下线)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LawDrawn:
    """What the registry says an outlet is judged by was read; `digest` is of what it says.

    `after` is the version that was known before it was read: on another it is not built.
    """

    outlet: OutletId
    digest: str
    after: int


@dataclass(frozen=True, slots=True)
class LawStanding:
    """The law of one outlet: the version that the registry has, and the one its device holds."""

    outlet: OutletId
    version: int = 0
    digest: str = ""
    held: int = 0
    held_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeviceStanding:
    """The newest word of a device on everything (设备状态).

    `clocks` hold the newest offset per subject and reference, `sources` the newest health per
    source, `gaps` the newest records of what was given up, `fills` the newest word on each range
    of data that was missing, `boots` the newest starts; each newest first. `lead` is being
    measured, `measured` was before it. `displaced` is when the device was last displaced, newest
    first. `laws` are those of the outlets behind it, by outlet.
    """

    thing: ThingName
    heard: DeviceHeard | None = None
    boots: tuple[Boot, ...] = ()
    clocks: tuple[ClockOffset, ...] = ()
    sources: tuple[SourceHealth, ...] = ()
    gaps: tuple[GapRecord, ...] = ()
    lead: EdgeLead | None = None
    measured: EdgeLead | None = None
    displaced: tuple[datetime, ...] = ()
    fills: tuple[GapFill, ...] = ()
    laws: tuple[LawStanding, ...] = ()

    def law_of(self, outlet: OutletId) -> LawStanding:
        """Give how the law of an outlet stands; version 0 was never drawn, or never held."""
        mine = (one for one in self.laws if one.outlet == outlet)
        return next(mine, LawStanding(outlet))

    def gaps_of(self, outlet: OutletId) -> int:
        """Give how many ranges of data of an outlet are known to be missing still."""
        mine = (one for one in self.fills if one.outlet == outlet)
        return sum(one.state is not FillState.FILLED for one in mine)

    def clock_of(self, subject: str) -> ClockOffset | None:
        """Give the newest offset of an outlet's logger to the edge, or of "edge" to the cloud.

        A step of the edge's clock, which it tells of itself to itself, is none of these.
        """
        mine = (one for one in self.clocks if one.subject == subject)
        return next((one for one in mine if one.reference != one.subject), None)


DeviceFact = (
    DeviceHeard
    | ClockOffset
    | SourceHealth
    | GapRecord
    | GapFill
    | Displaced
    | LawDrawn
    | LawInForce
)


def noted(standing: DeviceStanding, fact: DeviceFact) -> DeviceStanding:
    """Fold one fact in; a repetition or an older word changes nothing, in whatever order."""
    return _FOLDS[type(fact)](standing, fact)


def _hear(standing: DeviceStanding, heard: DeviceHeard) -> DeviceStanding:
    boots = _with_boot(standing.boots, Boot(heard.boot, heard.received_at))
    if _is_no_news(standing, heard):
        return standing
    standing = _measure(standing, heard)
    known = standing.heard
    if known is None:
        return replace(standing, heard=heard, boots=boots)
    newest = max(known, heard, key=lambda one: one.sequence)
    received_at = max(known.received_at, heard.received_at)
    return replace(standing, heard=replace(newest, received_at=received_at), boots=boots)


def _is_no_news(standing: DeviceStanding, heard: DeviceHeard) -> bool:
    """Whether the same start of the device was heard a moment ago, in the same measurement."""
    known, lead = standing.heard, standing.lead
    if known is None or lead is None or heard.boot != known.boot:
        return False
    since = heard.received_at - known.received_at
    return timedelta(0) <= since < SPARING and heard.received_at < lead.since + LEAD


def _measure(standing: DeviceStanding, heard: DeviceHeard) -> DeviceStanding:
    """Let the arrivals speak of the edge's clock; a later window closes the one before."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    since = heard.received_at - (heard.received_at - epoch) % LEAD
    lead = standing.lead
    if lead is None or lead.since < since:
        begun = EdgeLead(since, heard.ahead, heard.least, heard.count)
        return replace(standing, lead=begun, measured=lead or standing.measured)
    if lead.since > since:
        return standing
    most, least = max(lead.ahead, heard.ahead), min(lead.least, heard.least)
    more = EdgeLead(since, most, least, lead.count + heard.count)
    return replace(standing, lead=more)


def _with_boot(boots: tuple[Boot, ...], told: Boot) -> tuple[Boot, ...]:
    known = {boot.id: boot for boot in boots}
    if told.id in known and known[told.id].first_at <= told.first_at:
        return boots
    known[told.id] = told
    ordered = sorted(known.values(), key=lambda boot: boot.first_at, reverse=True)
    return tuple(ordered[:MOST_BOOTS])


def _clock(standing: DeviceStanding, offset: ClockOffset) -> DeviceStanding:
    kept = _newest(
        standing.clocks, offset, of=lambda one: f"{one.subject} {one.reference}", most=MOST_CLOCKS
    )
    return replace(standing, clocks=kept)


def _source(standing: DeviceStanding, health: SourceHealth) -> DeviceStanding:
    kept = _newest(standing.sources, health, of=lambda one: one.source, most=MOST_SOURCES)
    return replace(standing, sources=kept)


def _gap(standing: DeviceStanding, gap: GapRecord) -> DeviceStanding:
    if gap in standing.gaps:
        return standing
    ordered = sorted((*standing.gaps, gap), key=lambda one: one.at, reverse=True)
    return replace(standing, gaps=tuple(ordered[:MOST_GAPS]))


def _fill(standing: DeviceStanding, told: GapFill) -> DeviceStanding:
    kept = _newest(standing.fills, told, of=_asked_for, most=MOST_FILLS)
    return replace(standing, fills=kept)


def _asked_for(fill: GapFill) -> str:
    first, last = fill.first_at.timestamp(), fill.last_at.timestamp()
    return f"{fill.outlet} {fill.cn} {first} {last}"


def _displace(standing: DeviceStanding, told: Displaced) -> DeviceStanding:
    ordered = sorted({*standing.displaced, told.at}, reverse=True)
    return replace(standing, displaced=tuple(ordered[:MOST_DISPLACED]))


def _draw(standing: DeviceStanding, drawn: LawDrawn) -> DeviceStanding:
    known = standing.law_of(drawn.outlet)
    is_known = known.digest == drawn.digest and known.held <= known.version
    if is_known or known.version != drawn.after:
        return standing
    version = max(known.version, known.held) + 1
    return _with_law(standing, replace(known, version=version, digest=drawn.digest))


def _hold(standing: DeviceStanding, told: LawInForce) -> DeviceStanding:
    known = standing.law_of(told.outlet)
    if known.held_at is not None and told.at < known.held_at:
        return standing
    return _with_law(standing, replace(known, held=told.version, held_at=told.at))


def _with_law(standing: DeviceStanding, law: LawStanding) -> DeviceStanding:
    laws = {one.outlet: one for one in standing.laws} | {law.outlet: law}
    return replace(standing, laws=tuple(laws[key] for key in sorted(laws)))


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
    GapFill: _fill,
    Displaced: _displace,
    LawDrawn: _draw,
    LawInForce: _hold,
}
