"""A running platform for tests: started as a person would, stopped by Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.settings import HOME_VARIABLE, OFFSET_VARIABLE, ROOT, TWINS_VARIABLE

START_SECONDS = 600.0
STOP_SECONDS = 90.0


class NotStarted(Exception):
    """The platform ended before it was ready, or was not ready in time."""


@dataclass(frozen=True, slots=True)
class Running:
    """One running platform: the process at its head, and where it describes itself."""

    head: "subprocess.Popen[bytes]"
    described_by: Path

    @property
    def description(self) -> dict[str, Any]:
        """Read `local.json` as it is now."""
        found: dict[str, Any] = json.loads(self.described_by.read_text(encoding="utf-8"))
        return found


@contextmanager
def running(*, home: Path, offset: int, twins: bool) -> Iterator[Running]:
    """Start a platform, give it when it is ready, stop it in the end; its data stay in `home`.

    Raises:
        NotStarted: the message ends with what it said last.
    """
    log = home.with_name(f"{home.name}.log")
    environment = {
        **os.environ,
        HOME_VARIABLE: str(home),
        OFFSET_VARIABLE: str(offset),
        TWINS_VARIABLE: "1" if twins else "0",
    }
    with log.open("wb") as out:
        head = subprocess.Popen(
            [sys.executable, "-m", "infra.local"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
        )
    try:
        _wait(head, home / "local.json", log)
        yield Running(head, home / "local.json")
    finally:
        head.send_signal(signal.SIGINT)
        head.wait(timeout=STOP_SECONDS)


def _wait(head: "subprocess.Popen[bytes]", described: Path, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not described.exists():
        if head.poll() is not None or time.monotonic() > end:
            raise NotStarted(
                f"{log}:\n{log.read_text(encoding='utf-8', errors='replace')[-4000:]}"
            )
        time.sleep(0.2)
