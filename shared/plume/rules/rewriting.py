"""When an outlet says a second, different value for the same interval (改数)."""

from decimal import Decimal

from plume.model.finding import AlarmType, Finding, RuleVersion, Sentence, Severity
from plume.model.outlet import Name
from plume.model.reading import Reading
from plume.rules.wording import clock, plain

REWRITTEN = RuleVersion("G-12", 1)


def rewriting_of(before: Reading, after: Reading, *, outlet: Name, factor: Name) -> Finding:
    """Report rule G-12: same interval, different value, later arrival, no re-send mark.

    The severity is our choice: L2, because a rewritten record is what a forger leaves behind.

    Source:
        Rule G-12 (domain 4.2).
    """
    facts = {"start": clock(after.start), "old": _said(before.mean), "new": _said(after.mean)}
    return Finding(
        rule=REWRITTEN,
        outlet=after.outlet,
        factor=after.factor,
        type=AlarmType.INCONSISTENT,
        subtype="rewritten",
        severity=Severity.L2,
        start=after.start,
        end=after.start + after.span.length,
        broken=True,
        known_at=after.known_at,
        value=after.mean,
        limit=None,
        unit="",
        sentence=Sentence(
            zh=_ZH.format(outlet=outlet.zh, factor=factor.zh, span=_SPAN[after.span][0], **facts),
            en=_EN.format(outlet=outlet.en, factor=factor.en, span=_SPAN[after.span][1], **facts),
        ),
    )


_ZH = "{outlet} {factor} {start} {span}值先报 {old}，后报 {new}"
_EN = "{outlet} {factor} {span} value of {start} was reported as {old}, later as {new}"
_SPAN = {"minute": ("分钟", "minute"), "hour": ("小时", "hour"), "day": ("日", "day")}


def _said(value: Decimal | None) -> str:
    return "–" if value is None else plain(value)
