"""The clock of the device is set by an hour and by a day, both ways, while it collects.

Oracle: that of `test_killed.py` (nothing lost, doubled or forged, the chain whole); besides, in
the order of the chain the time of receipt never goes back, and no good frame is quarantined for
the clock's sake.
"""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.faults.cloud import FOUL, Cloud
from tests.faults.conftest import Scene
from tests.faults.site import Logger
from tests.faults.soak import times

HOUR, DAY = 3_600.0, 86_400.0
STEPS = (HOUR, -HOUR, -HOUR, HOUR, DAY, -DAY, -DAY, DAY)
ROUNDS = times(1, 200)
PROGRAMS = ("collector", "uplink")
# The clock of the whole program, as far ahead of the true one as the file says.
STEPPABLE = """
import datetime, sys, time
true = time.time
def shown():
    with open({file!r}, encoding="ascii") as said:
        return true() + float(said.read())
time.time = shown
class Shown(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(shown(), tz)
datetime.datetime = Shown
from edge_greengrass.{name}.main import main
{broken}
sys.exit(main(sys.argv[1:]))
"""
# Believes the clock of the device whatever it says.
CREDULOUS = """
from edge_greengrass.collector.steady_clock import SteadyClock
SteadyClock.now = lambda self: Shown.now(datetime.UTC)
"""


@dataclass(frozen=True)
class Times:
    """What the stored frames say: how often time went back, how many were quarantined."""

    back: int
    quarantined: int


def times_of(cloud: Cloud) -> Times:
    frames = [frame for one in cloud.segments() for frame in one.payload.frames]
    back = sum(later.received_at < earlier.received_at for earlier, later in pairwise(frames))
    return Times(back, sum(one.verdict == "QUARANTINE" for one in frames))


class Stepped:
    """A scene whose programs show the time that we choose."""

    def __init__(self, here: Scene, folder: Path, broken: str = "") -> None:
        self.here, self._file, self._ahead = here, folder / "clock", 0.0
        self.set_by(0.0)
        for name in PROGRAMS:
            flaw = broken if name == "collector" else ""
            code = STEPPABLE.format(file=str(self._file), name=name, broken=flaw)
            here.site.broken[name] = code

    def set_by(self, seconds: float) -> None:
        self._ahead += seconds
        draft = self._file.with_suffix(".draft")
        draft.write_text(str(self._ahead), encoding="ascii")
        os.replace(draft, self._file)  # noqa: PTH105, one step for whoever reads


def heard_more(logger: Logger, frames: int, within: float = 30.0) -> None:
    """Wait until so many more frames are answered."""
    wanted, deadline = len(logger.answered) + frames, time.monotonic() + within
    while len(logger.answered) < wanted:
        assert time.monotonic() < deadline, "nothing is answered any more"
        time.sleep(0.02)


def live_through(stepped: Stepped, logger: Logger, chance: random.Random) -> None:
    for step in STEPS:
        stepped.set_by(step)
        heard_more(logger, 100)
        if step < 0 and chance.random() < 0.5:
            stepped.here.site.kill("collector")
            stepped.here.site.start()
            heard_more(logger, 20)


def test_nothing_is_lost_or_doubled_and_time_goes_on_however_the_clock_is_set(
    scene: Callable[..., Scene], tmp_path: Path, tell: Callable[[str], None]
) -> None:
    here = scene(FOUL)
    stepped = Stepped(here, tmp_path)
    logger = here.begin()
    heard_more(logger, 20)
    for number in range(ROUNDS):
        live_through(stepped, logger, random.Random(number))
    found, seen = here.judged(), times_of(here.cloud)
    steps = ROUNDS * len(STEPS)
    tell(f"clock steps {steps}: {found.line()}, went back {seen.back}")
    assert logger.owes == 0
    assert found.tried > 100 * steps
    assert (found.lost, found.doubled, found.forged, found.gaps) == (0, 0, 0, 0)
    assert (seen.back, seen.quarantined) == (0, 0)
    assert here.site.log("collector").count("clock_stepped") >= steps


def test_the_oracle_catches_a_collector_that_believes_every_clock(
    scene: Callable[..., Scene], tmp_path: Path
) -> None:
    here = scene()
    stepped = Stepped(here, tmp_path, CREDULOUS)
    logger = here.begin()
    heard_more(logger, 20)
    stepped.set_by(-HOUR)
    heard_more(logger, 50)
    here.judged()
    seen = times_of(here.cloud)
    assert seen.back > 0
    assert seen.quarantined > 0
