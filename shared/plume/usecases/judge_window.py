"""Judge one touched window: official values of an outlet, telemetry of a plant, in event time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby

from plume.errors import NotThere
from plume.model.finding import Finding
from plume.model.identity import FactorCode
from plume.model.limit import Limit
from plume.model.outlet import Outlet
from plume.model.pollutant import name_of
from plume.model.reading import Origin, Reading, Span
from plume.model.window import Cause, WindowTouched
from plume.ports.latest import Latest
from plume.ports.notices import Findings
from plume.ports.readings import Readings
from plume.ports.registry import Registry
from plume.ports.series import Series
from plume.rules.limits import judge_limits
from plume.rules.oxygen import OXYGEN, converted_reading, is_convertible
from plume.rules.wording import BEIJING
from plume.usecases.compute_readings import compute_days, compute_hours, keep_computed
from plume.usecases.judge_facilities import judge_facilities
from plume.usecases.values_of import is_converted, unit_of

PRIORITY = {Origin.CORRECTED: 0, Origin.REPORTED: 1, Origin.COMPUTED: 2}
"""Whose word counts for an interval: an approved correction, the outlet's own, then ours."""

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class JudgeWorld:
    """What judging asks of the world."""

    registry: Registry
    readings: Readings
    latest: Latest
    findings: Findings
    series: Series


@dataclass(frozen=True, slots=True)
class _Case:
    """One outlet under judgement, with its limits."""

    outlet: Outlet
    limits: Sequence[Limit]
    readings: Readings
    _former: dict[tuple[Span, datetime, datetime], Sequence[Reading]] = field(
        default_factory=dict, init=False
    )

    def former(self, reading: Reading, known: datetime) -> Sequence[Reading]:
        """Give the interval of a reading as it was known until just before `known`.

        All factors of a packet become known at once: who asks for one has asked for all.
        """
        place = (reading.span, reading.start, known)
        if place not in self._former:
            self._former[place] = self.readings.of(
                self.outlet.id,
                reading.span,
                reading.start,
                reading.start + INSTANT,
                as_known_at=known - INSTANT,
            )
        return self._former[place]


def judge_window(window: WindowTouched, *, world: JudgeWorld, now: datetime) -> Sequence[Finding]:
    """Judge what the window touches, and tell the findings.

    Telemetry is judged by the rules on treatment alone: real-time samples are no official values,
    no limit speaks of them. Anything else has its hours and days judged. An hour that is over and
    was not reported is rolled up from its minutes, a day from its hours. The hour after the window
    is judged again with it: when a late hour breaks a limit, the one that followed says when that
    ended. Judging the same state again tells the same findings.

    Raises:
        NotThere: no such outlet.
        Unavailable: the world did not answer; deliver the window again.
    """
    if window.cause is Cause.TELEMETRY:
        registry, series = world.registry, world.series
        findings = judge_facilities(window, registry=registry, series=series, now=now)
    else:
        findings = _judged_outlet(window, world, now)
    if findings:
        world.findings.tell(findings)
    return findings


def _judged_outlet(window: WindowTouched, world: JudgeWorld, now: datetime) -> Sequence[Finding]:
    outlet = world.registry.outlet(window.outlet)
    if outlet is None:
        raise NotThere(f"no outlet {window.outlet}")
    case = _Case(outlet, world.registry.limits(outlet.id), world.readings)
    return [*_judged_hours(case, window, now), *_judged_days(case, window, now)]


def whole_hour(at: datetime) -> datetime:
    """Give the start of the hour; Beijing hours are those of UTC."""
    return at.replace(minute=0, second=0, microsecond=0)


def whole_day(at: datetime) -> datetime:
    """Give the start of the Beijing day."""
    return at.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)


def _judged_hours(case: _Case, window: WindowTouched, now: datetime) -> list[Finding]:
    since = whole_hour(window.start)
    until = whole_hour(window.end - INSTANT) + 2 * HOUR
    official = case.readings.of(case.outlet.id, Span.HOUR, since, until)
    reported = {r.start for r in official if r.source is not Origin.COMPUTED}
    missing = [start for start in _steps(since, until, HOUR) if start not in reported]
    over = [start for start in missing if start + HOUR <= now]
    if over:
        computed = compute_hours(case.outlet, over, case.readings)
        official = keep_computed(computed, official, case.readings)
    return _findings(case, official)


