"""Sets of limits that standards name for a kind of outlet, to be put on an outlet as they are."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from plume.model.identity import FactorCode, OutletId
from plume.model.limit import Basis, Limit
from plume.model.outlet import Medium, Name
from plume.model.reading import Span

_BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class LimitSet:
    """The limits of one kind of outlet (限值套用); each names standard, clause and first day.

    `reference_oxygen` [%] is None where the standard names none.
    """

    key: str
    name: Name
    medium: Medium
    reference_oxygen: Decimal | None
    laws: tuple[Mapping[str, Any], ...]

    def limits(self, outlet: OutletId) -> tuple[Limit, ...]:
        """Give the limits as those of an outlet."""
        return tuple(_limit(outlet, law) for law in self.laws)


@cache
def limit_sets() -> Mapping[str, LimitSet]:
    """Give every set, by key.

    Source:
        The standards named in `limit_sets.json`, one by one.
    """
    text = files("plume.model").joinpath("limit_sets.json").read_text(encoding="utf-8")
    return MappingProxyType({key: _set(key, told) for key, told in json.loads(text).items()})


def _set(key: str, told: Mapping[str, Any]) -> LimitSet:
    oxygen = told["referenceOxygen"]
    return LimitSet(
        key=key,
        name=Name(told["zh"], told["en"]),
        medium=Medium(told["medium"]),
        reference_oxygen=Decimal(oxygen) if oxygen else None,
        laws=tuple(told["limits"]),
    )


def _limit(outlet: OutletId, law: Mapping[str, Any]) -> Limit:
    floor = law.get("floor")
    return Limit(
        id=f"{outlet}-{law['factor']}-{law['span']}",
        outlet=outlet,
        factor=FactorCode(law["factor"]),
        ceiling=Decimal(law["ceiling"]),
        unit=law["unit"],
        basis=Basis(law["basis"]),
        span=Span(law["span"]),
        standard=law["standard"],
        clause=law["clause"],
        valid_from=datetime.fromisoformat(law["validFrom"]).replace(tzinfo=_BEIJING),
        floor=Decimal(floor) if floor else None,
    )
