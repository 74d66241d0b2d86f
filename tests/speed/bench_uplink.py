"""The uplink: how long its outbox lasts, how fast it drains, how little memory it takes.

A plant is 100 signals at 1 Hz, as real four-digit measurements, and a frame every 10 s; a large
one has 200. The platform is the real ingest over the memory world in this very process, so that
it takes its part of the machine that the uplink of a plant would have for itself.
"""

import asyncio
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent))

import cbor2
import numpy as np
from given_plant import CHANNELS, POINTS, plant_minute

from edge_greengrass import home
from edge_greengrass.outbox.log import AppendLog
from plume.evidence import payload
from plume.evidence.envelope import Sealer
from plume.model.segment import Payload
from plume.series import block
from tests.faults.outage import KEY, Plant, Story

HERE = Path(__file__).parents[2]
AUTONOMY_BYTES, AUTONOMY_HOURS = 256 << 20, 2
OUTAGE_HOURS = 24
LIVE_SECOND = timedelta(seconds=1)
WIDTH = 10
HELD_BYTES, SEGMENT_BYTES, GROUP = 1 << 30, 4_400, 200

# What the uplink does with a backlog: all of its code, the outbox, and parcels under way.
HOLDER = """
import asyncio, sys, time
from pathlib import Path
import edge_greengrass.uplink.main, edge_greengrass.object_store
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.uplink.disk import Disk
from edge_greengrass.uplink.outgoing import Outgoing
from edge_greengrass.uplink.parcels import Parcels
from edge_greengrass.uplink.spool import Spool

class Sink:
    async def put(self, key, body, content_type):
        await asyncio.sleep(0.05)

async def hold(outgoing):
    parcels = Parcels("edge", outgoing, Sink(), Disk(), Journal("uplink", sys.stderr))
    parcels.patience = 0.2
    work = asyncio.create_task(parcels.run())
    while parcels.sent < 20:
        await asyncio.sleep(0.05)
    work.cancel()

began = time.monotonic()
log = AppendLog(Path(sys.argv[1]), key=bytes(32), quota_bytes=2 << 30)
outgoing = Outgoing(Spool(log))
opened = time.monotonic() - began
asyncio.run(hold(outgoing))
peak = next(x for x in open("/proc/self/status") if x.startswith("VmHWM")).split()[1]
print(outgoing.ledger.owed, int(peak) / 1000, opened)
"""


def figures() -> list[tuple[str, float, str, str, bool]]:
    """Give days of autonomy, drain as a multiple of real time, live lag, and memory."""
    with TemporaryDirectory(dir=HERE, prefix=".plume-bench-") as folder:
        days = autonomy(Path(folder) / "plant", OrdinaryPlant)
        large = autonomy(Path(folder) / "large", LargePlant)
        multiple, lag = asyncio.run(drained(Path(folder) / "drain"))
        owed, megabytes, seconds = held(Path(folder) / "held")
    return [
        ("uplink: 256 MB without a line, 100 signals", days, "days", ">= 14", days >= 14),
        ("uplink: 256 MB without a line, 200 signals", large, "days", ">= 14", large >= 14),
        ("uplink: backlog drains", multiple, "x real time", ">= 100", multiple >= 100),
        ("uplink: live data meanwhile are behind by", lag, "s", "<= 5", lag <= 5),
        ("uplink: peak memory, backlog of 1 GiB", megabytes, "MB", "<= 200", megabytes <= 200),
        ("uplink: segments in that backlog", owed, "1", "", True),
        ("uplink: start with that backlog", seconds, "s", "", True),
    ]


class LargePlant(Plant):
    """The minute of `given_plant` again and again, in blocks of ten seconds."""

    step = timedelta(seconds=10)
    signals = CHANNELS

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        super().__init__(folder, sealer)
        minute = plant_minute()
        chosen = list(minute.values)[: self.signals]
        self._minute = replace(minute, values={code: minute.values[code] for code in chosen})

    def _block(self, seconds: int) -> bytes:
        end = int(self.now.timestamp())
        at = (end // WIDTH * WIDTH) % POINTS
        cut = slice(at, at + min(seconds, WIDTH))
        flags = np.full(cut.stop - cut.start, ord("N"), np.uint8)
        columns = replace(
            self._minute,
            times=1_000 * (end + np.arange(len(flags))),
            values={code: each[cut] for code, each in self._minute.values.items()},
            flags=dict.fromkeys(self._minute.values, flags),
        )
        self.points += self.signals * len(flags)
        return payload.encode(Payload(blocks=(block.encode(columns),)))


class OrdinaryPlant(LargePlant):
    """Half of it."""

    signals = 100


def autonomy(folder: Path, plant: type[LargePlant]) -> float:
    """Give how many days of the plant 256 MB hold."""
    story = Story(folder, plant=plant)
    story.goes_without_a_line(AUTONOMY_HOURS)
    used = sum(file.stat().st_size for file in (folder / home.OUTBOX).iterdir())
    return AUTONOMY_BYTES / used * AUTONOMY_HOURS / 24


async def drained(folder: Path) -> tuple[float, float]:
    """Give the drain of a day's backlog as a multiple of real time, and the worst live lag [s]."""
    story = Story(folder, plant=LargePlant)
    story.goes_without_a_line(OUTAGE_HOURS)
    story.plant.sealing.listened = True
    last, ledger = story.plant.spool.ledger.newest, story.outgoing.ledger
    async with story.uplink():
        living = asyncio.create_task(live(story.plant))
        began = time.monotonic()
        while ledger.owes(last):  # noqa: ASYNC110, measured is the program as it is
            await asyncio.sleep(0.05)
        took = time.monotonic() - began
        living.cancel()
        await asyncio.sleep(3)
    return OUTAGE_HOURS * 3600 / took, max(story.lags(last))


async def live(plant: Plant) -> None:
    """Let the plant live on in real time: a frame and a block every second."""
    while True:
        plant.lives(LIVE_SECOND)
        await asyncio.sleep(1)


def held(folder: Path) -> tuple[float, float, float]:
    """Fill an outbox; give its segments, and peak memory [MB] and start [s] of who opens it."""
    log = AppendLog(folder, key=KEY, quota_bytes=2 * HELD_BYTES)
    noise, number = np.random.default_rng(1).bytes(SEGMENT_BYTES + GROUP), 1
    while log.fill < 0.5:
        group = []
        for at in range(GROUP):
            group.append(cbor2.dumps([number, {}, noise[at : at + SEGMENT_BYTES], number % 2]))
            number += 1
        log.append(group)
    log.close()
    done = subprocess.run(
        [sys.executable, "-c", HOLDER, str(folder)],
        cwd=HERE,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    owed, megabytes, seconds = map(float, done.stdout.split())
    return owed, megabytes, seconds
