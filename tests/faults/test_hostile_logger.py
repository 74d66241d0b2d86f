"""Peers that send rubbish beside a data logger: they cost it nothing."""

import os
import random
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from plume.hj212 import encode
from tests.faults.conftest import Scene
from tests.faults.patience import wait_for
from tests.faults.soak import times
from tests.given import STACK

SECONDS = times(6, 300)
TEN_MEGABYTES = 10 << 20


def endless(line: socket.socket, _: random.Random) -> None:
    """Ten megabytes without a line end."""
    line.sendall(b"##0101QN=" + b"2" * TEN_MEGABYTES)


def half_frames(line: socket.socket, chance: random.Random) -> None:
    """Frames that break off anywhere, and go on as others."""
    whole = encode.frame(
        qn="20261125090000001", st="31", cn="2011", password="123456", mn=STACK.mn, flag=5,
        cp="DataTime=20261125090000;a21026-Rtd=1.0,a21026-Flag=N",
    )  # fmt: skip
    for _ in range(200):
        line.sendall(whole[: chance.randrange(len(whole))])


def noise(line: socket.socket, chance: random.Random) -> None:
    """Random bytes, with frame heads strewn in that claim great lengths."""
    for _ in range(200):
        line.sendall(chance.randbytes(2_000) + b"##9999")


def slow_loris(line: socket.socket, _: random.Random) -> None:
    """A frame that comes byte by byte and never ends."""
    for byte in b"##0101QN=20261125090000001;ST=31;":
        line.sendall(bytes([byte]))
        time.sleep(0.02)


RUDE = (endless, half_frames, noise, slow_loris)


def besiege(port: int, until: float, seed: int) -> None:
    chance = random.Random(seed)
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as line:
            chance.choice(RUDE)(line, chance)


# An unexpected frame is one error too many: the program ends.
FRAGILE = """
import sys
from edge_greengrass.collector.desk import Desk, is_whole
from edge_greengrass.collector.main import main
judged = Desk._judged
def fragile(self, batch):
    found = judged(self, batch)
    for _, receipt, _ in found:
        if not is_whole(receipt.record.verdict):
            raise ValueError(receipt.record.raw)
    return found
Desk._judged = fragile
sys.exit(main(sys.argv[1:]))
"""


def answered_under_siege(here: Scene) -> int:
    """Let six peers send rubbish for a while beside the data logger; give what it got answered."""
    logger = here.begin()
    assert wait_for(lambda: bool(logger.answered))
    until = time.monotonic() + SECONDS
    rude = [
        threading.Thread(target=besiege, args=(here.site.port, until, seed)) for seed in range(6)
    ]
    for one in rude:
        one.start()
    before = len(logger.answered)
    for one in rude:
        one.join()
    return len(logger.answered) - before


def goes_on(here: Scene, seconds: float) -> bool:
    """Whether the data logger is still answered."""
    logger = here.logger
    assert logger is not None
    before = len(logger.answered)
    return wait_for(lambda: len(logger.answered) > before + 20, seconds)


def test_a_siege_of_rubbish_costs_the_data_logger_nothing(
    scene: Callable[..., Scene], tell: Callable[[str], None]
) -> None:
    here = scene()
    answered = answered_under_siege(here)
    tell(f"siege {SECONDS} s: {answered} frames answered meanwhile")
    assert answered > 20
    assert goes_on(here, seconds=40)
    found = here.judged(within=90)
    assert (found.lost, found.doubled, found.gaps) == (0, 0, 0)
    assert memory_megabytes(here.site.pid("collector")) < 200


def test_a_collector_that_ends_at_the_first_rubbish_is_caught(scene: Callable[..., Scene]) -> None:
    here = scene()
    here.site.broken["collector"] = FRAGILE
    answered_under_siege(here)
    assert not goes_on(here, seconds=3)


def memory_megabytes(pid: int) -> float:
    """Resident memory of a process."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
