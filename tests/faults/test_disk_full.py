"""The disk fills up, at any write: what was acknowledged stays, and room brings work back."""

import errno
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge_greengrass.outbox.log import AppendLog, OutboxFull, Position
from tests.faults.soak import times

ROUNDS = times(60, 10_000)
KEY = bytes(32)


class SmallDisk:
    """Lets `left` more bytes be written, then says ENOSPC, in the midst of a record."""

    def __init__(self) -> None:
        self.left = 0
        self._pwrite = os.pwrite

    def pwrite(self, descriptor: int, content: bytes, offset: int) -> int:
        if self.left <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = self._pwrite(descriptor, bytes(content[: self.left]), offset)
        self.left -= written
        return written


@contextmanager
def on_a_small_disk() -> Iterator[SmallDisk]:
    disk = SmallDisk()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "pwrite", disk.pwrite)
        yield disk


def survivors(
    folder: Path, log_type: type[AppendLog], seed: int
) -> tuple[list[bytes], set[bytes]]:
    """Fill the disk several times over; give what was acknowledged, and what is there after."""
    chance = random.Random(seed)
    acknowledged: list[bytes] = []
    with on_a_small_disk() as disk:
        disk.left = 4_000
        log = log_type(folder, key=KEY, quota_bytes=1 << 20)
        for number in range(12):
            disk.left = chance.randrange(4_500)
            group = [b"%03d.%d" % (number, i) + bytes(chance.randrange(900)) for i in range(3)]
            try:
                log.append(group)
            except (OutboxFull, OSError):
                continue
            acknowledged += group
        disk.left = 1 << 20
        log.append([b"room again"])
        log.close()
    again = AppendLog(folder, key=KEY, quota_bytes=1 << 20)
    return [*acknowledged, b"room again"], {content for _, content in again.read(None, 10**6)}


def test_whatever_was_acknowledged_survives_a_full_disk(tmp_path: Path) -> None:
    for seed in range(ROUNDS):
        acknowledged, found = survivors(tmp_path / str(seed), AppendLog, seed)
        assert set(acknowledged) <= found, f"seed {seed}"
        assert found == set(acknowledged), f"seed {seed}: what was refused is there"


class CarelessLog(AppendLog):
    """The negative control: takes a refused record for kept."""

    def append(self, records: Sequence[bytes]) -> Position:
        try:
            return super().append(records)
        except (OutboxFull, OSError):
            return Position(0, 0)


def test_a_log_that_swallows_a_full_disk_is_caught(tmp_path: Path) -> None:
    results = [survivors(tmp_path / str(seed), CarelessLog, seed) for seed in range(10)]
    assert any(not set(acknowledged) <= found for acknowledged, found in results)
