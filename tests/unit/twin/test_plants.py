"""The plants: their hours are the measured ones, and nothing depends on when one asks."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_greengrass.twin import telegram
from edge_greengrass.twin.gas_turbine import GasTurbine, oxygen
from edge_greengrass.twin.replay import EPOCH
from edge_greengrass.twin.sewage_works import SewageWorks
from edge_greengrass.twin.telegram import Kind, Telegram, data_of, intervals

DATA = Path(telegram.__file__).parent / "data"
FIRST_MEASURED_NOX = "81.952"  # first row of gt_2011, column NOX


def attribute(data: str, name: str) -> float:
    (found,) = (
        float(attribute.partition("=")[2])
        for item in data.split(";")
        for attribute in item.split(",")
        if attribute.startswith(f"{name}=")
    )
    return found


def test_the_first_measured_row_is_the_one_in_the_file() -> None:
    with gzip.open(DATA / "gt_2011.csv.gz", "rt") as lines:
        assert lines.readlines()[1].strip().endswith(FIRST_MEASURED_NOX)


def test_the_hourly_mean_is_the_measured_value() -> None:
    unit = GasTurbine(data="gt_2011.csv.gz", seed=0)
    hour = data_of(Telegram(Kind.HOUR, EPOCH), unit)
    assert attribute(hour, "a21002-Avg") == pytest.approx(float(FIRST_MEASURED_NOX), abs=0.005)
    assert attribute(hour, "a21002-Min") < attribute(hour, "a21002-Avg")
    assert attribute(hour, "a21002-Avg") < attribute(hour, "a21002-Max")


def test_oxygen_falls_from_idle_to_full_load() -> None:
    assert [oxygen(energy) for energy in (90, 100, 140, 180, 200)] == [16, 16, 14.75, 13.5, 13.5]


def test_conversion_is_to_fifteen_percent_oxygen() -> None:
    unit = GasTurbine(data="gt_2011.csv.gz", seed=0)
    assert unit.factor({"a19001": 15.0}) == 1
    assert unit.factor({"a19001": 18.0}) == 2


def test_mass_is_concentration_times_volume() -> None:
    hour = data_of(Telegram(Kind.HOUR, EPOCH), GasTurbine(data="gt_2011.csv.gz", seed=0))
    volume = attribute(hour, "a00000-Cou")
    assert volume == pytest.approx(attribute(hour, "a00000-Avg") * 3600, rel=1e-4)
    expected = attribute(hour, "a21002-Avg") * volume * 1e-6
    assert attribute(hour, "a21002-Cou") == pytest.approx(expected, abs=0.006)


def test_water_volume_is_litres_per_second_over_the_hour() -> None:
    hour = data_of(Telegram(Kind.HOUR, EPOCH), SewageWorks(data="dry_influent.csv.gz", seed=1))
    assert attribute(hour, "w00000-Cou") == pytest.approx(
        attribute(hour, "w00000-Avg") * 3.6, rel=1e-4
    )


def test_a_composite_sample_stands_for_its_hour() -> None:
    works = SewageWorks(data="dry_influent.csv.gz", seed=1)
    at = EPOCH + timedelta(hours=30)
    cod = {works.sample(at + timedelta(minutes=m))["w01018"] for m in (0, 17, 59)}
    assert len(cod) == 1


def test_a_plant_says_the_same_of_an_instant_for_ever() -> None:
    at = datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC)
    say = [data_of(Telegram(Kind.REAL_TIME, at), GasTurbine(data="gt_2013.csv.gz", seed=5))] * 2
    assert say[0] == data_of(
        Telegram(Kind.REAL_TIME, at), GasTurbine(data="gt_2013.csv.gz", seed=5)
    )
    assert say[0] != data_of(
        Telegram(Kind.REAL_TIME, at), GasTurbine(data="gt_2013.csv.gz", seed=6)
    )


def test_intervals_end_within_the_stretch_and_never_after_it() -> None:
    since = datetime(2026, 3, 1, 4, 30, tzinfo=UTC)
    until = since + timedelta(hours=3)
    found = list(intervals(Kind.HOUR, since, until))
    assert [each.about.hour for each in found] == [12, 13, 14]  # in Beijing
    assert all(since < each.due <= until for each in found)


def test_a_day_begins_at_midnight_in_beijing() -> None:
    since = datetime(2026, 3, 1, 15, tzinfo=UTC)
    (day,) = intervals(Kind.DAY, since, since + timedelta(hours=2))
    assert day.about == datetime(2026, 2, 28, 16, tzinfo=UTC)
