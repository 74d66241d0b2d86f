"""kill -9 of the real collector process: what was answered is in the log, each exactly once.

Oracle: frames are unique, so an answered frame that was sent once is in the log once; one that
was sent again, because its answer was lost with the process, at most as often as it was sent.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from edge_greengrass.outbox.device_key import SEED_VARIABLE, outbox_key
from edge_greengrass.outbox.log import AppendLog
from plume.evidence import payload
from plume.hj212 import encode

ROOT = Path(__file__).parents[2]
MN = "010000A8900016F000169DC0"
KILLS = 12
GOOD = "import sys; from edge_greengrass.collector.main import main; sys.exit(main(sys.argv[1:]))"
# The negative control: a collector that answers first and writes a little later.
BROKEN = """
import asyncio, sys
from edge_greengrass.collector import intake
keep = intake.Intake.keep
async def hasty(self, frames):
    async def later():
        await asyncio.sleep(0.05)
        await keep(self, frames)
    self.tasks = getattr(self, "tasks", [])
    self.tasks.append(asyncio.create_task(later()))
intake.Intake.keep = hasty
""" + GOOD.replace("import sys; ", "")


def frame(number: int) -> bytes:
    now = datetime.now(tz=UTC).astimezone(timezone(timedelta(hours=8)))
    return encode.frame(
        qn=f"{now:%Y%m%d}{number:09d}",
        st="31",
        cn="2011",
        password="123456",
        mn=MN,
        flag=5,
        cp=f"DataTime={now:%Y%m%d%H%M%S};a21026-Rtd=1.0,a21026-Flag=N",
    )


class Line:
    """A data logger and the collector at the other end, which is killed again and again."""

    def __init__(self, home: Path, program: str) -> None:
        self.home, self.program = home, program
        self.sent: Counter[bytes] = Counter()
        self.answered: set[bytes] = set()
        self.number = 0
        self.pending: list[bytes] = []
        config = {
            "thing": "edge-t",
            "home": str(home),
            "listeners": [{"host": "127.0.0.1", "port": 0}],
            "outlets": [{"outletId": "o", "mn": MN, "st": "31", "password": "123456"}],
            "fingerprintSeed": "killed",
        }
        (home / "collector.json").write_text(json.dumps(config), encoding="utf-8")

    def lives_and_dies(self, seconds: float) -> None:
        process = subprocess.Popen(  # noqa: S603, our own interpreter and words
            [sys.executable, "-c", self.program, "--config", str(self.home / "collector.json")],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            port = json.loads(process.stdout.readline())["addresses"][0][1]
            with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
                self._talk(line, time.monotonic() + seconds)
                process.send_signal(signal.SIGKILL)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def _talk(self, line: socket.socket, until: float) -> None:
        """Send bursts of new frames, first those that were never answered; read what comes."""
        replies = line.makefile("rb")
        while time.monotonic() < until:
            while len(self.pending) < 8:
                self.number += 1
                self.pending.append(frame(self.number))
            self.sent.update(self.pending)
            line.sendall(b"".join(self.pending))
            if time.monotonic() + 0.01 > until:
                return  # killed with the answers outstanding
            qns = {replies.readline()[9:26] for _ in self.pending}
            done = {one for one in self.pending if one[9:26] in qns}
            self.answered |= done
            self.pending = [one for one in self.pending if one not in done]

    def kept(self, key: bytes) -> Counter[bytes]:
        log = AppendLog(self.home / "intake", key=key, quota_bytes=1 << 30)
        records = log.read(None, 1_000_000)
        return Counter(one.raw for _, record in records for one in payload.decode(record).frames)


def lived_through(
    home: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[Line, Counter[bytes]]:
    line, chance = Line(home, program), random.Random(212)  # noqa: S311, repeatable
    for _ in range(KILLS):
        line.lives_and_dies(chance.uniform(0.02, 0.3))
    monkeypatch.setenv(SEED_VARIABLE, "killed")
    return line, line.kept(outbox_key(home))


def test_every_answered_frame_is_kept_once_through_a_dozen_kills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, kept = lived_through(tmp_path, GOOD, monkeypatch)
    assert len(line.answered) > 100
    assert not [one for one in line.answered if not 1 <= kept[one] <= line.sent[one]]
    assert not [one for one in kept if one not in line.sent]
    assert sum(line.sent[one] == 1 for one in line.answered) > 100


def test_the_oracle_catches_a_collector_that_answers_too_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, kept = lived_through(tmp_path, BROKEN, monkeypatch)
    assert [one for one in line.answered if not kept[one]]
