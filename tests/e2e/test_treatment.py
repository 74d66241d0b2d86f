"""Treatment switched off: found on the curves, and taken back when it turns out to have run.

The points go the whole way: data logger, collector, uplink, bundle, curves, judgement, alarm.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.e2e.data_logger import beijing_now, sample_frame
from tests.e2e.platform_under_test import Caller, Platform, until

pytestmark = pytest.mark.stack

OUTLET = "bench-gas-1"
MN = "010000A8900016F000169DC0"
QUARTER, HALF_A_MINUTE = timedelta(minutes=15), timedelta(seconds=30)
STILL, TURNING = "0.2", "61.8"
AGAIN = 10.0
"""A sample is told again after so many seconds, until each judge knows of the facility."""
FOUND = 240
"""The judges learn of a new facility within a minute; the rest is the way of the points."""


@pytest.fixture(scope="module")
def regulator(platform: Platform) -> Caller:
    return platform.log_in("city_centre")


@pytest.fixture
def tower(regulator: Caller) -> Iterator[str]:
    """The bench outlet with an absorber before it, for the length of one story."""
    entered = regulator.post(
        f"/outlets/{OUTLET}/facilities",
        rule="T-04",
        name={"zh": "脱硫塔循环泵", "en": "FGD pumps"},
        demand={"channel": "g71201", "above": "300", "unit": "mg/m3"},
        running=[{"channel": "g10401", "above": "18.6", "unit": "A"}],
    )
    assert entered.status_code == 200, entered.text
    facility = str(entered.json()["facilityId"])
    yield facility
    retired = regulator.post(f"/outlets/{OUTLET}/facilities/{facility}/retire")
    assert retired.status_code == 200, retired.text


def quarter_that_is_over() -> datetime:
    """The last quarter of an hour that ended two minutes ago or earlier."""
    at = beijing_now() - timedelta(minutes=2)
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0) - QUARTER


def say(platform: Platform, at: datetime, minutes: range, amperes: str) -> None:
    """Tell of so many minutes, a sample each; sent again, they say the same."""
    with platform.logger_of(OUTLET) as logger:
        for minute in minutes:
            items = f"g71201-Rtd=1850.0,g71201-Flag=N;g10401-Rtd={amperes},g10401-Flag=N"
            sample = sample_frame(MN, at + timedelta(minutes=minute), items)
            assert b"CN=9014" in logger.ask(sample)


def again(tell: Callable[[], None]) -> Callable[[], None]:
    """Tell when asked for the first time, and again when that was AGAIN seconds ago."""
    told_at = float("-inf")

    def ask() -> None:
        nonlocal told_at
        if time.monotonic() - told_at > AGAIN:
            tell()
            told_at = time.monotonic()

    return ask


def alarms(regulator: Caller, at: datetime) -> list[dict[str, Any]]:
    found = regulator.items("/alarms", outlet=OUTLET, type="TREAT_FAULT")
    return [one for one in found if datetime.fromisoformat(one["firstAt"]) == at]


def test_pumps_that_stand_still_are_found_and_a_late_word_takes_it_back(
    platform: Platform, regulator: Caller, tower: str
) -> None:
    start = quarter_that_is_over()
    say(platform, start, range(14), STILL)
    still = again(lambda: say(platform, start, range(14, 15), STILL))
    turning = again(lambda: say(platform, start + HALF_A_MINUTE, range(7, 8), TURNING))

    def raised() -> list[dict[str, Any]]:
        still()
        return alarms(regulator, start)

    (alarm,) = until(raised, within=FOUND, what="an alarm that the pumps stood still")
    assert (alarm["rule"]["id"], alarm["source"], alarm["condition"]) == (
        "T-04",
        "cloud",
        "active",
    )
    assert (alarm["value"], alarm["limit"], alarm["count"]) == ("1850.0", "300", 1)
    assert tower in {one["facilityId"] for one in regulator.items(f"/outlets/{OUTLET}/facilities")}

    def taken_back() -> list[dict[str, Any]]:
        turning()
        return [one for one in alarms(regulator, start) if one["condition"] == "cleared"]

    (after,) = until(taken_back, within=FOUND, what="the alarm was taken back")
    assert (after["alarmId"], after["count"]) == (alarm["alarmId"], 0)
