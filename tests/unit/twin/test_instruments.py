"""Letters of HJ 212-2017, table 8, and what a data logger makes of an interval that has them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from edge_greengrass.twin import schedule
from edge_greengrass.twin.calendar import Calendar, Rhythm
from edge_greengrass.twin.cast import instruments_of
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.episode import Episode, Happening
from edge_greengrass.twin.intervals import letter_of
from edge_greengrass.twin.messages import Message, Station
from plume.hj212.frame import decode
from plume.hj212.items import data_of

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


def settings(*happenings: tuple[Happening, int, int], kind: str = "coal_unit") -> PlantSettings:
    start = int(NOON.timestamp())
    found = tuple(Episode(start + a * 60, start + b * 60, what) for what, a, b in happenings)
    st = "32" if kind == "sewage" else "31"
    return PlantSettings(
        kind, "o", "010000A8900016F00016A001", st, "123456", "h", 1, episodes=found
    )


def said(chosen: PlantSettings, cn: str, **more: bool) -> dict[str, dict[str, str]]:
    station = Station(chosen, instruments_of(chosen))
    raws = station.frames(Message(NOON, cn, NOON, **more), "20261124120000000", late=False)
    items: dict[str, dict[str, str]] = {}
    for raw in raws:
        frame = decode(raw, strict=True)
        assert frame.st == ("51" if more else chosen.st)
        items |= {code: dict(item) for code, item in data_of(frame).items.items()}
    return items


@pytest.mark.parametrize(
    ("what", "letter"),
    [
        (Happening.CALIBRATION, "C"),
        (Happening.MAINTENANCE, "M"),
        (Happening.ANALYSER_FAULT, "D"),
        (Happening.OUTAGE, "F"),
        (Happening.BANKED, "F"),
    ],
)
def test_each_state_has_its_letter(what: Happening, letter: str) -> None:
    around = 24 * 60 if letter == "F" else 30
    sample = said(settings((what, -around, around)), "2011")
    assert sample["a21026"]["Flag"] == letter
    assert said(settings(), "2011")["a21026"]["Flag"] == "N"


def test_a_failed_tower_is_measured_and_dust_beyond_the_range_is_marked() -> None:
    failed = said(settings((Happening.PUMPS_OFF, -60, 120)), "2061")["a21026"]
    assert failed["Flag"] == "N"
    assert float(failed["ZsAvg"]) > 1000
    burst = said(
        settings((Happening.FIELD_TRIP, -60, 120), (Happening.PUMPS_OFF, -60, 120)), "2061"
    )["a34013"]
    assert float(burst["Avg"]) > 50  # five times the ceiling of 10 mg/m3
    assert burst["Flag"] == "T"


def test_starting_is_measured_and_normal() -> None:
    sample = said(settings((Happening.OUTAGE, -24 * 60, 60)), "2011")
    assert sample["a21026"]["Flag"] == "N"


def test_a_stopped_source_has_no_converted_value() -> None:
    hour = said(settings((Happening.OUTAGE, -24 * 60, 24 * 60)), "2061")
    assert "ZsAvg" not in hour["a21026"]
    assert hour["a21026"]["Flag"] == "F"


def test_a_quarter_of_an_hour_of_calibration_leaves_the_hour_normal_and_its_mean_alone() -> None:
    calm = said(settings(), "2061")
    hour = said(settings((Happening.CALIBRATION, 0, 15)), "2061")
    assert hour["a21026"]["Flag"] == "N"
    assert float(hour["a21026"]["Avg"]) == pytest.approx(float(calm["a21026"]["Avg"]), rel=0.03)
    assert float(hour["a21026"]["Cou"]) == pytest.approx(float(calm["a21026"]["Cou"]), rel=0.03)


def test_sixteen_minutes_are_too_many() -> None:
    assert said(settings((Happening.CALIBRATION, 0, 16)), "2061")["a21026"]["Flag"] == "C"


def test_in_water_one_abnormal_value_is_too_many() -> None:
    letters = np.array(["N"] * 359 + ["M"])
    assert letter_of(letters, water=True) == "M"
    assert letter_of(letters, water=False) == "N"


def test_the_control_system_tells_its_points_under_the_process_system() -> None:
    points = said(settings((Happening.MAINTENANCE, -30, 30)), "2011", process=True)
    assert 100 < float(points["g70101"]["Rtd"]) < 310
    assert {item["Flag"] for item in points.values()} == {"N"}
    assert "a21026" not in points


def test_a_rhythm_comes_once_in_each_period_and_in_every_kind() -> None:
    kinds = (Happening.CALIBRATION, Happening.MAINTENANCE, Happening.ANALYSER_FAULT)
    rhythm = Rhythm(kinds, 86400, 600, 1200, opening=7200)
    start = int(datetime(2026, 11, 23, 16, tzinfo=UTC).timestamp())
    first = start - start % (3 * 86400)
    found = list(Calendar(4, rhythms=[rhythm]).episodes(first, first + 30 * 86400))
    inside = [one for one in found if one.start >= first][:27]
    assert all((one.start + 8 * 3600) % 86400 >= 7200 for one in inside)
    days = [(one.start + 8 * 3600) // 86400 for one in inside]
    assert days == list(range(days[0], days[0] + 27))
    assert {what: [o.what for o in inside].count(what) for what in kinds}.keys() == set(kinds)


def test_nothing_drawn_happens_to_a_plant_that_stands() -> None:
    rhythm = Rhythm((Happening.CALIBRATION,), 86400, 900, 900)
    start = int(NOON.timestamp())
    stop = Episode(start, start + 4 * 86400, Happening.OUTAGE)
    found = Calendar(4, [stop], [rhythm]).episodes(start, start + 4 * 86400 - 1)
    assert found == [stop]


def test_what_is_read_ahead_is_what_is_read_at_the_moment() -> None:
    chosen = settings((Happening.CALIBRATION, 5, 20), (Happening.CONSTANT, 2, 40))
    instruments = instruments_of(chosen)
    start = int(NOON.timestamp())
    for at in (start, start + 310, start + 590, start + 601):
        ahead, alone = instruments.glance(at), instruments.read(np.array([at], dtype=np.int64))
        for code, values in alone.values.items():
            assert ahead.values[code] == pytest.approx(values), (at, code)
            assert ahead.letters[code].tolist() == alone.letters[code].tolist()


def test_process_frames_fill_the_past_every_hour() -> None:
    owed = list(schedule.backfill(NOON + timedelta(minutes=5), 2, process=True))
    points = [one.at for one in owed if one.process]
    assert points[-1] == NOON
    steps = {later - earlier for earlier, later in pairwise(points)}
    assert steps == {timedelta(hours=1)}
