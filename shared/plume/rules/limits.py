"""Whether a valid value breaks the law, and by how much (超标)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from plume.model.finding import AlarmType, Finding, RuleVersion, Sentence, Severity
from plume.model.identity import FactorCode
from plume.model.limit import Basis, Limit
from plume.model.outlet import Name
from plume.model.reading import Reading, Span
from plume.rules.wording import places, plain, rounded

EXCEED = {
    Span.HOUR: RuleVersion("G-06", 1),
    Span.DAY: RuleVersion("G-06-day", 1),
}
"""The day has a rule of its own: its window starts when the window of an hour does."""

SERIOUS = Decimal("1.2")  # G-06: L3 up to 1.2 times the limit
GRAVE = Decimal(2)  # G-06: L2 up to twice the limit, L1 above
PH_SERIOUS = Decimal("0.5")  # [pH] our choice: a ratio says nothing on a logarithmic scale
PH_GRAVE = Decimal(1)  # [pH] ten times the acid or the base


@dataclass(frozen=True, slots=True)
class Held:
    """A value held against one limit.

    `excess` [unit] is how far it lies outside, 0 or less when it holds; `ratio` is value over
    ceiling, None on a band such as pH and for a ceiling of zero.
    """

    limit: Limit
    value: Decimal
    bound: Decimal
    excess: Decimal
    ratio: Decimal | None

    @property
    def broken(self) -> bool:
        """Whether the value lies outside; the bound itself is still allowed."""
        return self.excess > 0


def in_force(
    limits: Sequence[Limit], factor: FactorCode, span: Span, at: datetime
) -> tuple[Limit, ...]:
    """Give the limits on this factor and span whose `[valid_from, valid_to)` holds the instant.

    Of several versions of one limit the newest counts, and it alone says when that limit holds;
    limits of several standards stand side by side.
    """
    newest: dict[str, Limit] = {}
    for limit in sorted(limits, key=lambda one: one.version):
        newest[limit.id] = limit
    return tuple(
        limit
        for limit in newest.values()
        if (limit.factor, limit.span) == (factor, span)
        and limit.valid_from <= at
        and (limit.valid_to is None or at < limit.valid_to)
    )


def against(limit: Limit, reading: Reading) -> Held | None:
    """Hold a reading against one limit; None when it does not say the value the limit means.

    Source:
        GB/T 8170-2008, 4.3 (the value is compared with all its digits); domain 3: stacks by the
        converted hour mean, sewage by the day mean, as the limit's basis and span say.
    """
    value = reading.converted if limit.basis is Basis.CONVERTED else reading.mean
    if not reading.valid or value is None or not value.is_finite():
        return None
    if limit.floor is not None:
        return _within_band(limit, value, limit.floor)
    ratio = value / limit.ceiling if limit.ceiling > 0 else None
    return Held(limit, value, limit.ceiling, value - limit.ceiling, ratio)


def judge_limits(
    reading: Reading, limits: Sequence[Limit], *, outlet: Name, factor: Name
) -> Finding | None:
    """Judge rule G-06 on one hour or day of one factor.

    Args:
        reading: the value that counts for its interval, with `converted` where it has one.
        limits: every limit of the outlet, past and present.
        outlet: its name, for the sentence.
        factor: its name, for the sentence.

    Returns:
        A finding, broken or holding, about the limit that is worst off; None when nothing may be
        judged: no limit in force, an abnormal flag, or no value on the limit's basis.

    Source:
        Rule G-06 (domain 4.2): severity by value over limit: up to 1.2 L3, up to 2 L2, above L1.
    """
    applicable = in_force(limits, reading.factor, reading.span, reading.start)
    found = [held for limit in applicable if (held := against(limit, reading))]
    if not found:
        return None
    worst = max(found, key=lambda held: (held.broken, held.ratio or held.excess))
    return Finding(
        rule=EXCEED[reading.span],
        outlet=reading.outlet,
        factor=reading.factor,
        type=AlarmType.EXCEED,
        subtype=reading.span.value,
        severity=severity_of(worst),
        start=reading.start,
        end=reading.start + reading.span.length,
        broken=worst.broken,
        known_at=reading.known_at,
        value=worst.value,
        limit=worst.bound,
        unit=worst.limit.unit,
        sentence=_sentence(worst, reading, outlet, factor),
    )


def severity_of(held: Held) -> Severity:
    """Grade a breach by its ratio, on a band by its distance; a ceiling of zero is always L1."""
    if held.limit.floor is not None:
        return _grade(held.excess, PH_SERIOUS, PH_GRAVE)
    if held.ratio is None:
        return Severity.L1
    return _grade(held.ratio, SERIOUS, GRAVE)


def _grade(size: Decimal, serious: Decimal, grave: Decimal) -> Severity:
    if size <= serious:
        return Severity.L3
    return Severity.L2 if size <= grave else Severity.L1


def _within_band(limit: Limit, value: Decimal, floor: Decimal) -> Held:
    below, above = floor - value, value - limit.ceiling
    bound, excess = (floor, below) if below > above else (limit.ceiling, above)
    return Held(limit, value, bound, excess, None)


_BASIS = {
    (Span.HOUR, Basis.CONVERTED): ("折算", "converted"),
    (Span.HOUR, Basis.MEASURED): ("实测", "measured"),
    (Span.DAY, Basis.CONVERTED): ("日均折算", "converted day mean"),
    (Span.DAY, Basis.MEASURED): ("日均", "day mean"),
}
_ZH = "{outlet} {factor} {basis} {value}{unit}，限值 {bound}，{verdict}"
_EN = "{outlet} {factor} {basis} {value}{unit}, limit {bound}, {verdict}"


def _sentence(held: Held, reading: Reading, outlet: Name, factor: Name) -> Sentence:
    zh_basis, en_basis = _BASIS[reading.span, held.limit.basis]
    zh_verdict, en_verdict = _verdict(held)
    facts = {
        "value": _shown(held, reading),
        "bound": plain(held.bound),
        "unit": f" {held.limit.unit}" if held.limit.floor is None else "",
    }
    return Sentence(
        zh=_ZH.format(
            outlet=outlet.zh, factor=factor.zh, basis=zh_basis, verdict=zh_verdict, **facts
        ),
        en=_EN.format(
            outlet=outlet.en, factor=factor.en, basis=en_basis, verdict=en_verdict, **facts
        ),
    )


def _verdict(held: Held) -> tuple[str, str]:
    if not held.broken:
        return "未超标", "within the limit"
    if held.ratio is None:
        return f"超出 {plain(held.excess)}", f"{plain(held.excess)} outside the limit"
    times = _times(held.ratio - 1)
    return f"超标 {times} 倍", f"{times} times over the limit"


def _times(over: Decimal) -> str:
    """Give one decimal from a tenth on, below it the first digit that is not zero."""
    decimals = 1 if over >= Decimal("0.1") else min(6, -over.adjusted())
    return rounded(over, decimals)


def _shown(held: Held, reading: Reading) -> str:
    """Round to the digits of the measured mean, but never onto the limit itself."""
    decimals = min(places(held.value), max(places(reading.mean), 1))
    text = rounded(held.value, decimals)
    return plain(held.value) if held.broken and Decimal(text) == held.bound else text
