"""The law: how much of a factor an outlet may discharge, from when until when."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from plume.model.identity import FactorCode, OutletId
from plume.model.reading import Span


class Basis(StrEnum):
    """Which concentration the limit speaks of: as measured (实测) or converted (折算)."""

    MEASURED = "measured"
    CONVERTED = "converted"


@dataclass(frozen=True, slots=True)
class Limit:
    """One ceiling [unit] (and, for pH, one floor) in force over `[valid_from, valid_to)` (限值).

    `valid_to` None is "until further notice". `clause` names where the law says so.
    """

    id: str
    outlet: OutletId
    factor: FactorCode
    ceiling: Decimal
    unit: str
    basis: Basis
    span: Span
    standard: str
    clause: str
    valid_from: datetime
    valid_to: datetime | None = None
    floor: Decimal | None = None
    version: int = 1
