"""Conversion to reference oxygen (HJ 212-2017, annex D, formulas 7 and 8)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plume.rules.oxygen import at_reference_oxygen, converted_reading, is_convertible
from tests.given import STACK, reading


def test_the_worked_example_converts_by_the_factor_of_one_point_two() -> None:
    # (21 - 6) / (21 - 8.5) = 15 / 12.5 = 1.2; 27.8447 x 1.2 = 33.41364
    converted = at_reference_oxygen(
        Decimal("27.8447"), oxygen=Decimal("8.5"), reference=Decimal(6)
    )
    assert converted == Decimal("33.41364")


@pytest.mark.parametrize(
    ("oxygen", "converted"),
    [("20.0", Decimal(150)), ("20.01", None), ("21", None), ("25", None), ("NaN", None)],
)
def test_oxygen_too_close_to_air_gives_no_value(oxygen: str, converted: Decimal | None) -> None:
    found = at_reference_oxygen(Decimal(10), oxygen=Decimal(oxygen), reference=Decimal(6))
    assert found == converted  # 10 x 15 / 1 = 150 at the very boundary


def test_without_oxygen_there_is_no_converted_value() -> None:
    assert at_reference_oxygen(Decimal(10), oxygen=None, reference=Decimal(6)) is None


def test_without_a_reference_the_measured_value_stands() -> None:
    assert at_reference_oxygen(Decimal(10), oxygen=None, reference=None) == 10


@given(st.decimals(0, 5000, places=2), st.decimals(0, 20, places=2))
def test_at_the_reference_itself_nothing_changes(measured: Decimal, oxygen: Decimal) -> None:
    found = at_reference_oxygen(measured, oxygen=oxygen, reference=oxygen)
    assert found is not None
    assert abs(found - measured) < Decimal("1e-20")


def test_abnormal_oxygen_makes_the_conversion_invalid() -> None:
    oxygen = reading("8.5", "a19001", flag="C", valid=False)
    converted = converted_reading(reading("456.0"), oxygen, STACK)
    assert (converted.converted, converted.valid) == (None, False)


def test_only_concentrations_in_gas_are_diluted_by_air() -> None:
    assert [is_convertible(unit) for unit in ("mg/m3", "mg/m³", "%", "m3/s", "mg/L", "")] == [
        True, True, False, False, False, False,
    ]  # fmt: skip
