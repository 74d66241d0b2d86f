"""A long backlog goes up as objects, while the uplink is killed and the bucket has bad days."""

import random
import time
from collections.abc import Callable, Iterator

import pytest

from tests.faults.cloud import Weather
from tests.faults.conftest import Scene
from tests.faults.long_backlog import drained, filled
from tests.faults.object_server import ObjectServer
from tests.faults.soak import times

SEGMENTS = times(1_800, 50_000)
ROUGH = Weather(swallowed=0.05, doubled=0.2, reordered=0.3, ack_lost=0.05, ack_doubled=0.2)
KILLS = times(5, 500)
# Takes the bucket's word for the cloud's: forgets what was put and never ingested.
TRUSTING_UPLINK = """
import sys
from edge_greengrass.uplink import parcels
from edge_greengrass.uplink.main import main
from plume.model.segment import Acknowledgement
put_one = parcels.Parcels._put_one
async def trusting(self):
    done = await put_one(self)
    for one in self._under_way:
        for each in one.sequences:
            self._outgoing.acknowledged(Acknowledgement(0, ((each, each),)))
    return done
parcels.Parcels._put_one = trusting
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def stored(scene: Callable[..., Scene]) -> Iterator[Callable[[], Scene]]:
    """Make scenes whose uplink has a bucket on bad days."""
    servers: list[ObjectServer] = []

    def make() -> Scene:
        here = scene(ROUGH)
        server = ObjectServer(here.authority.server_context(), here.cloud.object_put)
        server.busy = 0.2
        servers.append(server)
        chosen = server.settings(str(here.authority.ca_file))
        here.site.reconfigure("uplink", objectStore=chosen, outboxBytes=256 << 20)
        return here

    yield make
    for server in servers:
        server.close()


def test_a_backlog_is_stored_once_whenever_the_uplink_is_killed(
    stored: Callable[[], Scene], monkeypatch: pytest.MonkeyPatch, tell: Callable[[str], None]
) -> None:
    here = stored()
    frames = filled(here, SEGMENTS, monkeypatch)
    chance = random.Random(3)
    for _ in range(KILLS):
        here.site.start("uplink")
        time.sleep(0.5 + 2.0 * chance.random())
        here.site.kill("uplink")
    here.site.start("uplink")
    lost, doubled, gaps = drained(here, frames, within=240)
    told = here.cloud.counts
    tell(
        f"kills {KILLS}, {told['objects']} objects, {told['published']} messages: "
        f"tried {len(frames)}, lost {lost}, doubled {doubled}, gaps {gaps}"
    )
    assert (lost, doubled, gaps) == (0, 0, 0)
    assert told["objects"] > 0


def test_the_oracle_catches_an_uplink_that_takes_what_it_put_for_stored(
    stored: Callable[[], Scene], monkeypatch: pytest.MonkeyPatch, tell: Callable[[str], None]
) -> None:
    here = stored()
    here.cloud.weather = Weather(swallowed=0.6)
    here.site.broken["uplink"] = TRUSTING_UPLINK
    frames = filled(here, SEGMENTS, monkeypatch)
    here.site.start("uplink")
    lost, doubled, gaps = drained(here, frames, within=25)
    tell(f"broken build: tried {len(frames)}, lost {lost}, doubled {doubled}, gaps {gaps}")
    assert lost > 0