def _judged_days(case: _Case, window: WindowTouched, now: datetime) -> list[Finding]:
    since = whole_day(window.start)
    until = whole_day(window.end - INSTANT) + DAY
    official = case.readings.of(case.outlet.id, Span.DAY, since, until)
    reported = {r.start for r in official if r.source is not Origin.COMPUTED}
    missing = [start for start in _steps(since, until, DAY) if start not in reported]
    over = [start for start in missing if start + DAY <= now]
    if over:
        computed = compute_days(case.outlet, over, case.readings)
        official = keep_computed(computed, official, case.readings)
    return _findings(case, official)


def _steps(since: datetime, until: datetime, step: timedelta) -> Iterable[datetime]:
    return (since + step * count for count in range((until - since) // step))


def _findings(case: _Case, official: Sequence[Reading]) -> list[Finding]:
    """Judge every interval in time order, so that alarms clear after they open."""
    found: list[Finding] = []
    for _, group in groupby(official, key=lambda reading: reading.start):
        interval = list(group)
        for factor in sorted({reading.factor for reading in interval}):
            finding = _judged(case, interval, factor) or _withdrawn(case, interval, factor)
            found += [finding] if finding else []
    return found


def _judged(case: _Case, interval: Sequence[Reading], factor: FactorCode) -> Finding | None:
    """Judge what counts for a factor now, and keep the conversion that this took."""
    reading = _counting(interval, factor)
    if reading is None:
        return None
    ours = _conversion(case, interval, reading)
    if ours is not None:
        keep_computed([ours], interval, case.readings)
    return _verdict(case, reading, ours)


def _formerly(case: _Case, interval: Sequence[Reading], factor: FactorCode) -> Finding | None:
    """Judge what counted once; what is void by now is not said again."""
    reading = _counting(interval, factor)
    if reading is None:
        return None
    return _verdict(case, reading, _conversion(case, interval, reading))


def _verdict(case: _Case, reading: Reading, ours: Reading | None) -> Finding | None:
    if ours is not None:
        reading = replace(reading, converted=ours.converted, known_at=ours.known_at)
    name = name_of(reading.factor)
    return judge_limits(reading, case.limits, outlet=case.outlet.name, factor=name)


def _conversion(case: _Case, interval: Sequence[Reading], reading: Reading) -> Reading | None:
    """Convert by the oxygen of the interval, which may have come in another packet.

    None where the value came converted, is never converted, or there is no oxygen.
    """
    if reading.converted is not None or not is_converted(case.outlet):
        return None
    oxygen = _counting(interval, OXYGEN)
    if oxygen is None or not is_convertible(unit_of(reading.factor)):
        return None
    return converted_reading(reading, oxygen, case.outlet)


def _withdrawn(case: _Case, interval: Sequence[Reading], factor: FactorCode) -> Finding | None:
    """Take back a broken window whose value turned out not to count (flag, oxygen, correction).

    An abnormal hour that never broke a limit says nothing: told as holding, a mark set in time
    would clear the alarm of the hours before it. What has no limit never broke one.
    """
    if all(limit.factor != factor for limit in case.limits):
        return None
    reading = _counting(interval, factor)
    versions = [one for one in interval if one.factor == factor]
    if reading is None or (len(versions) == 1 and reading.version == 1):
        return None
    known = max(one.known_at for one in versions)
    before = case.former(reading, known)
    former = _formerly(case, before, factor)
    if former is None or not former.broken:
        return None
    return replace(former, broken=False, known_at=known)


def _counting(interval: Iterable[Reading], factor: FactorCode) -> Reading | None:
    """Choose the word that counts for a factor of one interval."""
    mine = [reading for reading in interval if reading.factor == factor]
    return min(mine, key=lambda reading: PRIORITY[reading.source], default=None)
