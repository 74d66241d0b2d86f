"""The coal unit against the balances of the domain sheet (rules T-01 to T-14)."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from edge_greengrass.twin.calendar import Calendar, State
from edge_greengrass.twin.coal.absorber import limestone_needed
from edge_greengrass.twin.coal.boiler import raw_sulphur_dioxide
from edge_greengrass.twin.coal.scr import ammonia_needed
from edge_greengrass.twin.coal.unit import CoalUnit
from edge_greengrass.twin.episode import Episode, Happening
from edge_greengrass.twin.gas import saturated_humidity
from edge_greengrass.twin.plant import Samples

START = 1_790_006_400  # a midnight in Beijing
WEEK = np.arange(START, START + 7 * 86400, 60, dtype=np.int64)


def one(value: float) -> np.ndarray:
    return np.array([value])


@pytest.fixture(scope="module")
def week() -> Samples:
    return CoalUnit(seed=5).samples(WEEK)


def at_reference(shown: Samples, code: str) -> np.ndarray:
    return shown[code] * (21 - 6) / (21 - shown["a19001"])


def rank_correlation(left: Sequence[float], right: Sequence[float]) -> float:
    ranks = [np.argsort(np.argsort(side)) for side in (left, right)]
    return float(np.corrcoef(*ranks)[0, 1])


def test_coal_of_one_percent_sulphur_gives_2618_mg() -> None:
    assert raw_sulphur_dioxide(one(1.0), one(20.0))[0] == pytest.approx(2618, rel=0.001)


def test_1970_kg_of_sulphur_dioxide_need_3523_kg_of_limestone() -> None:
    assert limestone_needed(one(1970))[0] == pytest.approx(3523, rel=0.001)


def test_260_kg_of_nitrogen_oxides_need_98_kg_of_ammonia() -> None:
    assert ammonia_needed(one(260), one(2.3))[0] == pytest.approx(98.5, rel=0.002)


@pytest.mark.parametrize(
    ("celsius", "humidity"), [(45, 9.5), (48, 11.0), (50, 12.2), (52, 13.5), (55, 15.6)]
)
def test_saturated_gas_carries_the_water_of_the_table(celsius: float, humidity: float) -> None:
    assert saturated_humidity(one(celsius), 101.325)[0] == pytest.approx(humidity, abs=0.06)


def test_flow_follows_load_by_3090_cubic_metres_a_megawatt_hour(week: Samples) -> None:
    at_six = 3600 * week["a00000"] * (20.9 - week["a19001"]) / (20.9 - 6)
    k = at_six / week["g70101"]
    assert np.median(k) == pytest.approx(3090, rel=0.03)
    assert np.abs(k / np.median(k) - 1).max() < 0.20  # T-01


def test_oxygen_falls_as_load_rises_and_stays_in_its_windows(week: Samples) -> None:
    assert rank_correlation(week["g70101"], week["g70401"]) < -0.3  # T-02
    full = week["g70101"] > 255
    assert 2.5 <= week["g70401"][full].min() <= week["g70401"][full].max() <= 5
    assert 5 <= week["a19001"].min() <= week["a19001"].max() <= 8


def test_oxygen_only_grows_along_the_duct(week: Samples) -> None:
    rise = week["a19001"] - week["g12101"]
    assert rise.min() > -0.5  # G-14
    assert rise.max() < 4


def test_reported_velocity_agrees_with_the_reported_flow(week: Samples) -> None:
    """HJ 212-2017, annex D, formulas 9 and 10, over the duct of 30 m2."""
    standard = 273 / (273 + week["a01012"]) * (101.3 + week["a01013"]) / 101.325
    flow = week["a01011"] * 30 * standard * (1 - week["a01014"] / 100)
    assert np.abs(flow / week["a00000"] - 1).max() < 0.05  # G-09


def test_limestone_fed_in_a_day_is_what_the_removed_sulphur_needs(week: Samples) -> None:
    day = slice(0, 1440)
    inlet = week["g71201"][day] * week["g12201"][day]
    outlet = week["a21026"][day] * week["a00000"][day] * 3600
    removed = (inlet - outlet).sum() * 1e-6
    needed = 1.5625 * removed * 1.03 / 0.90
    fed = (week["g11001"][day] * 366).sum()
    assert fed / needed == pytest.approx(1, abs=0.03)  # T-06 allows 0.7 to 1.4


def test_ammonia_of_a_day_is_what_the_removed_nitrogen_oxides_need(week: Samples) -> None:
    day = slice(0, 1440)
    gas = week["g70101"] * 3090  # at 6 % oxygen, by T-01
    thin = (20.9 - week["g70401"]) / (20.9 - 6)
    removed = ((week["g70601"] - week["g70701"]) / thin * gas)[day].sum() * 1e-6
    assert week["g70801"][day].sum() / (0.370 * removed) == pytest.approx(1.02, abs=0.06)  # T-11
    assert week["g70501"].min() > 300
    assert week["g70901"].max() < 2.3  # T-13


def test_more_pumps_turn_for_more_sulphur_and_ph_and_density_stay_normal(week: Samples) -> None:
    pumps = sum(week[f"g103{at:02}"] for at in range(1, 6))
    carried = week["g71201"] * week["g12201"]
    by_pumps = [carried[pumps == turning].mean() for turning in sorted(set(pumps))]
    assert len(by_pumps) > 1
    assert by_pumps == sorted(by_pumps)
    assert 5.0 <= week["g11101"].min() <= week["g11101"].max() <= 5.8  # T-07
    assert 1080 <= week["g11501"].min() <= week["g11501"].max() <= 1150


def test_the_stack_is_cool_and_nearly_saturated(week: Samples) -> None:
    assert 45 <= week["a01012"].min() <= week["a01012"].max() <= 56  # T-08
    saturated = 12.2 + 0.62 * (week["a01012"] - 50)  # the table of T-09, linear about 50 °C
    assert (week["a01014"] / saturated).min() > 0.9


def test_the_unit_keeps_ultra_low_limits_in_every_hour(week: Samples) -> None:
    for code, ceiling in (("a21026", 35), ("a21002", 50), ("a34013", 10)):
        hours = at_reference(week, code).reshape(-1, 60).mean(axis=1)
        assert hours.max() < ceiling, code
        assert hours.min() > 0


def test_electrodes_of_a_running_precipitator_are_live(week: Samples) -> None:
    for at in range(1, 6):
        assert week[f"g710{at:02}"].min() > 20  # T-14
        assert week[f"g711{at:02}"].min() > 60


def test_coal_by_weight_carries_the_heat_of_the_load(week: Samples) -> None:
    megajoules = week["g70201"] * 1000 * 20
    assert np.median(megajoules / week["g70101"] / 1000) == pytest.approx(9.0, rel=0.05)


def test_a_stop_cools_the_stack_and_a_start_ends_it() -> None:
    stop = Episode(START + 3600, START + 25 * 3600, Happening.OUTAGE)
    calendar = Calendar(5, [stop])
    unit = CoalUnit(calendar, seed=5)
    times = WEEK[: 30 * 60]
    shown, states = unit.samples(times), calendar.states(times)
    still = np.array([state is State.STOPPED for state in states])
    assert [s for n, s in enumerate(states) if n == 0 or s is not states[n - 1]] == [
        State.RUNNING,
        State.STOPPING,
        State.STOPPED,
        State.STARTING,
        State.RUNNING,
    ]
    assert shown["g70101"][still].max() == 0
    assert shown["a19001"][still].min() > 18  # G-05
    assert shown["a01012"][still].max() < 40
    assert shown["g10401"][still].max() == 0
    cold = (shown["g70501"] < 300) & (shown["g70101"] > 0)
    assert cold.any()
    assert shown["g70801"][cold].max() == 0  # T-11: no ammonia into a cold catalyst
    assert not unit.sight(datetime.fromtimestamp(START + 12 * 3600, tz=UTC)).running


def test_a_running_unit_steams_and_hardly_smokes() -> None:
    seen = CoalUnit(seed=5).sight(datetime.fromtimestamp(START, tz=UTC))
    assert seen.running
    assert seen.steam > 0.5
    assert seen.opacity < 0.2


def test_every_instant_is_the_same_whatever_else_is_asked() -> None:
    unit = CoalUnit(seed=2)
    whole, alone = unit.samples(WEEK), unit.samples(WEEK[500:501])
    for code, values in alone.items():
        assert whole[code][500] == pytest.approx(values[0], rel=1e-9), code
