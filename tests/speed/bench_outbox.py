"""The outbox against the disk it lies on: one encrypted record of 4.4 KB per commit."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent))

from bench_codec import best_seconds

from edge_greengrass.outbox.log import AppendLog

_RECORD = os.urandom(4_400)
_ROUNDS = 1_500
_HERE = Path(__file__).parents[2]


def figures() -> list[tuple[str, float, str, str, bool]]:
    """Give commits per second as a share of the disk's own append + fdatasync, and the drain."""
    with TemporaryDirectory(dir=_HERE, prefix=".plume-bench-") as folder:
        log = AppendLog(Path(folder) / "log", key=bytes(32), quota_bytes=1 << 28)
        floor, single = _side_by_side(Path(folder) / "floor", log)
        grouped = best_seconds(lambda: log.append([_RECORD] * 100), rounds=7, repeats=5) / 100
        records = len(log.read(None, 1_000))
        drained = best_seconds(lambda: log.read(None, 1_000), rounds=7, repeats=1) / records
        log.close()
    share = floor / single
    return [
        ("outbox: commits of one record", 1 / single, "1/s", "", True),
        ("outbox: share of the disk's own rate", share, "of 1", ">= 0.9", share >= 0.9),
        ("outbox: records in commits of 100", 1 / grouped, "1/s", ">= 10,000", grouped <= 1e-4),
        ("outbox: records read and decrypted", 1 / drained, "1/s", ">= 50,000", drained <= 2e-5),
    ]


def _side_by_side(path: Path, log: AppendLog) -> tuple[float, float]:
    """Give the median seconds of the disk's own commit and of ours, taken turn by turn.

    A disk that others use is now fast, now slow; only neighbours can be compared.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def commit() -> None:
        os.write(descriptor, _RECORD)
        os.fdatasync(descriptor)

    bare, ours = [], []
    try:
        for _ in range(_ROUNDS):
            bare.append(_seconds(commit))
            ours.append(_seconds(lambda: log.append([_RECORD])))
    finally:
        os.close(descriptor)
    return median(bare), median(ours)


def _seconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began
