"""The factors that are monitored: code, names, units and usual digits."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from plume.model.identity import FactorCode
from plume.model.outlet import Medium, Name


@dataclass(frozen=True, slots=True)
class Pollutant:
    """A monitored factor and its one unit (监测因子).

    `unit` is that of concentrations and states, `emission_unit` that of accumulated values, empty
    where nothing accumulates. `decimals` is how many digits after the point are usual; values are
    kept as transmitted all the same. `medium` is None for noise and site information.
    `codes_2005` are its codes in HJ/T 212-2005. Process codes stand for a class of devices: their
    last two characters are `xx`.
    """

    code: FactorCode
    name: Name
    unit: str
    emission_unit: str
    medium: Medium | None
    decimals: int
    codes_2005: tuple[str, ...]
    source: str


@cache
def catalogue() -> Mapping[FactorCode, Pollutant]:
    """Give the factor table, by code.

    Source:
        HJ 212-2017, annex B, which cites HJ 524 (air) and HJ 525 (water).
    """
    text = files("plume.model").joinpath("pollutants.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return MappingProxyType({FactorCode(row["code"]): _pollutant(row) for row in rows})


def pollutant_of(code: str) -> Pollutant | None:
    """Find a factor, or the class of a process code (g10401 is g104xx); None when unknown."""
    table = catalogue()
    return table.get(FactorCode(code)) or table.get(FactorCode(f"{code[:-2]}xx"))


def name_of(code: str) -> Name:
    """Name a factor; of a class of devices, with the number of the device; else by its code.

    Source:
        HJ 212-2017, annex B: the last two characters of a process code number the device.
    """
    known = pollutant_of(code)
    if known is None:
        return Name(code, code)
    if known.code == code:
        return known.name
    number = code[-2:].lstrip("0") or "0"
    return Name(f"{known.name.zh}（{number} 号）", f"{known.name.en} (no. {number})")


def _pollutant(row: Mapping[str, str]) -> Pollutant:
    return Pollutant(
        code=FactorCode(row["code"]),
        name=Name(zh=row["zh"], en=row["en"]),
        unit=row["unit"],
        emission_unit=row["emission_unit"],
        medium=Medium(row["medium"]) if row["medium"] else None,
        decimals=int(row["decimals"]),
        codes_2005=tuple(row["codes_2005"].split()),
        source=row["source"],
    )
