"""Sewage works, potline, kiln and oxidiser against the balances of the domain sheet."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from edge_greengrass.twin.a2o import A2oWorks, Load, air_of, oxygen_of, sludge_of
from edge_greengrass.twin.cast import instruments_of
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.episode import Episode, Happening
from edge_greengrass.twin.kiln import CementKiln, ammonia_water
from edge_greengrass.twin.oxidiser import Oxidiser, carbon_life
from edge_greengrass.twin.plant import Plant, Samples
from edge_greengrass.twin.potline import Potline, aluminium_of, sulphur_dioxide_of

START = 1_790_006_400  # a midnight in Beijing
WEEK = np.arange(START, START + 7 * 86400, 60, dtype=np.int64)
DAY = slice(0, 1440)
PLANTS: dict[str, Callable[[], Plant]] = {
    "sewage_works": lambda: A2oWorks(seed=3),
    "potline": lambda: Potline(seed=3),
    "cement_kiln": lambda: CementKiln(seed=3),
    "oxidiser": lambda: Oxidiser(seed=3),
}


def one(value: float) -> np.ndarray:
    return np.array([value])


@pytest.fixture(scope="module")
def weeks() -> dict[str, Samples]:
    return {kind: make().samples(WEEK) for kind, make in PLANTS.items()}


@pytest.mark.parametrize("kind", PLANTS)
def test_every_channel_is_read_and_none_besides(kind: str, weeks: dict[str, Samples]) -> None:
    plant = PLANTS[kind]()
    codes = {one.code for one in (*plant.channels, *plant.process)}
    assert set(weeks[kind]) == codes
    assert all(np.isfinite(values).all() for values in weeks[kind].values())


@pytest.mark.parametrize("kind", PLANTS)
def test_an_instant_is_the_same_whatever_else_is_asked(
    kind: str, weeks: dict[str, Samples]
) -> None:
    alone = PLANTS[kind]().samples(WEEK[777:778])
    for code, values in alone.items():
        assert weeks[kind][code][777] == pytest.approx(values[0], rel=1e-9), code


@pytest.mark.parametrize("kind", PLANTS)
def test_a_plant_in_order_keeps_its_limits(kind: str, weeks: dict[str, Samples]) -> None:
    plant, shown = PLANTS[kind](), weeks[kind]
    for channel in plant.channels:
        if channel.ceiling:
            factor = 1.0
            if channel.converted:
                assert plant.reference_oxygen is not None
                factor = (21 - plant.reference_oxygen) / (21 - shown["a19001"])
            hours = (shown[channel.code] * factor).reshape(-1, 60).mean(axis=1)
            assert 0 < hours.max() < channel.ceiling, channel.code


def test_the_example_works_needs_11160_kg_of_oxygen_and_12780_cubic_metres_of_air() -> None:
    """W-03: 50,000 m3/d, BOD 180 to 8, NH3 40 to 1.5, TN 45 to 12."""
    load = Load(one(50_000), one(172), one(38.5), one(33))
    sludge = sludge_of(load)
    assert sludge[0] == pytest.approx(3440)
    oxygen = oxygen_of(load, sludge)
    assert oxygen[0] == pytest.approx(11_160, rel=0.002)
    assert air_of(oxygen)[0] == pytest.approx(12_780, rel=0.002)


def test_water_that_comes_in_goes_out(weeks: dict[str, Samples]) -> None:
    shown = weeks["sewage_works"]
    inlet, outlet = shown["e10101"][DAY].sum(), shown["w00000"][DAY].sum()
    assert abs(inlet - outlet) / inlet < 0.20  # W-01


def test_zones_energy_and_coagulant_of_the_works_are_in_their_windows(
    weeks: dict[str, Samples],
) -> None:
    shown = weeks["sewage_works"]
    assert shown["e50501"].max() < 0.2  # W-05
    assert shown["e50601"].max() < 0.5
    assert 1.5 <= shown["e50701"].min() <= shown["e50701"].max() <= 4
    kilowatts = shown["i33200"] * 3**0.5 * 0.38 * 0.85
    energy = kilowatts[DAY].sum() / (shown["e10101"][DAY] * 3.6).sum()
    assert 0.2 <= energy <= 0.5  # W-07
    molar = shown["e31301"] / 27 / (0.4 * shown["e10401"] / 31)
    assert 1.5 <= molar.min() <= molar.max() <= 2.5  # W-08


def test_264_pots_at_400_ka_make_32_96_tonnes_an_hour_and_540_kg_of_sulphur_dioxide() -> None:
    aluminium = aluminium_of(one(400), 264, 0.93)
    assert aluminium[0] == pytest.approx(32.96, abs=0.01)
    assert sulphur_dioxide_of(aluminium, one(2.0))[0] == pytest.approx(540, abs=1)


def test_the_potline_balances_metal_sulphur_gas_and_alumina(weeks: dict[str, Samples]) -> None:
    shown = weeks["potline"]
    metal = 0.33557 * shown["g72101"] * 0.93 * shown["g72201"] / 1000
    assert np.abs(shown["g73201"] / metal - 1).max() < 0.03
    made = metal * shown["g72801"] * shown["g72901"] / 100 * 2
    stack = shown["a21026"] * shown["a00000"] * 3600 * 1e-6
    assert stack[DAY].sum() / made[DAY].sum() == pytest.approx(1, abs=0.1)
    per_pot = shown["a00000"] * 3600 / shown["g72201"]
    assert 5000 <= per_pot.min() <= per_pot.max() <= 9000
    fresh = shown["g72501"][DAY].sum() / (1.92 * metal[DAY].sum())
    assert fresh >= 0.95


def test_open_hoods_and_anode_effects_raise_fluoride(weeks: dict[str, Samples]) -> None:
    shown = weeks["potline"]
    for code in ("g73101", "g72301"):
        high = shown[code] > np.quantile(shown[code], 0.95)
        assert shown["a21018"][high].mean() > 1.1 * shown["a21018"][~high].mean()


def test_the_kiln_balances_meal_gas_and_ammonia(weeks: dict[str, Samples]) -> None:
    shown = weeks["cement_kiln"]
    assert 1.5 <= (shown["g74101"] / shown["g74801"]).mean() <= 1.6  # C-01
    at_ten = shown["a00000"] * 3600 * (20.9 - shown["a19001"]) / (20.9 - 10)
    per_kilogram = at_ten / shown["g74801"] / 1000
    assert 1.8 <= per_kilogram.min() <= per_kilogram.max() <= 2.5
    assert ammonia_water(one(100))[0] == pytest.approx(100 * 0.370 * 1.6 / 0.2 / 0.923, rel=0.01)


def test_a_resting_raw_mill_warms_the_stack_and_lets_sulphur_through(
    weeks: dict[str, Samples],
) -> None:
    shown = weeks["cement_kiln"]
    hour = (WEEK / 3600 + 8) % 24
    resting, turning = (hour > 18) & (hour < 21), (hour > 1) & (hour < 16)
    assert 130 <= shown["a01012"][resting].min() <= shown["a01012"][resting].max() <= 180  # C-03
    assert 90 <= shown["a01012"][turning].min() <= shown["a01012"][turning].max() <= 110
    assert shown["a21026"][resting].mean() > 2 * shown["a21026"][turning].mean()
    assert shown["g74601"][resting].max() == 0


def test_carbon_of_a_tonne_lasts_twelve_and_a_half_days() -> None:
    assert carbon_life(1000, 0.10, 50, 20_000 * 8) == pytest.approx(12.5)  # V-04


def test_chambers_stay_hot_and_fuel_falls_when_solvent_burns(weeks: dict[str, Samples]) -> None:
    shown = weeks["oxidiser"]
    assert min(shown[f"g763{at:02}"].min() for at in (1, 2, 3)) >= 760  # V-01
    assert np.corrcoef(shown["g76401"], shown["g76601"])[0, 1] < -0.9  # V-03
    assert shown["g76801"].max() <= 40  # V-05


class Watched:
    """Twelve hours of a plant from six o'clock, an episode in the last six."""

    def __init__(self, kind: str, what: Happening | None) -> None:
        start = START + 12 * 3600
        episodes = (Episode(start, start + 6 * 3600, what),) if what else ()
        st = "32" if kind == "sewage_works" else "31"
        settings = PlantSettings(kind, "o", "m", st, "p", "h", 1, seed=3, episodes=episodes)
        times = np.arange(start - 6 * 3600, start + 6 * 3600, 60, dtype=np.int64)
        self._values = instruments_of(settings).read(times).values

    def now(self, code: str) -> np.ndarray:
        return self._values[code][420:]

    def rise(self, code: str) -> float:
        return float(self._values[code][420:].mean() / max(self._values[code][:360].mean(), 1e-9))


