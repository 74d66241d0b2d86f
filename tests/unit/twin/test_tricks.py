"""Every labelled fault and tampering leaves the trace that the domain sheet says it leaves.

Each trace is sought in hours in which the trick is played, and, as negative control, in the same
hours of the same plant without it.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from edge_greengrass.twin import labels
from edge_greengrass.twin.cast import instruments_of
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.episode import Episode, Happening
from edge_greengrass.twin.instruments import Instruments, Readout
from edge_greengrass.twin.messages import Message, Station
from edge_greengrass.twin.revision import Shaved, revisions
from edge_greengrass.twin.tricks import REPERTOIRES, TRICKS, rules_for
from plume.hj212.frame import decode
from plume.hj212.items import data_of

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
START = int(NOON.timestamp())
LENGTH = 6 * 3600
TIMES = np.arange(START - LENGTH, START + LENGTH, 60, dtype=np.int64)
SO2, NOX, DUST, OXYGEN, FLOW = "a21026", "a21002", "a34013", "a19001", "a00000"


def settings(kind: str, what: Happening | None) -> PlantSettings:
    episodes = (Episode(START, START + LENGTH, what),) if what else ()
    st = "32" if kind.startswith("sewage") else "31"
    return PlantSettings(
        kind, "o", "010000A8900016F00016A001", st, "123456", "h", 1, seed=6, episodes=episodes
    )


class Watched:
    """Six hours before and six hours of an episode, minute by minute."""

    def __init__(self, kind: str, what: Happening | None) -> None:
        self.settings = settings(kind, what)
        self.instruments = instruments_of(self.settings)
        self.readout: Readout = self.instruments.read(TIMES)
        self.truth = self.instruments.plant.samples(TIMES)

    def now(self, code: str) -> np.ndarray:
        return self.readout.values[code][360:]

    def before(self, code: str) -> np.ndarray:
        return self.readout.values[code][:360]

    def letters(self, code: str) -> set[str]:
        return set(self.readout.letters[code][360:].tolist())

    def converted(self, code: str) -> np.ndarray:
        return self.now(code) * 15 / (21 - self.now(OXYGEN))

    def ratio(self, code: str) -> float:
        """From the minutes before the start to those half an hour after it."""
        late = self.readout.values[code][380:400].mean()
        return float(late / self.readout.values[code][340:360].mean())

    def hour(self) -> dict[str, dict[str, float]]:
        """The hour frame of the second hour of the episode."""
        at = NOON + timedelta(hours=1)
        station = Station(self.settings, self.instruments)
        raws = station.frames(Message(at, "2061", at), "20261124140000000", late=False)
        items = {k: v for raw in raws for k, v in data_of(decode(raw)).items.items()}
        return {
            code: {name: float(text) for name, text in item.items() if name != "Flag"}
            for code, item in items.items()
        }


Trace = Callable[[Watched], bool]


def thinned(watched: Watched) -> bool:
    """F-08: every gas falls by (20.9 - O2 after) / (20.9 - O2 before), converted values stay."""
    left = (20.9 - watched.now(OXYGEN)[5]) / (20.9 - watched.before(OXYGEN)[-5])
    gases = [watched.ratio(code) for code in (SO2, NOX)]
    return left < 0.9 and all(abs(one / left - 1) < 0.10 for one in gases)


def without_oxygen(watched: Watched) -> bool:
    """F-09: all fall by one factor, oxygen with them."""
    return all(watched.ratio(code) < 0.85 for code in (SO2, NOX, OXYGEN))


def spiked(watched: Watched) -> bool:
    """F-05: three minutes and more at exactly the highest value, none above the limit."""
    values = np.round(watched.converted(SO2), 1)
    return values.max() <= 35 and int((values == values.max()).sum()) >= 30


def stopped_but_running(watched: Watched) -> bool:
    """G-05: declared stopped with oxygen below 18 %."""
    return watched.letters(SO2) == {"F"} and watched.now(OXYGEN).max() < 18


def velocity_disagrees(watched: Watched) -> bool:
    """G-09 over the duct of 30 m2."""
    standard = 273 / (273 + watched.now("a01012")) * (101.3 + watched.now("a01013")) / 101.325
    flow = watched.now("a01011") * 30 * standard * (1 - watched.now("a01014") / 100)
    return bool(np.abs(flow / watched.now(FLOW) - 1).mean() > 0.05)


def too_dry(watched: Watched) -> bool:
    """T-09, with the table of the sheet about 50 °C."""
    return bool((watched.now("a01014") < 0.6 * (12.2 + 0.62 * (watched.now("a01012") - 50))).all())


def hidden_exceedance(watched: Watched) -> bool:
    """G-16: every value above the limit is marked."""
    return watched.letters(SO2) == {"M"} and bool((watched.converted(SO2) > 35).mean() > 0.9)


def repeated(watched: Watched) -> bool:
    """F-11: twelve points and more, the same as a day before."""
    past = watched.instruments.read(TIMES[360:] - 86400).values[SO2]
    return bool((past == watched.now(SO2)).all())


def clock_is_late(watched: Watched) -> bool:
    """G-02: DataTime against the time of sampling."""
    at = NOON + timedelta(hours=2)
    station = Station(watched.settings, watched.instruments)
    (raw, *_) = station.frames(Message(at, "2011", at), "20261124140000000", late=False)
    told = data_of(decode(raw)).data_time
    return told is not None and abs(told - at) > timedelta(seconds=120)


def told_anew(watched: Watched) -> bool:
    """G-12: an hour comes again, later and with another value."""
    calendar = watched.instruments.calendar
    again = list(revisions(calendar, NOON, NOON + timedelta(hours=6)))
    if not again:
        return False
    assert [one.at for one in again] == [NOON + timedelta(hours=n) for n in range(6)]
    assert all(one.due >= NOON + timedelta(hours=6) for one in again)
    forged = Instruments(Shaved(watched.instruments.plant), calendar)
    station = Station(watched.settings, watched.instruments, forged)
    before, after = (
        data_of(decode(station.frames(one, "20261124140000000", late=True)[0])).items
        for one in (replace(again[0], revised=False), again[0])
    )
    return bool(float(after[SO2]["Avg"]) < 0.85 * float(before[SO2]["Avg"]))


def silent(watched: Watched) -> bool:
    at = NOON + timedelta(hours=2)
    return not Station(watched.settings, watched.instruments).tells(Message(at, "2011", at))


def uncorrelated(watched: Watched, code: str, with_: str) -> bool:
    return abs(np.corrcoef(watched.now(code), watched.now(with_))[0, 1]) < 0.999


def masses_disagree(watched: Watched) -> bool:
    """G-08."""
    hour = watched.hour()
    told = hour[SO2]["Cou"] / (hour[SO2]["Avg"] * hour[FLOW]["Avg"] * 3600 * 1e-6)
    return abs(told - 1) > 0.03


def conversions_disagree(watched: Watched) -> bool:
    """G-07."""
    hour = watched.hour()
    own = hour[SO2]["Avg"] * (21 - 6) / (21 - hour[OXYGEN]["Avg"])
    return abs(hour[SO2]["ZsAvg"] / own - 1) > 0.02


def low_and_current_off(watched: Watched) -> bool:
    """T-04: no pump turns, and still the limit is kept."""
    return bool(watched.now("g10401").max() == 0 and watched.converted(SO2).max() < 35)


COAL: dict[Happening, Trace] = {
    Happening.CONSTANT: lambda w: np.ptp(w.now(SO2)) == 0,
    Happening.SMALL_WOBBLE: lambda w: np.ptp(w.now(SO2)) / w.now(SO2).mean() < 0.021,
    Happening.DETECTION_LIMIT: lambda w: w.now(SO2).max() < 1.2,
    Happening.LIMIT_HUGGING: lambda w: bool(
        ((w.converted(SO2) > 0.85 * 35) & (w.converted(SO2) < 35)).mean() > 0.95
    ),
    Happening.CLIPPING: spiked,
    Happening.ZERO_VALUES: lambda w: w.now(SO2).max() <= 0,
    Happening.SPAN_SWAPPED: lambda w: (
        abs(w.ratio(SO2) - 0.6) < 0.12
        and abs(w.ratio(FLOW) - 1) < 0.06
        and set(w.readout.letters[SO2][360:375].tolist()) == {"C"}
    ),
    Happening.SLOPE_EDITED: lambda w: (
        w.instruments.slope(SO2, START + 3600) != w.instruments.slope(SO2, START - 3600) == 1.0
        and abs(w.ratio(SO2) - 0.7) < 0.12
    ),
    Happening.DILUTION_AIR: thinned,
    Happening.DILUTION_NITROGEN: without_oxygen,
    Happening.OXYGEN_LOWERED: lambda w: w.now(OXYGEN).mean() < w.now("g12101").mean() - 0.5,
    Happening.REPLAYED_DAY: repeated,
    Happening.COPIED_INLET: lambda w: not uncorrelated(w, SO2, "g71201"),
    Happening.AREA_EDITED: velocity_disagrees,
    Happening.HUMIDITY_LOWERED: too_dry,
    Happening.CONVERSION_EDITED: conversions_disagree,
    Happening.MASS_EDITED: masses_disagree,
    Happening.FLAG_ABUSE: hidden_exceedance,
    Happening.FALSE_STOP: stopped_but_running,
    Happening.CLOCK_SHIFT: clock_is_late,
    Happening.BLACKOUT: silent,
    Happening.REWRITTEN_HOURS: told_anew,
    Happening.FROZEN_SENSOR: lambda w: np.ptp(w.now("g11101")) == 0,
    Happening.PUMP_TRIP: lambda w: w.ratio("g10303") < 0.1 and w.ratio(SO2) > 1.5,
    Happening.PUMPS_OFF: lambda w: (
        w.now("g10401").max() == 0 and w.converted(SO2).min() > 300 and w.now("a01012").min() > 65
    ),
    Happening.PUMPS_OFF_HIDDEN: low_and_current_off,
    Happening.REAGENT_OFF: lambda w: (
        w.now("g11001").max() == 0 and w.now("g11101").min() < 4.5 and w.converted(SO2).max() > 200
    ),
    Happening.REAGENT_OFF_HIDDEN: lambda w: (
        w.now("g11001").max() == 0 and w.now("g11101").min() < 4.5 and w.converted(SO2).max() < 35
    ),
    Happening.BYPASS_OPEN: lambda w: w.now("g11601")[10] > 5 and w.converted(SO2)[10:].min() > 35,
    Happening.BYPASS_HIDDEN: lambda w: (
        w.now("g11601").max() == 0
        and w.now("a01012")[10:].min() > 65
        and w.converted(SO2).max() < 35
    ),
    Happening.AMMONIA_OFF: lambda w: w.now("g70801")[10:].max() == 0 and w.converted(NOX)[10] > 50,
    Happening.AMMONIA_OFF_HIDDEN: lambda w: (
        w.now("g70801")[10:].max() == 0 and w.converted(NOX).max() < 50
    ),
    Happening.FIELD_TRIP: lambda w: w.now("g71005").max() < 20 and w.ratio(DUST) > 2,
    Happening.FIELD_TRIP_HIDDEN: lambda w: w.now("g71005").max() < 20 and w.ratio(DUST) < 1.3,
}


@pytest.fixture(scope="module")
def innocent() -> Watched:
    return Watched("coal_unit", None)


def test_every_trick_of_the_coal_unit_has_its_trace() -> None:
    assert set(COAL) == set(REPERTOIRES["coal_unit"])
    assert len(COAL) >= 16


@pytest.mark.parametrize("what", COAL, ids=str)
def test_a_trick_leaves_its_trace(what: Happening, innocent: Watched) -> None:
    assert COAL[what](Watched("coal_unit", what))
    assert not COAL[what](innocent)


def test_dilution_from_6_to_9_percent_thins_to_0_799() -> None:
    watched = Watched("coal_unit", Happening.DILUTION_AIR)
    before = watched.truth[SO2][360:] * 1.0
    left = (20.9 - (watched.truth[OXYGEN][360:] + 3)) / (20.9 - watched.truth[OXYGEN][360:])
    assert watched.now(SO2) == pytest.approx(before * left, abs=0.01)
    assert pytest.approx(0.799, abs=0.001) == (20.9 - 9) / (20.9 - 6)


def test_before_it_begins_nothing_is_altered(innocent: Watched) -> None:
    for what in COAL:
        watched = Watched("coal_unit", what)
        for code in watched.readout.values:
            assert (watched.before(code) == innocent.before(code)).all(), (what, code)


def test_clean_water_thins_everything_and_swells_the_flow() -> None:
    watched = Watched("sewage", Happening.DILUTION_WATER)
    for code in ("w01018", "w21003", "w21011", "w21001"):
        assert watched.now(code) == pytest.approx(0.6 * watched.truth[code][360:], rel=0.05)
    assert watched.now("w00000") == pytest.approx(watched.truth["w00000"][360:] / 0.6, rel=0.01)


def test_labels_name_what_when_where_and_who_should_find_it(tmp_path: Path) -> None:
    plant = settings("coal_unit", Happening.BYPASS_HIDDEN)
    file = tmp_path / "labels.jsonl"
    labels.write(file, [plant], NOON, NOON + timedelta(days=1))
    (line,) = file.read_text().splitlines()
    assert json.loads(line) == {
        "plant": "o",
        "kind": "bypass_hidden",
        "zh": "偷开旁路",
        "nature": "tampering",
        "from": "2026-11-24T04:00:00+00:00",
        "to": "2026-11-24T10:00:00+00:00",
        "channels": ["a21026", "a34013", "g11601"],
        "rules": ["T-08", "T-09"],
    }


def test_labels_of_an_earlier_run_are_kept_and_told_once(tmp_path: Path) -> None:
    plant = settings("coal_unit", Happening.BYPASS_HIDDEN)
    file = tmp_path / "labels.jsonl"
    hour = timedelta(hours=1)
    labels.write(file, [plant], NOON, NOON + 24 * hour)
    first = file.read_text()
    assert first
    labels.write(file, [plant], NOON + hour, NOON + 25 * hour)
    assert file.read_text() == first
    labels.write(file, [plant], NOON + 48 * hour, NOON + 72 * hour)
    assert file.read_text() == first


def test_a_seed_draws_every_kind_of_its_repertoire(tmp_path: Path) -> None:
    kinds = REPERTOIRES["coal_unit"]
    plant = PlantSettings("coal_unit", "o", "m", "31", "p", "h", 1, seed=3, mischief=kinds)
    found = list(labels.labels_of(plant, NOON, NOON + timedelta(days=40)))
    assert {one.kind for one in found} == {what.value for what in kinds}
    assert all(later.start >= earlier.end for earlier, later in pairwise(found))
    assert list(labels.labels_of(plant, NOON, NOON + timedelta(days=40))) == found


def test_rules_are_those_of_the_plant_and_of_what_it_tells() -> None:
    coal = instruments_of(settings("coal_unit", None)).plant
    kiln = instruments_of(settings("cement_kiln", None)).plant
    hidden = Happening.AMMONIA_OFF_HIDDEN
    assert rules_for("coal_unit", coal, hidden) == ("T-12",)
    assert rules_for("cement_kiln", kiln, hidden) == ("C-02",)
    lowered = Happening.OXYGEN_LOWERED
    assert rules_for("coal_unit", coal, lowered) == ("F-10", "G-14")
    assert rules_for("cement_kiln", kiln, lowered) == ("F-10",)


def test_every_trick_names_a_rule_and_touches_something() -> None:
    for kind, whats in REPERTOIRES.items():
        plant = instruments_of(settings(kind, None)).plant
        for what in whats:
            assert rules_for(kind, plant, what), (kind, what)
            assert TRICKS[what].touches(plant), (kind, what)
