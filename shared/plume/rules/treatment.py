"""When a treatment facility stands still although there is something to treat (治理设施停运)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from plume.model.facility import Facility
from plume.model.finding import AlarmType, Finding, RuleVersion, Sentence, Severity
from plume.model.identity import FactorCode
from plume.model.outlet import Name
from plume.rules.wording import clock, plain

RULES = {
    "T-04": RuleVersion("T-04", 1),
    "G-15": RuleVersion("G-15", 1),
}
"""T-04: SO2 before the absorber above 300 mg/m3 and no recirculation pump above 30 % of its rated
current. G-15: production takes more than 20 % of its rated electricity, treatment less than 15 %.
Both need 15 minutes."""
WINDOW = timedelta(minutes=15)
MINUTES = 15
LEAST_MINUTES = 12
"""Rule G-03: a window of which less than 0.75 is known says nothing; 0.75 of 15, rounded up."""


@dataclass(frozen=True, slots=True)
class Minute:
    """What the signals of a facility said in one minute; None where nothing was said."""

    demand: Decimal | None
    running: tuple[Decimal | None, ...]


def judge_treatment(
    facility: Facility,
    start: datetime,
    minutes: Sequence[Minute],
    *,
    outlet: Name,
    known_at: datetime,
) -> Finding | None:
    """Judge T-04 or G-15 on the quarter of an hour `[start, start + 15 min)`.

    Args:
        facility: its thresholds are configuration; the defaults of the rules stand at `RULES`.
        start: a whole quarter of an hour, so that site and platform speak of the same window.
        minutes: of the window, in any order, each at most once.
        outlet: what the outlet is called.
        known_at: when the last of them was known.

    Returns:
        Broken: in every known minute something was to treat and nothing ran. Holding: in one of
        them it ran, or there was nothing to treat. None: too few minutes are known.

    Source:
        Rules T-04 and G-15 (domain 4.4, 4.2); severity L2 is our choice.
    """
    known = [one for one in minutes if _is_known(one)]
    if len(known) < LEAST_MINUTES:
        return None
    most = max(one.demand for one in known if one.demand is not None)
    broken = all(_stands_still(facility, one) for one in known)
    sentence = _sentence(facility, outlet, start, most, broken=broken)
    return replace(
        _holding(facility, start, sentence),
        severity=Severity.L2,
        end=start + WINDOW,
        broken=broken,
        known_at=known_at,
        value=most,
        limit=facility.demand.above,
        unit=facility.demand.unit,
    )


def judged_no_more(facility: Facility, now: datetime) -> Finding:
    """Say that the rule holds from now on: nothing will be found against the facility again."""
    name = facility.name
    return _holding(facility, now, Sentence(f"{name.zh} 不再研判", f"{name.en}: judged no more"))


def _holding(facility: Facility, at: datetime, sentence: Sentence) -> Finding:
    """Say that the rule holds, of a moment."""
    return Finding(
        rule=facility.rule,
        outlet=facility.outlet,
        factor=FactorCode(facility.demand.channel),
        type=AlarmType.TREAT_FAULT,
        subtype="off",
        severity=Severity.L5,
        start=at,
        end=at,
        broken=False,
        known_at=at,
        value=None,
        limit=None,
        unit="",
        sentence=sentence,
    )


def _is_known(minute: Minute) -> bool:
    return minute.demand is not None and any(one is not None for one in minute.running)


def _stands_still(facility: Facility, minute: Minute) -> bool:
    if minute.demand is None or minute.demand <= facility.demand.above:
        return False
    told = zip(minute.running, facility.running, strict=True)
    return all(value is None or value <= signal.above for value, signal in told)


def _sentence(
    facility: Facility, outlet: Name, start: datetime, most: Decimal, *, broken: bool
) -> Sentence:
    name, unit = facility.name, facility.demand.unit
    since, until = clock(start), clock(start + WINDOW)[-5:]
    load = f"{facility.demand.channel} {plain(most)} {unit}".strip()
    if not broken:
        return Sentence(
            zh=f"{outlet.zh} {name.zh} {since} 至 {until} 有运行或无需治理",
            en=f"{outlet.en}: {name.en} ran, or had nothing to treat, from {since} to {until}",
        )
    return Sentence(
        zh=f"{outlet.zh} {name.zh} {since} 至 {until} 未运行，而入口负荷达 {load}",
        en=f"{outlet.en}: {name.en} stood still from {since} to {until} at a load of {load}",
    )
