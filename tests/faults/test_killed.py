"""kill -9 of collector, uplink, or both, at any moment: start-up and checkpoint included.

Oracle: every frame that was answered to the data logger is stored in the cloud with its bytes
intact, no oftener than it was sent; nothing is stored that was not sent; the chain has no gap.
"""

import random
import time
from collections.abc import Callable

from tests.faults.cloud import FAIR, FOUL
from tests.faults.conftest import Scene
from tests.faults.soak import times

KILLS = times(50, 10_000)
BOTH = ("collector", "uplink")
# Answers first, writes a little later: what was answered dies with the process.
HASTY_COLLECTOR = """
import asyncio, sys
from edge_greengrass.collector import intake
from edge_greengrass.collector.main import main
keep = intake.Intake.keep
async def hasty(self, frames):
    async def later():
        await asyncio.sleep(0.1)
        await keep(self, frames)
    self.tasks = getattr(self, "tasks", [])
    self.tasks.append(asyncio.create_task(later()))
intake.Intake.keep = hasty
sys.exit(main(sys.argv[1:]))
"""
# Takes the broker's PUBACK for storage: forgets what the cloud never had.
TRUSTING_UPLINK = """
import sys
from edge_greengrass.uplink import courier
from edge_greengrass.uplink.main import main
publish = courier.Courier._publish
async def trusting(self, spooled, *rest):
    await publish(self, spooled, *rest)
    self._tell(b'{"sequence":%d}' % spooled.sequence)
courier.Courier._publish = trusting
sys.exit(main(sys.argv[1:]))
"""


def live_through(scene: Scene, kills: int, chance: random.Random) -> None:
    """Kill at random moments, from the first instructions of a start to full work."""
    for _ in range(kills):
        time.sleep(chance.choice((0.0, 0.15, 0.6, 1.2)) + chance.random() * 0.3)
        victims = chance.choice(((BOTH[0],), (BOTH[1],), BOTH))
        scene.site.kill(*victims)
        scene.site.start()


def test_what_was_answered_is_stored_once_whoever_is_killed(
    scene: Callable[..., Scene], tell: Callable[[str], None]
) -> None:
    here = scene(FOUL)
    logger = here.begin()
    live_through(here, KILLS, random.Random(1))
    found = here.judged()
    tell(f"kills {KILLS}: {found.line()}")
    assert logger.owes == 0
    assert found.tried > KILLS
    assert (found.lost, found.doubled, found.forged, found.gaps) == (0, 0, 0, 0)


def test_the_oracle_catches_a_collector_that_answers_too_soon(
    scene: Callable[..., Scene],
) -> None:
    here = scene(FAIR)
    here.site.broken["collector"] = HASTY_COLLECTOR
    here.begin()
    for _ in range(6):
        time.sleep(1.0)
        here.site.kill("collector")
        here.site.start()
    assert here.judged(within=8).lost > 0


def test_the_oracle_catches_an_uplink_that_takes_a_puback_for_storage(
    scene: Callable[..., Scene],
) -> None:
    here = scene(FOUL)
    here.site.broken["uplink"] = TRUSTING_UPLINK
    here.begin()
    time.sleep(8)
    found = here.judged(within=8)
    assert found.lost > 0 or found.gaps > 0
