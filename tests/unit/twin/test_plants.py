"""The plants: their hours are the measured ones, and nothing depends on when one asks."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from edge_greengrass.twin import configuration, schedule
from edge_greengrass.twin.cast import instruments_of
from edge_greengrass.twin.clock import PlantClock
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.gas_turbine import GasTurbine
from edge_greengrass.twin.messages import Message, Station
from edge_greengrass.twin.sewage import Sewage
from plume.hj212.frame import decode
from plume.hj212.items import data_of

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


def settings(kind: str, **changed: object) -> PlantSettings:
    st = "31" if kind == "gas_turbine" else "32"
    return PlantSettings(kind, "o", "010000A8900016F00016A001", st, "123456", "h", 1, **changed)


def said(kind: str, cn: str, at: datetime, **changed: object) -> dict[str, dict[str, str]]:
    chosen = settings(kind, **changed)
    station = Station(chosen, instruments_of(chosen))
    (raw,) = station.frames(Message(at, cn, at), "20261124120000000", late=False)
    return {code: dict(item) for code, item in data_of(decode(raw, strict=True)).items.items()}


def test_an_hours_mean_is_the_measured_row() -> None:
    first_hour = np.arange(0, 3600, 10, dtype=np.int64)
    nox = GasTurbine("2011", seed=0).samples(first_hour)["a21002"]
    assert nox.mean() == pytest.approx(81.952, rel=0.005)  # first row of 2011, column NOX
    assert nox.std() > 0


def test_conversion_follows_annex_d_to_the_last_digit_reported() -> None:
    hour = said("gas_turbine", "2061", NOON)
    oxygen, nox = Decimal(hour["a19001"]["Avg"]), Decimal(hour["a21002"]["Avg"])
    expected = nox * (21 - 15) / (21 - oxygen)
    assert abs(Decimal(hour["a21002"]["ZsAvg"]) - expected) <= Decimal("0.005001")


def test_mass_of_gas_is_concentration_times_volume() -> None:
    hour = said("gas_turbine", "2061", NOON)
    volume = float(hour["a00000"]["Cou"])
    assert volume == pytest.approx(float(hour["a00000"]["Avg"]) * 3600, rel=1e-4)
    expected = float(hour["a21002"]["Avg"]) * volume * 1e-6
    assert float(hour["a21002"]["Cou"]) == pytest.approx(expected, rel=2e-3)


def test_the_mean_of_water_is_weighted_by_flow() -> None:
    hour = said("sewage", "2061", NOON)
    volume, mass = float(hour["w00000"]["Cou"]), float(hour["w01018"]["Cou"])
    assert float(hour["w01018"]["Avg"]) == pytest.approx(1000 * mass / volume, abs=0.051)


def test_the_same_instant_always_gives_the_same_frame() -> None:
    assert said("sewage", "2011", NOON, seed=3) == said("sewage", "2011", NOON, seed=3)
    assert said("sewage", "2011", NOON, seed=3) != said("sewage", "2011", NOON, seed=4)


def test_a_sample_does_not_depend_on_what_else_is_asked() -> None:
    times = np.arange(1_763_900_000, 1_763_910_000, 10, dtype=np.int64)
    for plant in (GasTurbine("2013", seed=2), Sewage(seed=2)):
        whole, alone = plant.samples(times), plant.samples(times[500:501])
        for code, values in alone.items():
            assert whole[code][500] == pytest.approx(values[0], rel=1e-9), code


def test_strain_worsens_the_effluent_alone() -> None:
    calm, strained = said("sewage", "2061", NOON), said("sewage", "2061", NOON, strain=1.5)
    assert Decimal(strained["w21003"]["Avg"]) > Decimal(calm["w21003"]["Avg"])
    assert strained["w00000"] == calm["w00000"]


def test_backfill_ends_now_and_leaves_no_gap() -> None:
    now = NOON + timedelta(minutes=25)
    owed = list(schedule.backfill(now, 3))
    hours = [m.at for m in owed if m.cn == "2061"]
    minutes = [m.at for m in owed if m.cn == "2051"]
    assert hours == [NOON - timedelta(hours=h) for h in (3, 2, 1)]
    assert minutes[0] == NOON - timedelta(hours=3)
    assert minutes[-1] == NOON + timedelta(minutes=10)
    assert len(minutes) == 20


def test_a_day_ends_at_midnight_in_beijing() -> None:
    midnight = datetime(2026, 11, 24, 16, tzinfo=UTC)
    due = {m.cn: m.at for m in schedule.due_at(midnight, 10)}
    assert due == {
        "2011": midnight,
        "2051": midnight - timedelta(minutes=10),
        "2061": midnight - timedelta(hours=1),
        "2031": midnight - timedelta(days=1),
    }


def test_a_fast_clock_stops_at_the_present() -> None:
    present = [1_000_000.0]
    clock = PlantClock(timedelta(hours=1), 60, lambda: present[0])
    assert clock.now().timestamp() == 1_000_000 - 3600
    present[0] += 30
    assert clock.now().timestamp() == 1_000_000 - 3600 + 1800
    present[0] += 60
    assert clock.now().timestamp() == present[0]


def test_a_clock_goes_as_its_host_has_set_it() -> None:
    clock = PlantClock(timedelta(0), 1, lambda: 1_000_000.0, ahead=5.0)
    assert clock.now().timestamp() == 1_000_005
    clock.set(datetime.fromtimestamp(1_000_100, tz=UTC))
    assert clock.now().timestamp() == 1_000_100
    clock.set(datetime.fromtimestamp(999_900, tz=UTC))
    assert clock.now().timestamp() == 999_900


def test_a_configuration_needs_only_what_cannot_be_known(tmp_path: Path) -> None:
    plant = {"kind": "sewage", "mn": "M", "password": "123456", "host": "h", "port": 1}
    file = tmp_path / "twins.json"
    file.write_text(json.dumps({"plants": [plant | {"backfillHours": 1.5}]}))
    (found,) = configuration.read(file)
    assert (found.st, found.outlet, found.backfill_hours, found.interval) == ("32", "M", 2, 10)


@pytest.mark.parametrize(
    "wrong", [{"kind": "mill"}, {"scale": 0}, {"port": None}, {"interval": 0}]
)
def test_a_plant_that_cannot_be_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    plant = {"kind": "sewage", "mn": "M", "password": "123456", "host": "h", "port": 1} | wrong
    file = tmp_path / "twins.json"
    file.write_text(json.dumps({"plants": [plant]}))
    with pytest.raises(configuration.BadConfiguration):
        configuration.read(file)
