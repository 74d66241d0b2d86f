"""Join readings of short intervals into a reading of a long one: minutes, hours, days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce
from math import gcd
from statistics import median

from plume.model.identity import FactorCode
from plume.model.outlet import Medium
from plume.model.reading import Flag, Origin, Reading, Span
from plume.rules.validity import is_number
from plume.rules.wording import kept

PH = FactorCode("w01001")
SEWAGE_FLOW = FactorCode("w00000")  # HJ 525: flow of sewage [L/s]

LEAST_GAS_COVER = {
    Span.HOUR: timedelta(minutes=45),  # HJ 75-2017: an hour has at least 45 valid minutes
    Span.DAY: timedelta(hours=20),  # HJ 75-2017: a day has at least 20 valid hours
}
LEAST_WATER_SHARE = Decimal("0.75")  # HJ 356-2019 asks a minimum share; 75 % is our reading

MINUTE_INTERVALS = (30, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1)
"""[min] HJ 212-2017, table 4, MinInterval: one value per system."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What is to be filled: `[start, start + span)`, by parts that each cover `part`.

    `flows` is the sewage flow [L/s] by the start of a part, for the flow-weighted mean.
    """

    span: Span
    start: datetime
    part: timedelta
    medium: Medium
    flows: Mapping[datetime, Decimal] = field(default_factory=dict)


def roll_up(parts: Sequence[Reading], whole: Whole, *, weighted: bool = False) -> Reading:
    """Join the parts of one factor into one computed reading over the whole.

    Args:
        parts: shape (n,), n >= 1, in time order, without overlap; gaps count as not covered.
        whole: the interval to fill, and how much of it each part covers.
        weighted: whether the mean weighs by flow: concentrations in water do.

    Returns:
        One reading; its mean (pH: median) is over the valid parts alone, None when there is
        none. Flag: gas is N from 45 minutes (20 hours) of valid data on, else D; in water the
        first abnormal flag spoils the whole, and less than 75 % cover makes it D. `converted` is
        the mean of the parts' converted values. `known_at` is that of the latest part.

    Source:
        HJ 212-2017, notes of tables C.16 to C.18; HJ 75-2017 (45 minutes, 20 hours); HJ 212-2017,
        annex D, formula 12 (flow-weighted mean); GB 18485-2014, 3 (the mean of a day is that of
        its hours). Which letter spoilt water carries is our choice: the first one met.
    """
    normal = [part for part in parts if part.valid]
    flag = _flag(parts, normal, whole)
    mean = _mean(normal, whole, weighted=weighted)
    return Reading(
        outlet=parts[0].outlet,
        factor=parts[0].factor,
        span=whole.span,
        start=whole.start,
        mean=mean,
        flag=flag.value,
        valid=flag is Flag.NORMAL and mean is not None,
        source=Origin.COMPUTED,
        known_at=max(part.known_at for part in parts),
        minimum=min(_said(part.minimum, part.mean) for part in normal) if normal else None,
        maximum=max(_said(part.maximum, part.mean) for part in normal) if normal else None,
        converted=_converted(normal),
        cumulative=_sum([part.cumulative for part in normal]),
    )


def interval_of(starts: Sequence[datetime]) -> timedelta:
    """Tell how long one minute reading of a station covers, from when its readings start.

    The largest MinInterval of the standard that divides every step between the starts; one
    minute when there are too few to tell, which never makes too much of them (our choice).
    """
    minutes = sorted({int(start.timestamp()) // 60 for start in starts})
    step = reduce(gcd, (minute - minutes[0] for minute in minutes), 0)
    found = next((length for length in MINUTE_INTERVALS if step and step % length == 0), 1)
    return timedelta(minutes=found)


def _flag(parts: Sequence[Reading], normal: Sequence[Reading], whole: Whole) -> Flag:
    cover = whole.part * len(normal)
    if whole.medium is Medium.GAS:
        return Flag.NORMAL if cover >= LEAST_GAS_COVER[whole.span] else Flag.FAULT
    spoilt = next((part for part in parts if not part.valid), None)
    if spoilt is not None:
        return _letter(spoilt.flag)
    enough = cover / whole.span.length >= LEAST_WATER_SHARE
    return Flag.NORMAL if enough else Flag.FAULT


def _letter(flag: str) -> Flag:
    """An abnormal part says its own letter; one without, or outside table 8, is a fault."""
    known = flag in {letter.value for letter in Flag} - {Flag.NORMAL.value}
    return Flag(flag) if known else Flag.FAULT


def _mean(normal: Sequence[Reading], whole: Whole, *, weighted: bool) -> Decimal | None:
    values = [(part.start, part.mean) for part in normal if part.mean is not None]
    if not values:
        return None
    if normal[0].factor == PH:
        return median(value for _, value in values)
    weights = _weights([start for start, _ in values], whole if weighted else None)
    total = sum((value * weight for (_, value), weight in zip(values, weights, strict=True)), _0)
    return kept(total / sum(weights, _0), like=values[0][1])


_0 = Decimal()


def _weights(starts: Sequence[datetime], whole: Whole | None) -> list[Decimal]:
    """Weigh by flow when it is known of every part and something flowed; else all alike."""
    flows = [whole.flows.get(start) for start in starts] if whole else []
    known = [flow for flow in flows if is_number(flow) and flow is not None and flow >= 0]
    if whole and len(known) == len(starts) and sum(known, _0) > 0:
        return known
    return [Decimal(1)] * len(starts)


def _converted(normal: Sequence[Reading]) -> Decimal | None:
    """Give the mean of the converted values when every valid part has one."""
    values = [part.converted for part in normal if part.converted is not None]
    if not values or len(values) < len(normal):
        return None
    return kept(sum(values, _0) / len(values), like=normal[0].mean)


def _sum(values: Sequence[Decimal | None]) -> Decimal | None:
    said = [value for value in values if value is not None and value.is_finite()]
    return sum(said, _0) if said else None


def _said(value: Decimal | None, instead: Decimal | None) -> Decimal:
    if value is not None and value.is_finite():
        return value
    return instead if instead is not None else _0
