"""Whether a row of an onboarding sheet can be registered: each cell, then all rows together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from re import fullmatch
from typing import Any

from plume.model.device import Device
from plume.model.identity import EnterpriseId, FactorCode, OutletId, RegionCode, ThingName
from plume.model.limit_set import LimitSet, limit_sets
from plume.model.onboarding import OPTIONAL, Column, Fault, Registration, SheetRow
from plume.model.outlet import Attention, Enterprise, Medium, Name, Outlet
from plume.model.pollutant import pollutant_of

ATTENTIONS = {
    "国控": Attention.STATE,
    "省控": Attention.PROVINCE,
    "市控": Attention.CITY,
    "其他": Attention.OTHER,
}
MEDIA = {"31": Medium.GAS, "32": Medium.WATER}
"""HJ 212-2017 table 5: 31 air pollution source, 32 surface water pollution source."""
_SEPARATORS = ",，、; ；"
_LONGITUDES, _LATITUDES = (73.0, 136.0), (3.0, 54.0)
"""The extreme points of China in degrees; what lies outside was typed wrongly."""
_MOST_WORDS = 100
_BROKEN = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})
"""What Excel shows where a formula fails (ECMA-376-1, 18.18.11 ST_CellType, type e)."""


@dataclass(frozen=True, slots=True)
class _Check:
    """One cell's rule: a test, and what to say when it fails."""

    holds: Callable[[str], bool]
    zh: str
    en: str


def _shape(pattern: str, zh: str, en: str) -> _Check:
    return _Check(lambda text: fullmatch(pattern, text) is not None, zh, en)


def _between(least: float, most: float) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        try:
            return least <= float(text) <= most
        except ValueError:
            return False

    return holds


def _are_factors(text: str) -> bool:
    return bool(factors_of(text)) and all(pollutant_of(code) for code in factors_of(text))


_NAME = _shape(
    r"[a-z0-9][a-z0-9-]{1,40}", "应为2到41位小写字母、数字或连字符", "2 to 41 of a-z, 0-9, -"
)
_WORDS = _Check(lambda text: len(text) <= _MOST_WORDS, "不超过100字", "100 characters at most")
CHECKS: Mapping[Column, _Check] = {
    Column.ENTERPRISE_ID: _NAME,
    Column.OUTLET_ID: _NAME,
    Column.ENTERPRISE_ZH: _WORDS,
    Column.OUTLET_ZH: _WORDS,
    Column.INDUSTRY: _WORDS,
    Column.REGION: _shape(r"[0-9]{6}", "应为6位区划代码", "six digits, GB/T 2260"),
    Column.ATTENTION: _Check(
        ATTENTIONS.__contains__, "应为国控、省控、市控或其他", "one of 国控 省控 市控 其他"
    ),
    Column.LONGITUDE: _Check(
        _between(*_LONGITUDES), "应为73到136之间的度数", "degrees from 73 to 136"
    ),
    Column.LATITUDE: _Check(_between(*_LATITUDES), "应为3到54之间的度数", "degrees from 3 to 54"),
    Column.SERIAL: _shape(
        r"[A-Za-z0-9-]{3,40}", "应为3到40位字母、数字或连字符", "3 to 40 of A-Z, 0-9, -"
    ),
    Column.ST: _Check(MEDIA.__contains__, "应为31（废气）或32（废水）", "31 (gas) or 32 (water)"),
    Column.MN: _shape(r"[0-9A-Za-z_]{14,24}", "应为14到24位MN", "14 to 24 characters"),
    Column.PASSWORD: _shape(r"[!-~]{1,6}", "应为1到6位字符", "1 to 6 characters"),
    Column.CIPHER_KEY: _shape(r"[0-9A-Fa-f]{32}", "应为32位十六进制字符", "32 hexadecimal digits"),
    Column.FACTORS: _Check(_are_factors, "含有未知的因子编码", "holds an unknown factor code"),
    Column.LIMITS: _Check(
        lambda text: text in _set_names(), "没有这套限值", "no such set of limits"
    ),
}


def factors_of(text: str) -> tuple[FactorCode, ...]:
    """Read the factors of a cell, separated by commas of any kind, semicolons or spaces."""
    for separator in _SEPARATORS:
        text = text.replace(separator, ",")
    return tuple(FactorCode(code) for code in text.split(",") if code)


def faults_of(rows: Sequence[SheetRow]) -> list[Fault]:
    """Find what is wrong in the cells, and where rows contradict one another, by row."""
    found = [fault for row in rows for fault in _cell_faults(row)]
    found += _medium_faults(rows)
    found += _repetitions(rows, Column.OUTLET_ID)
    found += _repetitions(rows, Column.MN)
    found += _contradictions(rows)
    return sorted(found, key=lambda fault: fault.row)


def registration_of(row: SheetRow) -> Registration:
    """Read a row without faults."""
    cells = row.cells
    chosen = _set_names().get(cells[Column.LIMITS])
    outlet = _outlet(cells, chosen)
    return Registration(
        row=row.number,
        enterprise=_enterprise(cells),
        outlet=outlet,
        device=Device(outlet.thing, cells[Column.SERIAL], outlet.enterprise),
        limits=chosen.limits(outlet.id) if chosen else (),
    )


