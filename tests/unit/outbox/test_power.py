"""What was acknowledged survives a killed process and a cut of power; a worse log is caught."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import sleep

import pytest

from edge_greengrass.outbox import log as shipped
from edge_greengrass.outbox.log import AppendLog

KEY = bytes(32)
KILLS = 15
WRITER = """
import sys
from pathlib import Path
from edge_greengrass.outbox.log import AppendLog
log = AppendLog(Path(sys.argv[1]), key=bytes(32), quota_bytes=1 << 24)
number = int(sys.argv[2])
while True:
    log.append([b"%d" % number, b"%d" % (number + 1)])
    sys.stdout.write(f"{number + 1}\\n")
    sys.stdout.flush()
    number += 2
"""


def test_nothing_acknowledged_is_lost_to_kill_9(tmp_path: Path) -> None:
    random, number, acknowledged = Random(7), 0, -1  # noqa: S311, a repeatable test
    for _ in range(KILLS):
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(number)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603, our own
        assert process.stdout is not None
        acknowledged = max(acknowledged, int(process.stdout.readline()))
        sleep(random.random() * 0.02)
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split(b"\n")[:-1]
        process.stdout.close()
        process.wait()
        acknowledged = max([acknowledged, *map(int, rest)])
        log = AppendLog(tmp_path, key=KEY, quota_bytes=1 << 24)
        kept = [int(content) for _, content in log.read(None, 10**6)]
        assert kept == list(range(len(kept)))
        assert len(kept) > acknowledged
        assert log.damage == []
        number = len(kept)


Sync = Callable[[int], None]


class Disk:
    """Remembers how much of the outbox would be there after the power went."""

    def __init__(self) -> None:
        self.synced: dict[str, int] = {}

    def sync(self, descriptor: int) -> None:
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        self.synced[path] = os.fstat(descriptor).st_size

    def cut_power(self, folder: Path) -> None:
        for file in folder.glob("*.log"):
            os.truncate(file, self.synced.get(str(file), 0))


def lost_at_power_cut(
    folder: Path, monkeypatch: pytest.MonkeyPatch, sync: Callable[[Disk], Sync]
) -> int:
    """Append, cut the power, come back: count the acknowledged records that are gone."""
    disk = Disk()
    monkeypatch.setattr(shipped.os, "fsync", disk.sync)
    monkeypatch.setattr(shipped.os, "fdatasync", sync(disk))
    log = AppendLog(folder, key=KEY, quota_bytes=1 << 18)
    acknowledged = [bytes([i]) * 900 for i in range(60)]
    for record in acknowledged:
        log.append([record])
    log.close()
    disk.cut_power(folder)
    kept = {
        content for _, content in AppendLog(folder, key=KEY, quota_bytes=1 << 18).read(None, 99)
    }
    return len(set(acknowledged) - kept)


def test_nothing_acknowledged_is_lost_to_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lost_at_power_cut(tmp_path, monkeypatch, lambda disk: disk.sync) == 0


def test_a_log_that_does_not_sync_is_caught_by_the_same_oracle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lost_at_power_cut(tmp_path, monkeypatch, lambda _: lambda _descriptor: None) > 0
