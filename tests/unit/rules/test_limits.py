"""Limits in force, and what breaks them (rule G-06)."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from plume.model.finding import Severity
from plume.model.identity import FactorCode
from plume.model.limit import Basis
from plume.model.outlet import Name
from plume.model.reading import Span
from plume.rules.limits import in_force, judge_limits
from tests.given import COD_LIMIT, DRAIN, EIGHT, SO2_LIMIT, STACK, reading

SO2 = Name("SO2", "SO2")
PH = replace(
    COD_LIMIT, id="ph", factor=FactorCode("w01001"), ceiling=Decimal(9), floor=Decimal(6), unit=""
)


def judged(converted: str, mean: str = "456.0", **said: object):  # noqa: ANN201, told by use
    hour = reading(mean, converted=Decimal(converted), **said)
    return judge_limits(hour, [SO2_LIMIT], outlet=STACK.name, factor=SO2)


def test_the_sentence_says_the_numbers_in_both_languages() -> None:
    # (546.6 - 35) / 35 = 14.617...
    finding = judged("546.6")
    assert finding.sentence.zh == "1 号机组 SO2 折算 546.6 mg/m3，限值 35，超标 14.6 倍"
    assert finding.sentence.en == (
        "Unit 1 SO2 converted 546.6 mg/m3, limit 35, 14.6 times over the limit"
    )


@pytest.mark.parametrize(
    ("converted", "broken", "severity"),
    [
        ("35", False, Severity.L3),
        ("35.01", True, Severity.L3),
        ("42", True, Severity.L3),
        ("42.1", True, Severity.L2),
        ("70", True, Severity.L2),
        ("70.1", True, Severity.L1),
    ],
)
def test_severity_grows_with_the_ratio(converted: str, broken: bool, severity: Severity) -> None:  # noqa: FBT001
    finding = judged(converted)
    assert finding.broken is broken
    assert not broken or finding.severity is severity


def test_a_breach_by_a_hair_never_reads_like_the_limit_itself() -> None:
    assert judged("35.004", mean="29.2").sentence.zh.endswith(
        "折算 35.004 mg/m3，限值 35，超标 0.0001 倍"
    )


@pytest.mark.parametrize("flag", ["C", "D", "M", "F", "T", "B", "S"])
def test_an_abnormal_flag_is_never_an_exceedance(flag: str) -> None:
    assert judged("546.6", flag=flag, valid=False) is None


def test_a_converted_limit_says_nothing_about_a_value_without_conversion() -> None:
    hour = reading("456.0", converted=None)
    assert judge_limits(hour, [SO2_LIMIT], outlet=STACK.name, factor=SO2) is None


def test_a_measured_limit_takes_the_measured_value() -> None:
    measured = replace(SO2_LIMIT, basis=Basis.MEASURED)
    hour = reading("30", converted=Decimal(400))
    finding = judge_limits(hour, [measured], outlet=STACK.name, factor=SO2)
    assert (finding.broken, finding.value) == (False, 30)


def test_water_is_judged_by_the_day_and_never_by_the_hour() -> None:
    hour = reading("62.3", "w01018", outlet=DRAIN.id)
    day = replace(hour, span=Span.DAY)
    cod = Name("COD", "COD")
    assert judge_limits(hour, [COD_LIMIT], outlet=DRAIN.name, factor=cod) is None
    finding = judge_limits(day, [COD_LIMIT], outlet=DRAIN.name, factor=cod)
    assert finding.sentence.zh == "总排口 COD 日均 62.3 mg/L，限值 50，超标 0.2 倍"


@pytest.mark.parametrize(
    ("value", "broken", "severity"),
    [("6", False, None), ("9", False, None), ("5.8", True, "L3"), ("9.6", True, "L2"),
     ("4.9", True, "L1")],
)  # fmt: skip
def test_ph_has_a_floor_and_a_ceiling(value: str, broken: bool, severity: str | None) -> None:  # noqa: FBT001
    day = reading(value, "w01001", span=Span.DAY)
    finding = judge_limits(day, [PH], outlet=DRAIN.name, factor=Name("pH", "pH"))
    assert finding.broken is broken
    assert not broken or finding.severity == severity


def test_the_limit_of_the_instant_counts_and_not_that_of_today() -> None:
    turn = datetime(2026, 8, 1, tzinfo=UTC)
    old = replace(SO2_LIMIT, ceiling=Decimal(100), valid_to=turn)
    new = replace(SO2_LIMIT, id="new", valid_from=turn)
    found = in_force([old, new], SO2_LIMIT.factor, Span.HOUR, turn)
    assert [limit.id for limit in found] == ["new"]
    assert in_force([old, new], SO2_LIMIT.factor, Span.HOUR, datetime(2026, 7, 1, tzinfo=UTC)) == (
        old,
    )


def test_a_newer_version_of_a_limit_replaces_the_older() -> None:
    newer = replace(SO2_LIMIT, version=2, ceiling=Decimal(50))
    assert in_force([newer, SO2_LIMIT], SO2_LIMIT.factor, Span.HOUR, EIGHT) == (newer,)


def test_of_two_limits_in_force_the_broken_one_speaks() -> None:
    mild = replace(SO2_LIMIT, id="national", ceiling=Decimal(100))
    hour = reading("40", converted=Decimal(48))
    finding = judge_limits(hour, [mild, SO2_LIMIT], outlet=STACK.name, factor=SO2)
    assert (finding.broken, finding.limit) == (True, 35)
