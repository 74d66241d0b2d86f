"""kill -9 of a collector that pulls rows from a business system, at any moment.

Oracle: every row of the system lies in the telemetry log, under its own time and no other. A copy
of a row under the same time is harmless and counted: rows are known by their time.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from edge_greengrass.outbox.device_key import outbox_key
from edge_greengrass.outbox.log import AppendLog
from plume.evidence import payload
from plume.series import block
from tests.faults.soak import times

ROOT = Path(__file__).parents[2]
KILLS = times(8, 500)
SEED = "pull"
STEP_MS = 10
# Moves the cursor first and writes the points a little later: a kill in between loses them.
HASTY = """
import asyncio, sys
from edge_greengrass.collector.main import main
from edge_greengrass.collector.sources.inlet import Inlet
keep = Inlet.keep
async def hasty(self, points):
    async def later():
        await asyncio.sleep(0.5)
        await keep(self, points)
    self.tasks = getattr(self, "tasks", [])
    self.tasks.append(asyncio.create_task(later()))
Inlet.keep = hasty
sys.exit(main(sys.argv[1:]))
"""


class Business:
    """A system with a new row every few milliseconds, of which it tells those asked for."""

    def __init__(self) -> None:
        self.began = time.time()
        self.count: int | None = None
        system = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = system.told(parse_qs(urlsplit(self.path).query))
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def rows(self) -> int:
        return self.count or int((time.time() - self.began) * 1000 / STEP_MS)

    def at(self, number: int) -> int:
        return int(self.began * 1000) + number * STEP_MS

    def told(self, asked: dict[str, list[str]]) -> bytes:
        since = float(asked.get("since", ["0"])[0])
        first = max(0, int((since - self.began * 1000) / STEP_MS))
        numbers = range(first, min(self.rows, first + 400))
        return json.dumps([{"at": self.at(n), "id": n, "v": n} for n in numbers]).encode()


class Puller:
    """A real collector that pulls, its kills, and its log."""

    def __init__(self, folder: Path, port: int, broken: str) -> None:
        self._broken, self._home, self._config = broken, folder / "home", folder / "c.json"
        source = {
            "name": "business", "kind": "pull", "outletId": "station-1", "seconds": 0.05,
            "url": f"http://127.0.0.1:{port}/", "sinceParameter": "since", "lateSeconds": 0.5,
            "time": {"field": "at", "format": "unixMs"}, "key": "id", "pointsPerSecond": 1e6,
            "channels": [{"channel": "kwh", "field": "v", "decimals": 0}],
        }  # fmt: skip
        settings = {
            "thing": "edge-pull", "home": str(self._home), "fingerprintSeed": SEED,
            "listeners": [], "outlets": [], "sources": [source],
        }  # fmt: skip
        self._config.write_text(json.dumps(settings), encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        how = ["-c", self._broken] if self._broken else ["-m", "edge_greengrass.collector"]
        self._process = subprocess.Popen(  # noqa: S603, our own
            [sys.executable, *how, "--config", str(self._config)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"},
            stdout=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def points(self) -> list[tuple[int, int]]:
        """Give (row, time) of all points on the disk, copies among them."""
        log = AppendLog(self._home / "telemetry", key=outbox_key(self._home), quota_bytes=1 << 28)
        found: list[tuple[int, int]] = []
        for _, record in log.read(None, 1_000_000):
            for data in payload.decode(record).blocks:
                columns = block.decode(data)
                rows = columns.values["kwh"].astype(int).tolist()
                found += zip(rows, columns.times.tolist(), strict=True)
        return found


def live_through(folder: Path, broken: str, tell: Callable[[str], None]) -> tuple[int, int]:
    """Pull through kills until all rows were asked for; give lost and misplaced rows."""
    chance, system = random.Random(4), Business()
    puller = Puller(folder, system.server.server_address[1], broken)
    try:
        for _ in range(KILLS):
            puller.start()
            time.sleep(1.0 + chance.random())
            puller.kill()
        system.count = system.rows
        puller.start()
        catch_up(puller, system.count)
    finally:
        puller.kill()
        system.server.shutdown()
        system.server.server_close()
    return judged(puller.points(), system, tell)


def catch_up(puller: Puller, count: int) -> None:
    """Wait until the last row has come, or for as long as a sound collector never needs."""
    patience = time.monotonic() + 30.0
    while time.monotonic() < patience:
        if max((row for row, _ in puller.points()), default=-1) == count - 1:
            return
        time.sleep(0.2)


def judged(
    found: list[tuple[int, int]], system: Business, tell: Callable[[str], None]
) -> tuple[int, int]:
    lost = system.rows - len({row for row, _ in found})
    misplaced = sum(at != system.at(row) for row, at in found)
    copies = len(found) - len(set(found))
    tell(f"kills {KILLS}: rows {system.rows}, lost {lost}, misplaced {misplaced}, copies {copies}")
    return lost, misplaced


def test_every_row_is_taken_under_its_time_through_kills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tell: Callable[[str], None]
) -> None:
    monkeypatch.setenv("PLUME_FINGERPRINT_SEED", SEED)
    assert live_through(tmp_path, "", tell) == (0, 0)


def test_the_oracle_catches_a_cursor_that_moves_before_the_points_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tell: Callable[[str], None]
) -> None:
    monkeypatch.setenv("PLUME_FINGERPRINT_SEED", SEED)
    lost, _ = live_through(tmp_path, HASTY, tell)
    assert lost
