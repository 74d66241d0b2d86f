"""What the rules conclude about one outlet, one factor and one window."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from plume.model.identity import FactorCode, OutletId


class AlarmType(StrEnum):
    """The eight kinds of alarm (报警类型), DESIGN 7."""

    EXCEED = "EXCEED"
    INCONSISTENT = "INCONSISTENT"
    INSUFFICIENT = "INSUFFICIENT"
    CLOCK = "CLOCK"
    PROD_STOP = "PROD_STOP"
    ALL_MISSING = "ALL_MISSING"
    TREAT_FAULT = "TREAT_FAULT"
    AFTER_STOP = "AFTER_STOP"


class Source(StrEnum):
    """Who concluded (研判来源): the platform, or a sentinel on site while its line was down."""

    CLOUD = "cloud"
    EDGE = "edge"


class Severity(StrEnum):
    """特别重大 L1, 重大 L2, 较大 L3, 一般 L4, 提示 L5."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """Which rule, in which version, speaks."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One finding told with its numbers, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's verdict on `[start, end)` in event time (研判结论).

    `broken` False says the rule was checked and holds: it clears an alarm, it never opens one.
    Told at least once; identity is (rule id, outlet, factor, start). `known_at` orders two
    findings of the same identity: the later one is right (a correction, a late minute).
    `factor` is empty for a rule about the whole outlet. `value`, `limit` in [unit].
    """

    rule: RuleVersion
    outlet: OutletId
    factor: FactorCode
    type: AlarmType
    subtype: str
    severity: Severity
    start: datetime
    end: datetime
    broken: bool
    known_at: datetime
    value: Decimal | None
    limit: Decimal | None
    unit: str
    sentence: Sentence
    source: Source = Source.CLOUD
