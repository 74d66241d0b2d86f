"""The line to the cloud fails in every way it can; the data logger notices nothing.

The negative control of these tests stands in `test_killed.py`: an uplink that forgets before the
cloud has acknowledged is caught by the same oracle.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from edge_greengrass.uplink.identity import Identity
from tests.faults.cloud import FOUL, THING, Weather
from tests.faults.conftest import Scene
from tests.faults.line import FaultyLine
from tests.faults.soak import times

SECONDS = times(8, 600)


@pytest.fixture
def lined(scene: Callable[..., Scene]) -> Iterator[Callable[..., tuple[Scene, FaultyLine]]]:
    """Make scenes whose uplink reaches the cloud over a faulty line."""
    lines: list[FaultyLine] = []

    def make(weather: Weather = FOUL) -> tuple[Scene, FaultyLine]:
        here = scene(weather)
        line = FaultyLine(here.cloud.broker.port)
        lines.append(line)
        here.site.reconfigure("uplink", port=line.port)
        return here, line

    yield make
    for line in lines:
        line.close()


Lined = Callable[..., tuple[Scene, FaultyLine]]


def in_order(here: Scene) -> None:
    found = here.judged(within=90)
    assert found.tried > 50
    assert (found.lost, found.doubled, found.forged, found.gaps) == (0, 0, 0, 0)


def test_a_line_that_flaps_loses_nothing(lined: Lined) -> None:
    here, line = lined()
    here.begin()
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        time.sleep(1.2)
        line.cut()
        time.sleep(0.4)
        line.mend()
    in_order(here)


def test_an_outage_is_made_good_and_the_logger_is_answered_all_the_while(lined: Lined) -> None:
    here, line = lined()
    logger = here.begin()
    time.sleep(3)
    line.cut()
    before = len(logger.answered)
    time.sleep(SECONDS)
    assert len(logger.answered) > before + 50
    line.mend()
    in_order(here)


def test_a_slow_line_only_takes_longer(lined: Lined) -> None:
    here, line = lined()
    line.bytes_per_second = 20_000
    here.begin()
    time.sleep(SECONDS)
    line.mend()
    in_order(here)


def test_a_line_that_is_half_open_is_given_up_in_time(lined: Lined) -> None:
    here, line = lined()
    here.begin()
    time.sleep(3)
    line.mute = True
    time.sleep(SECONDS)
    line.cut()
    line.mend()
    in_order(here)


def test_a_device_with_an_expired_certificate_keeps_everything_until_it_has_a_new_one(
    scene: Callable[..., Scene],
) -> None:
    here = scene()
    identity = Identity(here.site.home / "identity")
    paths = (identity.certificate, identity.certificate_key)
    here.authority.issue(THING, *paths, valid=timedelta(days=-1))
    here.begin()
    time.sleep(6)
    assert here.cloud.counts["published"] == 0
    here.authority.issue(THING, *paths)
    here.site.kill("uplink")
    in_order(here)
