"""The words of CP: factor codes, attributes and parameters, and how to read bent ones."""

import re
from functools import cache, lru_cache

from plume.hj212.commands import GAS_SYSTEMS, WATER_SYSTEMS
from plume.model.outlet import Medium
from plume.model.pollutant import catalogue

NUMERIC = frozenset(
    {"Rtd", "Min", "Avg", "Max", "Cou", "ZsRtd", "ZsMin", "ZsAvg", "ZsMax"}
    | {"Data", "DayData", "NightData", "RS", "RT", "SampleRd", "StandardValue"}
)
"""Attributes whose value is a decimal (HJ 212-2017, table 4; SampleRd, StandardValue: 2025)."""
ATTRIBUTES = NUMERIC | {"Flag", "EFlag", "SampleTime", "Info", "SN"}
ATTRIBUTES |= {"CompleteTime", "SampleType", "ResultType"}
PARAMETERS = frozenset(
    {"SystemTime", "DataTime", "BeginTime", "EndTime", "RestartTime", "QnRtn", "ExeRtn"}
    | {"RtdInterval", "MinInterval", "NewPW", "OverTime", "ReCount", "VaseNo", "CstartTime"}
    | {"Ctime", "CTime", "Stime", "PolId", "InfoId", "SKCreateTime", "NewSK", "CalibrationType"}
)
_BY_CASE = {one.lower(): one for one in ATTRIBUTES}
_PARAMETERS_BY_CASE = {one.lower(): one for one in PARAMETERS}
_FACTOR = re.compile(r"[aw]\d{5}")
_STANDARD = re.compile(
    r"[aw]\d{5}|[eg]\d{5}|[dp]\d{5}|[iI]\d{5}|SB\d{1,3}|L[AnN]|L(?:5|10|50|90|95)|Leq|Ld|Ldn|LMx|LMn"
)
_BARE = re.compile(r"\d{5}")


def attribute(name: str) -> str:
    """Give an attribute as the standard writes it; one it does not know stays as sent."""
    return _BY_CASE.get(name.lower(), name)


def parameter(name: str) -> str:
    """Give a parameter as the standard writes it; one it does not know stays as sent."""
    return name if name in PARAMETERS else _PARAMETERS_BY_CASE.get(name.lower(), name)


@lru_cache(maxsize=4096)
def standard_code(code: str, st: str) -> str:
    """Give a code as the standards of today write it; an unknown one stays as sent.

    01018 becomes w01018 on a water system, 011 of the 2005 edition w01018, W01018 w01018.

    Source:
        HJ 212-2017, annex B (the codes of 2005 stand beside those of HJ 524 and HJ 525).
    """
    if _STANDARD.fullmatch(code):
        return code
    medium = _medium(st)
    if _BARE.fullmatch(code) and medium:
        return f"{'a' if medium is Medium.GAS else 'w'}{code}"
    lower = code.lower()
    if _FACTOR.fullmatch(lower):
        return lower
    return _codes_of_2005().get((medium, code.upper()), code)


def code_dialects(code: str, st: str) -> list[str]:
    """Name what is odd about a code."""
    if _STANDARD.fullmatch(code):
        return []
    standard = standard_code(code, st)
    if standard == code:
        return ["unknown_code"]
    if _BARE.fullmatch(code):
        return ["factor_without_medium_letter"]
    return ["code_case" if standard == code.lower() else "code_2005"]


def attribute_dialects(name: str) -> list[str]:
    """Name what is odd about an attribute."""
    if name in ATTRIBUTES:
        return []
    return ["attribute_case" if name.lower() in _BY_CASE else "unknown_attribute"]


def parameter_dialects(name: str) -> list[str]:
    """Name what is odd about a parameter."""
    if name in PARAMETERS:
        return []
    return ["attribute_case" if name.lower() in _PARAMETERS_BY_CASE else "unknown_parameter"]


def _medium(st: str) -> Medium | None:
    if st in GAS_SYSTEMS:
        return Medium.GAS
    return Medium.WATER if st in WATER_SYSTEMS else None


@cache
def _codes_of_2005() -> dict[tuple[Medium | None, str], str]:
    return {(one.medium, old): one.code for one in catalogue().values() for old in one.codes_2005}
