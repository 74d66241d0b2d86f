"""Rolling up minutes and hours (HJ 212-2017, notes of tables C.16 to C.18; HJ 75-2017)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plume.model.outlet import Medium
from plume.model.reading import Origin, Reading, Span
from plume.rules.rollup import Whole, interval_of, roll_up
from tests.given import EIGHT, HOUR, MINUTE, reading


def parts(
    *runs: tuple[int, str, str], factor: str = "a21026", step: timedelta = MINUTE
) -> list[Reading]:
    """Consecutive parts from eight o'clock: (how many, value, flag) per run."""
    each = [(value, flag) for count, value, flag in runs for _ in range(count)]
    return [
        reading(
            value, factor, span=Span.MINUTE, start=EIGHT + i * step, flag=flag, valid=flag == "N"
        )
        for i, (value, flag) in enumerate(each)
    ]


def hour(part: timedelta = MINUTE, medium: Medium = Medium.GAS) -> Whole:
    return Whole(Span.HOUR, EIGHT, part, medium)


@pytest.mark.parametrize(("normal", "flag"), [(60, "N"), (45, "N"), (44, "D"), (1, "D")])
def test_a_gas_hour_stands_from_45_valid_minutes_on(normal: int, flag: str) -> None:
    found = roll_up(parts((normal, "30", "N"), (60 - normal, "900", "C")), hour())
    assert (found.flag, found.valid, found.mean) == (flag, flag == "N", 30)
    assert found.source is Origin.COMPUTED


@pytest.mark.parametrize(("normal", "flag"), [(6, "N"), (5, "N"), (4, "D")])
def test_a_ten_minute_station_needs_five_of_six(normal: int, flag: str) -> None:
    ten = timedelta(minutes=10)
    found = roll_up(parts((normal, "30", "N"), (6 - normal, "900", "C"), step=ten), hour(ten))
    assert found.flag == flag  # 4 x 10 = 40 minutes < 45, 5 x 10 = 50


def test_missing_minutes_are_not_covered() -> None:
    assert roll_up(parts((44, "30", "N")), hour()).flag == "D"


def test_an_hour_without_a_normal_minute_has_no_mean() -> None:
    found = roll_up(parts((60, "30", "D")), hour())
    assert (found.mean, found.valid) == (None, False)


@pytest.mark.parametrize(("hours", "flag"), [(24, "N"), (20, "N"), (19, "D")])
def test_a_gas_day_stands_from_20_valid_hours_on(hours: int, flag: str) -> None:
    found = [reading("30", start=EIGHT + i * HOUR, converted=Decimal(36)) for i in range(hours)]
    day = roll_up(found, Whole(Span.DAY, EIGHT, HOUR, Medium.GAS))
    assert (day.flag, day.mean, day.converted) == (flag, 30, 36)


def test_one_abnormal_part_spoils_water_with_its_own_letter() -> None:
    ten = timedelta(minutes=10)
    found = roll_up(
        parts((5, "40.1", "N"), (1, "0", "F"), factor="w01018", step=ten),
        hour(ten, Medium.WATER),
    )
    assert (found.flag, found.valid, found.mean) == ("F", False, Decimal("40.1"))


def test_a_day_mean_of_water_weighs_by_flow() -> None:
    # (40 x 10 + 60 x 30) / 40 = 2200 / 40 = 55, not the plain mean 50
    found = [reading("40" if i % 2 else "60", "w01018", start=EIGHT + i * HOUR) for i in range(24)]
    flows = {one.start: Decimal(10 if one.mean == 40 else 30) for one in found}
    whole = Whole(Span.DAY, EIGHT, HOUR, Medium.WATER, flows)
    assert roll_up(found, whole, weighted=True).mean == 55
    assert roll_up(found, Whole(Span.DAY, EIGHT, HOUR, Medium.WATER), weighted=True).mean == 50


def test_the_ph_of_a_day_is_the_median() -> None:
    values = ["7.0"] * 23 + ["13.9"]
    found = [reading(value, "w01001", start=EIGHT + i * HOUR) for i, value in enumerate(values)]
    assert roll_up(found, Whole(Span.DAY, EIGHT, HOUR, Medium.WATER)).mean == 7


def test_a_water_day_needs_three_quarters_of_its_hours() -> None:
    found = [reading("40", "w01018", start=EIGHT + i * HOUR) for i in range(18)]
    whole = Whole(Span.DAY, EIGHT, HOUR, Medium.WATER)
    assert (roll_up(found, whole).flag, roll_up(found[:17], whole).flag) == ("N", "D")


@pytest.mark.parametrize(
    ("minutes", "length"),
    [((0, 10, 20, 30), 10), ((0, 1, 2, 3), 1), ((0, 20, 50), 10), ((0,), 1), ((0, 7), 1)],
)
def test_the_interval_divides_every_step_between_the_starts(
    minutes: tuple[int, ...], length: int
) -> None:
    starts = [EIGHT + m * MINUTE for m in minutes]
    assert interval_of(starts) == timedelta(minutes=length)


@given(st.lists(st.decimals(0, 1000, places=1), min_size=1, max_size=60))
def test_a_mean_lies_between_the_extremes(values: list[Decimal]) -> None:
    runs = [(1, str(value), "N") for value in values]
    found = roll_up(parts(*runs), hour())
    assert found.minimum is not None
    assert found.mean is not None
    assert found.maximum is not None
    assert found.minimum <= found.mean <= found.maximum
