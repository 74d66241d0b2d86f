"""Official values: one mean over one interval, as the law reads it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from plume.model.identity import FactorCode, OutletId


class Flag(StrEnum):
    """State of the instrument (数据标记). Source: HJ 212-2017, table 8."""

    NORMAL = "N"
    STOPPED = "F"
    MAINTENANCE = "M"
    SET = "S"
    FAULT = "D"
    CALIBRATION = "C"
    OVER_RANGE = "T"
    COMMUNICATION = "B"


class Span(StrEnum):
    """Length of the interval `[start, start + span)`."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def length(self) -> timedelta:
        """Nominal length; minute data of a ten-minute station still start every ten minutes."""
        return _LENGTHS[self]


_LENGTHS = {
    Span.MINUTE: timedelta(minutes=1),
    Span.HOUR: timedelta(hours=1),
    Span.DAY: timedelta(days=1),
}


class Origin(StrEnum):
    """Who says so: the outlet, our own computation, or an approved correction (来源)."""

    REPORTED = "reported"
    COMPUTED = "computed"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Reading:
    """One official value of one factor over `[start, start + span)` (监测数据).

    Values carry the digits as transmitted; None is "not said". `mean`, `minimum`, `maximum` and
    `converted` in the factor's concentration unit, `cumulative` in its emission unit. `flag` is
    the letter as sent, even one outside the table; `valid` is what the rules made of it.
    `start` and `known_at` are aware. `version` counts from 1 for each
    (outlet, factor, span, start, source): a correction is a new version, never an overwrite.
    """

    outlet: OutletId
    factor: FactorCode
    span: Span
    start: datetime
    mean: Decimal | None
    flag: str
    valid: bool
    source: Origin
    known_at: datetime
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    converted: Decimal | None = None
    converted_minimum: Decimal | None = None
    converted_maximum: Decimal | None = None
    cumulative: Decimal | None = None
    version: int = 1
    thing: str = ""
    sequence: int = 0

    def says_the_same_as(self, other: "Reading") -> bool:
        """Whether both are equal in value; who sent it, when and in which version is no matter."""
        return self == replace(
            other,
            known_at=self.known_at,
            version=self.version,
            thing=self.thing,
            sequence=self.sequence,
        )