TRACES: list[tuple[str, Happening, Callable[[Watched], bool]]] = [
    (
        "sewage_works",
        Happening.BLOWER_OFF,
        lambda w: w.now("e30201").max() == 0 and w.now("w21003").max() > 5,
    ),
    (
        "sewage_works",
        Happening.BLOWER_OFF_HIDDEN,
        lambda w: (
            w.now("e30201").max() == 0
            and w.now("e50701").min() > 1.5
            and w.now("w21003").max() < 5
        ),
    ),
    (
        "sewage_works",
        Happening.DOSING_OFF_HIDDEN,
        lambda w: w.now("e31301").max() == 0 and w.now("w21011").max() < 0.5,
    ),
    (
        "sewage_works",
        Happening.FLOW_CUT,
        lambda w: w.now("w00000").sum() < 0.85 * w.now("e10101").sum(),
    ),
    (
        "potline",
        Happening.ALUMINA_OFF,
        lambda w: w.now("g72501").max() == 0 and w.rise("a21018") > 3,
    ),
    (
        "potline",
        Happening.ALUMINA_OFF_HIDDEN,
        lambda w: w.now("g72501").max() == 0 and w.rise("a21018") < 1.5,
    ),
    (
        "potline",
        Happening.SULPHUR_SHAVED,
        lambda w: (
            (w.now("a21026") * w.now("a00000") * 3600e-6).mean()
            < 0.6 * (w.now("g73201") * w.now("g72801") * w.now("g72901") * 0.02).mean()
        ),
    ),
    (
        "potline",
        Happening.BAG_BURST,
        lambda w: w.now("g72701").max() < 300 and w.rise("a34013") > 5,
    ),
    (
        "cement_kiln",
        Happening.AMMONIA_OFF,
        lambda w: w.now("g74501").max() == 0 and w.now("a21002").mean() > 500,
    ),
    (
        "cement_kiln",
        Happening.AMMONIA_OFF_HIDDEN,
        lambda w: w.now("g74501").max() == 0 and w.now("a21002").mean() < 320,
    ),
    (
        "cement_kiln",
        Happening.BAG_BURST,
        lambda w: w.now("g72701").max() < 300 and w.rise("a34013") > 5,
    ),
    (
        "oxidiser",
        Happening.RTO_COLD,
        lambda w: w.now("g76301").max() < 760 and w.now("a24088").max() > 120,
    ),
    (
        "oxidiser",
        Happening.RTO_COLD_HIDDEN,
        lambda w: w.now("g76301").max() < 760 and w.now("a24088").max() < 20,
    ),
    ("oxidiser", Happening.VENT_OPEN, lambda w: w.now("g76701").min() > 5),
    (
        "oxidiser",
        Happening.FAN_OFF,
        lambda w: w.now("g76101").max() > 100 and w.now("g76201").max() < 0.3 * 96,
    ),
    ("oxidiser", Happening.CARBON_SPENT, lambda w: w.now("g77001").min() > 1.2 * 46.9),
]


