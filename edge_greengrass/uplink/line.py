"""How the uplink stands with the cloud, for every component on site to read (`home.LINE`)."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from edge_greengrass.journal import Journal
from edge_greengrass.uplink.courier import Courier
from edge_greengrass.uplink.identity import write_private
from edge_greengrass.uplink.sealing import Sealing

DEAF_SECONDS = 60.0
"""A connection over which the cloud has acknowledged nothing for so long leads nowhere."""
LOOK_SECONDS = 1.0


class Line:
    """The file; it changes when the state does, and is down until the cloud has been reached."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path, self._now = path, now
        self._up = self._known()
        self.stands(up=False)

    @property
    def up(self) -> bool:
        """Whether the cloud hears us."""
        return bool(self._up)

    def stands(self, *, up: bool) -> bool:
        """Note how the line stands; whether that is news."""
        if up == self._up:
            return False
        self._up = up
        fields = {"up": up, "since": self._now().isoformat()}
        write_private(self._path, json.dumps(fields).encode())
        return True

    def _known(self) -> bool | None:
        with suppress(OSError, ValueError, KeyError, TypeError):
            return bool(json.loads(self._path.read_text(encoding="utf-8"))["up"])
        return None


async def watch(line: Line, courier: Courier, sealing: Sealing, journal: Journal) -> None:
    """Look at the line for ever."""
    while True:
        up = courier.heard(time.monotonic(), DEAF_SECONDS)
        sealing.listened = up
        if line.stands(up=up):
            journal.tell("line", up=up)
        await asyncio.sleep(LOOK_SECONDS)
