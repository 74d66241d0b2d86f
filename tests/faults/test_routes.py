"""Two lines lead out of the plant: what works is taken, and the data logger notices nothing."""

from collections.abc import Callable, Iterator

import pytest

from tests.faults.conftest import Scene
from tests.faults.network import Network
from tests.faults.patience import wait_for

WIRED, MOBILE = "127.0.0.2", "127.0.0.3"
SETTINGS = {
    "routes": [{"name": "wired", "address": WIRED}, {"name": "4g", "address": MOBILE}],
    "probing": {"seconds": 0.2, "failures": 2, "steady": 1.0},
}
STUBBORN = """
import sys
from edge_greengrass.uplink.main import main
from edge_greengrass.uplink.routes.keeper import RouteKeeper
RouteKeeper._choose = lambda self, now: None
sys.exit(main(sys.argv[1:]))
"""
"""The negative control: an uplink that knows two routes and never leaves the first."""

Site = tuple[Scene, Network]


@pytest.fixture
def two_lines(scene: Callable[..., Scene]) -> Iterator[Site]:
    here = scene()
    network = Network(here.cloud.broker.port)
    here.site.reconfigure("uplink", port=network.port, **SETTINGS)
    yield here, network
    network.close()


def more_arrives(here: Scene, seconds: float = 30.0) -> bool:
    before = here.cloud.counts["published"]
    return wait_for(lambda: here.cloud.counts["published"] > before + 3, seconds)


def test_the_second_line_is_taken_when_the_first_breaks_and_left_when_it_is_back(
    two_lines: Site,
) -> None:
    here, network = two_lines
    here.begin()
    assert more_arrives(here)
    network.cut_line(WIRED)
    assert more_arrives(here)
    assert '"name": "4g", "works": true, "taken": true' in here.site.log("uplink")
    network.cut_off.clear()
    assert wait_for(lambda: here.site.log("uplink").count('"name": "wired", "works": true') == 1)
    assert more_arrives(here)
    found = here.judged()
    assert found.tried > 20
    assert (found.lost, found.doubled, found.forged, found.gaps) == (0, 0, 0, 0)


def test_an_uplink_that_clings_to_its_first_line_is_caught(two_lines: Site) -> None:
    here, network = two_lines
    here.site.broken["uplink"] = STUBBORN
    here.begin()
    assert more_arrives(here)
    network.cut_line(WIRED)
    assert not more_arrives(here, seconds=6.0)
