"""Which flags count (HJ 212-2017, table 8)."""

from decimal import Decimal

import pytest

from plume.model.outlet import Medium
from plume.rules.validity import is_valid


@pytest.mark.parametrize("medium", list(Medium))
@pytest.mark.parametrize(
    ("flag", "valid"),
    [("N", True), ("n", True), ("", True)]
    + [(flag, False) for flag in ("F", "M", "S", "D", "C", "T", "B", "St", "Md", "P", "?")],
)
def test_only_normal_data_count(flag: str, valid: bool, medium: Medium) -> None:  # noqa: FBT001
    assert is_valid(flag, Decimal(1), medium) is valid


@pytest.mark.parametrize("mean", [None, Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_number_does_not_count(mean: Decimal | None) -> None:
    assert not is_valid("N", mean, Medium.GAS)