@pytest.mark.parametrize(("kind", "what", "trace"), TRACES)
def test_a_trick_leaves_its_trace(
    kind: str, what: Happening, trace: Callable[[Watched], bool]
) -> None:
    assert trace(Watched(kind, what))
    assert not trace(Watched(kind, None))


@pytest.mark.parametrize(
    ("kind", "production"),
    [
        ("coal_unit", "g70101"),
        ("sewage_works", "e10101"),
        ("potline", "g72101"),
        ("cement_kiln", "g74101"),
        ("oxidiser", "g76101"),
    ],
)
def test_every_plant_knows_every_state(kind: str, production: str) -> None:
    noon = START + 12 * 3600
    hour = 3600
    episodes = (
        Episode(noon - 5 * hour, noon - 4 * hour, Happening.CALIBRATION),
        Episode(noon - 3 * hour, noon - 2 * hour, Happening.MAINTENANCE),
        Episode(noon - 2 * hour, noon - hour, Happening.ANALYSER_FAULT),
        Episode(noon, noon + 24 * hour, Happening.BANKED),
        Episode(noon + 48 * hour, noon + 72 * hour, Happening.OUTAGE),
        Episode(noon + 96 * hour, noon + 104 * hour, Happening.TRIP),
    )
    st = "32" if kind == "sewage_works" else "31"
    chosen = PlantSettings(kind, "o", "m", st, "p", "h", 1, seed=3, episodes=episodes)
    instruments = instruments_of(chosen)
    offsets = {"C": -4.5, "M": -2.5, "D": -1.5, "N": -0.5, "F": 12, "F ": 60, "F  ": 98}
    times = np.array([noon + int(at * hour) for at in offsets.values()], dtype=np.int64)
    shown = instruments.read(times)
    first = next(one.code for one in instruments.plant.channels if one.mass)
    assert shown.letters[first].tolist() == [letter.strip() for letter in offsets]
    assert shown.values[production][3] > 0
    assert shown.values[production][4:].max() == 0
    assert set(shown.letters[production].tolist()) == {"N"}
    later = np.array([noon + 71 * hour], dtype=np.int64)
    never = instruments_of(replace(chosen, episodes=())).read(later)
    starting = instruments.read(later)
    assert 0 < starting.values[production][0] < never.values[production][0]
