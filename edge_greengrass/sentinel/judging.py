"""The platform's own rules, on what the sentinel remembers."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from edge_greengrass.sentinel.configuration import Law
from edge_greengrass.sentinel.recollection import Recollection
from plume.model.facility import Facility
from plume.model.finding import Finding
from plume.model.identity import FactorCode
from plume.model.outlet import Name, Outlet
from plume.model.pollutant import catalogue
from plume.model.reading import Reading
from plume.rules.limits import judge_limits
from plume.rules.silence import Silence, silence_of
from plume.rules.treatment import MINUTES, WINDOW, Minute, judge_treatment

GRACE = timedelta(minutes=10)
"""A line is seen to be down some time after it went: what came in between is judged as well."""
SETTLING = timedelta(minutes=1)
"""The last minute of a window may still be on its way when the window is over."""


def judged(law: Law, seen: Recollection, since: datetime, now: datetime) -> list[Finding]:
    """Judge what came since the line went down: limits, silence, treatment; oldest first."""
    earliest = since - GRACE
    found = [
        *_limits(law, seen, earliest),
        *_silence(law, seen, now),
        *_treatment(law, seen, earliest, now),
    ]
    return sorted(found, key=lambda one: one.start)


def _limits(law: Law, seen: Recollection, earliest: datetime) -> Iterator[Finding]:
    """G-06, as `judge_window` of the platform does it."""
    outlets = {outlet.id: outlet for outlet in law.outlets.values()}
    for reading in seen.readings:
        outlet = outlets.get(reading.outlet)
        if outlet is not None and reading.known_at >= earliest:
            finding = _limit(reading, law, outlet)
            if finding is not None:
                yield finding


def _limit(reading: Reading, law: Law, outlet: Outlet) -> Finding | None:
    limits = law.limits.get(outlet.id, ())
    return judge_limits(reading, limits, outlet=outlet.name, factor=_name(reading.factor))


def _silence(law: Law, seen: Recollection, now: datetime) -> Iterator[Finding]:
    """G-01, as `sweep_silence` of the platform does it; who was never heard is not missing."""
    for outlet in law.outlets.values():
        if outlet.id in seen.heard:
            yield silence_of(outlet, Silence(min(seen.heard[outlet.id], now), now))


def _treatment(
    law: Law, seen: Recollection, earliest: datetime, now: datetime
) -> Iterator[Finding]:
    names = {outlet.id: outlet.name for outlet in law.outlets.values()}
    for start in _windows(earliest, now):
        for facility in law.facilities:
            minutes = [_minute(facility, seen, start, at) for at in range(MINUTES)]
            finding = judge_treatment(
                facility, start, minutes, outlet=names[facility.outlet], known_at=start + WINDOW
            )
            if finding is not None:
                yield finding


def _windows(earliest: datetime, now: datetime) -> Iterator[datetime]:
    """Give the whole quarters of an hour that are over and began since, as far as remembered."""
    start = max(earliest, now - 8 * WINDOW).replace(second=0, microsecond=0)
    start += timedelta(minutes=-start.minute % MINUTES)
    while start + WINDOW + SETTLING <= now:
        yield start
        start += WINDOW


def _minute(facility: Facility, seen: Recollection, start: datetime, at: int) -> Minute:
    moment = start + timedelta(minutes=at)
    running = tuple(seen.said(signal, moment) for signal in facility.running)
    return Minute(seen.said(facility.demand, moment), running)


def _name(factor: FactorCode) -> Name:
    known = catalogue().get(factor)
    return known.name if known else Name(factor, factor)
