"""The power goes at any system call: what was acknowledged is there, whole and in order."""

import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge_greengrass.outbox.log import AppendLog, OutboxFull, Position
from tests.faults.disk import Recorder, after_cut
from tests.faults.soak import times

CUTS = times(500, 100_000)
CUTS_OF_CONTROL = 200
KEY = bytes(32)
QUOTA = 1 << 18


@dataclass
class Workload:
    """What was appended and forgotten, and after which system call it was promised."""

    kept: list[tuple[int, bytes]] = field(default_factory=list)
    forgetting: list[tuple[int, int]] = field(default_factory=list)
    """(call at which forgetting began, how many records from the oldest on)."""

    def owed(self, moment: int) -> list[bytes]:
        """Give what must be readable after a cut at `moment`."""
        gone = max((count for began, count in self.forgetting if began <= moment), default=0)
        return [content for at, content in self.kept[gone:] if at <= moment]


def worked(log: AppendLog, recorder: Recorder, chance: random.Random) -> Workload:
    """Append groups of odd sizes over several files, and forget behind them now and then."""
    done, positions = Workload(), list[Position]()
    for number in range(90):
        group = [
            b"%06d" % (number * 10 + i) + chance.randbytes(chance.choice((5, 480, 2_000, 5_000)))
            for i in range(chance.randrange(1, 5))
        ]
        try:
            position = log.append(group)
        except OutboxFull:
            position = None
        if position is not None:
            done.kept += [(len(recorder.happened), one) for one in group]
            positions += [position] * len(group)
        if chance.random() < 0.15 and len(positions) > 20:
            count = chance.randrange(len(positions) - 10)
            upto = positions[count]
            forgotten = sum(one <= upto for one in positions)
            done.forgetting.append((len(recorder.happened), forgotten))
            log.forget(upto)
    return done


def lost(folder: Path, recorder: Recorder, done: Workload, seed: int) -> int:
    """Cut once, come back, and count what was promised and is not there, or is there wrongly."""
    chance = random.Random(seed)
    moment = chance.randrange(len(recorder.happened) + 1)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in after_cut(recorder.happened, moment, chance).items():
        (folder / name).write_bytes(content)
    log = AppendLog(folder, key=KEY, quota_bytes=QUOTA)
    found = [content for _, content in log.read(None, 10**6)]
    log.append([b"the writer goes on"])
    again = [content for _, content in log.read(None, 10**6)]
    log.close()
    every = {content for _, content in done.kept}
    foreign = [one for one in found if one not in every] + list(log.damage)
    in_order = found == sorted(found) and again == [*found, b"the writer goes on"]
    return len(set(done.owed(moment)) - set(found)) + len(foreign) + (not in_order)


def cut_often(tmp_path: Path, cuts: int) -> int:
    """Record one workload, cut it `cuts` times, and count the cuts that lost something."""
    recorder = Recorder(tmp_path / "recorded")
    with recorder.recording():
        log = AppendLog(recorder.folder, key=KEY, quota_bytes=QUOTA)
        done = worked(log, recorder, random.Random(3))
        log.close()
    return sum(lost(tmp_path / "cut", recorder, done, seed) > 0 for seed in range(cuts))


def test_no_cut_of_power_takes_what_was_acknowledged(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    losing = cut_often(tmp_path, CUTS)
    tell(f"power cuts {CUTS}: {losing} lost something")
    assert losing == 0


def test_a_log_that_does_not_sync_loses_in_most_cuts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(tmp_path / "recorded")
    with recorder.recording():
        monkeypatch.setattr(os, "fdatasync", lambda _: None)
        log = AppendLog(recorder.folder, key=KEY, quota_bytes=QUOTA)
        done = worked(log, recorder, random.Random(3))
        log.close()
    cuts = range(CUTS_OF_CONTROL)
    losing = sum(lost(tmp_path / "cut", recorder, done, seed) > 0 for seed in cuts)
    assert losing > CUTS_OF_CONTROL / 2