def fault(row: SheetRow, column: Column, zh: str, en: str) -> Fault:
    """Say what is wrong in one cell."""
    return Fault(row.number, column, row.cells[column], Name(zh, en))


def _cell_faults(row: SheetRow) -> Iterator[Fault]:
    for column in Column:
        text = row.cells[column]
        check = CHECKS.get(column)
        if not text and column not in OPTIONAL:
            yield fault(row, column, "不能为空", "is missing")
        elif text in _BROKEN:
            yield fault(row, column, "公式出错，没有取到值", "is a formula that failed")
        elif text and check is not None and not check.holds(text):
            yield fault(row, column, check.zh, check.en)


def _medium_faults(rows: Sequence[SheetRow]) -> Iterator[Fault]:
    """A limit or factor for water does not belong on a stack."""
    for row in rows:
        medium = MEDIA.get(row.cells[Column.ST])
        chosen = _set_names().get(row.cells[Column.LIMITS])
        if medium and chosen and chosen.medium is not medium:
            yield fault(
                row, Column.LIMITS, "限值与系统编码的介质不符", "is for another medium than ST"
            )
        known = [pollutant_of(code) for code in factors_of(row.cells[Column.FACTORS])]
        if medium and any(one and one.medium not in {None, medium} for one in known):
            yield fault(
                row, Column.FACTORS, "因子与系统编码的介质不符", "are of another medium than ST"
            )


def _repetitions(rows: Sequence[SheetRow], column: Column) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for row in rows:
        text = row.cells[column].lower()
        before = first.setdefault(text, row.number)
        if text and before != row.number:
            yield fault(row, column, f"与第{before}行重复", f"stands in row {before} already")


_OF_ENTERPRISE = (
    Column.ENTERPRISE_ZH, Column.ENTERPRISE_EN, Column.REGION, Column.INDUSTRY, Column.ATTENTION,
    Column.LONGITUDE, Column.LATITUDE, Column.ADDRESS,
)  # fmt: skip


def _contradictions(rows: Sequence[SheetRow]) -> Iterator[Fault]:
    """Rows of one enterprise say the same of it, and a device stands at one enterprise."""
    enterprises: dict[str, SheetRow] = {}
    owners: dict[str, SheetRow] = {}
    for row in rows:
        first = enterprises.setdefault(row.cells[Column.ENTERPRISE_ID], row)
        for column in _OF_ENTERPRISE:
            if row.cells[column] != first.cells[column]:
                yield fault(
                    row,
                    column,
                    f"与第{first.number}行的同一企业不一致",
                    f"differs from row {first.number}",
                )
        holder = owners.setdefault(row.cells[Column.SERIAL].lower(), row)
        if holder.cells[Column.ENTERPRISE_ID] != row.cells[Column.ENTERPRISE_ID]:
            yield fault(
                row,
                Column.SERIAL,
                f"第{holder.number}行的企业已使用此设备",
                f"is of another enterprise in row {holder.number}",
            )


def _enterprise(cells: Mapping[Column, str]) -> Enterprise:
    zh = cells[Column.ENTERPRISE_ZH]
    return Enterprise(
        id=EnterpriseId(cells[Column.ENTERPRISE_ID]),
        name=Name(zh, cells[Column.ENTERPRISE_EN] or zh),
        region=RegionCode(cells[Column.REGION]),
        industry=cells[Column.INDUSTRY],
        attention=ATTENTIONS[cells[Column.ATTENTION]],
        longitude=float(cells[Column.LONGITUDE]),
        latitude=float(cells[Column.LATITUDE]),
        address=cells[Column.ADDRESS],
    )


def _outlet(cells: Mapping[Column, str], chosen: LimitSet | None) -> Outlet:
    zh = cells[Column.OUTLET_ZH]
    return Outlet(
        id=OutletId(cells[Column.OUTLET_ID]),
        enterprise=EnterpriseId(cells[Column.ENTERPRISE_ID]),
        name=Name(zh, cells[Column.OUTLET_EN] or zh),
        medium=MEDIA[cells[Column.ST]],
        region=RegionCode(cells[Column.REGION]),
        mn=cells[Column.MN],
        st=cells[Column.ST],
        password=cells[Column.PASSWORD],
        thing=ThingName(f"edge-{cells[Column.SERIAL].lower()}"),
        factors=factors_of(cells[Column.FACTORS]),
        reference_oxygen=chosen.reference_oxygen if chosen else None,
        process=cells[Column.PROCESS],
        keys=(cells[Column.CIPHER_KEY].lower(),) if cells[Column.CIPHER_KEY] else (),
    )


def _set_names() -> Mapping[str, Any]:
    """Give the sets of limits by key and by Chinese name, as a person may write either."""
    sets = limit_sets()
    return {**sets, **{one.name.zh: one for one in sets.values()}}
