"""Compute the official values that an outlet did not report: hours of minutes, days of hours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from plume.model.identity import FactorCode
from plume.model.outlet import Medium, Outlet
from plume.model.reading import Origin, Reading, Span
from plume.ports.readings import Readings
from plume.rules.oxygen import OXYGEN, converted_reading, is_convertible
from plume.rules.rollup import SEWAGE_FLOW, Whole, interval_of, roll_up
from plume.usecases.values_of import is_converted, unit_of

LOOK_BACK = timedelta(hours=2)
"""Minutes before an hour tell the station's interval even when the hour itself has few."""

_Slot = tuple[datetime, FactorCode, str]

_PRIORITY = {Origin.COMPUTED: 0, Origin.REPORTED: 1, Origin.CORRECTED: 2}


def keep_computed(
    computed: Iterable[Reading], official: Sequence[Reading], readings: Readings
) -> list[Reading]:
    """Keep what is computed; give the official values as they stand then, in the port's order.

    Args:
        computed: at most one word for each factor and start.
        official: the newest versions of the same outlet, span and time, as just read: what says
            the same as one of them is not asked for again.
        readings: where new words are kept.
    """
    standing = {_slot(one): one for one in official}
    new = [one for one in computed if not _stands(one, standing)]
    if not new:
        return list(official)
    rewritten = readings.add(new)
    standing |= {_slot(one): one for one in new}
    standing |= {_slot(found.after): found.after for found in rewritten}
    return [standing[slot] for slot in sorted(standing)]


def _stands(computed: Reading, standing: Mapping[_Slot, Reading]) -> bool:
    known = standing.get(_slot(computed))
    return known is not None and known.says_the_same_as(computed)


def _slot(reading: Reading) -> _Slot:
    return reading.start, reading.factor, reading.source.value


def compute_hours(outlet: Outlet, starts: Sequence[datetime], readings: Readings) -> list[Reading]:
    """Roll minutes up to the hours that start at `starts`, ascending."""
    since, until = starts[0] - LOOK_BACK, starts[-1] + Span.HOUR.length
    minutes = _counting(readings.of(outlet.id, Span.MINUTE, since, until))
    if not minutes:
        return []
    part = interval_of([minute.start for minute in minutes])
    return [
        hour
        for start in starts
        for hour in _with_oxygen(_filled(outlet, Span.HOUR, start, part, minutes), outlet)
    ]


def compute_days(outlet: Outlet, starts: Sequence[datetime], readings: Readings) -> list[Reading]:
    """Roll hours up to the Beijing days that start at `starts`, ascending."""
    until = starts[-1] + Span.DAY.length
    hours = _counting(readings.of(outlet.id, Span.HOUR, starts[0], until))
    part = Span.HOUR.length
    return [day for start in starts for day in _filled(outlet, Span.DAY, start, part, hours)]


def _counting(found: Iterable[Reading]) -> list[Reading]:
    """Choose one word per factor and start, with our own conversion where none was reported."""
    best: dict[tuple[FactorCode, datetime], Reading] = {}
    for reading in sorted(found, key=lambda one: _PRIORITY[one.source]):
        slot = (reading.factor, reading.start)
        ours = best.get(slot)
        if ours is not None and reading.converted is None and ours.mean == reading.mean:
            best[slot] = replace(reading, converted=ours.converted)
        else:
            best[slot] = reading
    return sorted(best.values(), key=lambda one: (one.factor, one.start))


def _filled(
    outlet: Outlet, span: Span, start: datetime, part: timedelta, found: Sequence[Reading]
) -> list[Reading]:
    """Roll up every factor that has a part within `[start, start + span)`."""
    parts = [one for one in found if start <= one.start < start + span.length]
    whole = Whole(span, start, part, outlet.medium, _flows(parts))
    factors = sorted({one.factor for one in parts})
    return [
        roll_up(
            [one for one in parts if one.factor == factor], whole, weighted=_is_weighted(factor)
        )
        for factor in factors
    ]


def _is_weighted(factor: FactorCode) -> bool:
    """Concentrations in water weigh by flow; pH, temperature and flow itself do not."""
    return unit_of(factor).lower().endswith("/l")


def _flows(parts: Iterable[Reading]) -> dict[datetime, Decimal]:
    flows = (one for one in parts if one.factor == SEWAGE_FLOW and one.valid)
    return {one.start: one.mean for one in flows if one.mean is not None}


def _with_oxygen(hours: Sequence[Reading], outlet: Outlet) -> list[Reading]:
    """Convert an hour by its own oxygen mean: what a regulator can check from the printed hour.

    Our choice over the mean of the converted minutes, which stays where there is no oxygen.
    """
    oxygen = next((hour for hour in hours if hour.factor == OXYGEN), None)
    if oxygen is None or outlet.medium is not Medium.GAS or not is_converted(outlet):
        return list(hours)
    return [
        _own(converted_reading(hour, oxygen, outlet), hour)
        if is_convertible(unit_of(hour.factor))
        else hour
        for hour in hours
    ]


def _own(converted: Reading, hour: Reading) -> Reading:
    """Keep the hour's own validity: its measured mean stands even without a conversion."""
    return replace(converted, valid=hour.valid)
