"""Starts the programs of the platform in order, keeps them, and stops them in reverse."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.local.program import Ended, Keeper, Program

LOG_BYTES = 8 << 20
LOG_GENERATIONS = 2
LOG_CHECK_SECONDS = 30.0

Listener = Callable[[], None]


class Supervisor:
    """The programs of one platform."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._stages: list[list[Keeper]] = []
        self._rotation: asyncio.Task[None] | None = None
        self.changed: Listener = lambda: None
        self.ended: Ended = lambda _name, _status: None

    async def start(self, *programs: Program) -> None:
        """Start programs side by side; they stop before those that were started earlier."""
        if self._rotation is None:
            self._rotation = asyncio.create_task(self._rotate_for_ever())
        stage = [self._keeper(program) for program in programs]
        self._stages.append(stage)
        await asyncio.gather(*(keeper.start() for keeper in stage))

    async def stop(self, told: Callable[[Sequence[str]], None] = lambda _: None) -> None:
        """Stop the last started first; `told` hears the names before each stage."""
        while self._stages:
            stage = self._stages.pop()
            told([keeper.program.name for keeper in stage])
            await asyncio.gather(*(keeper.stop() for keeper in stage))
        if self._rotation:
            self._rotation.cancel()
            self._rotation = None

    @property
    def processes(self) -> list[tuple[str, int]]:
        """Give (name, pid) of everything that runs now."""
        keepers = [keeper for stage in self._stages for keeper in stage]
        return [(each.program.name, each.pid) for each in keepers if each.pid is not None]

    def restarts(self, name: str) -> int:
        """Give how often a program had to be started again."""
        keepers = (keeper for stage in self._stages for keeper in stage)
        return sum(each.restarts for each in keepers if each.program.name == name)

    def _keeper(self, program: Program) -> Keeper:
        log = self._logs / f"{program.name}.log"
        return Keeper(program, log, self._tell_changed, self._tell_ended)

    def _tell_changed(self) -> None:
        self.changed()

    def _tell_ended(self, name: str, status: int) -> None:
        self.ended(name, status)

    async def _rotate_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LOG_CHECK_SECONDS)
            for log in self._logs.glob("*.log"):
                rotate(log, LOG_BYTES)


def rotate(log: Path, most: int) -> None:
    """Move the content of a log aside when it is too long.

    The file stays the same one, because its program writes on to it at its end.
    """
    if log.stat().st_size <= most:
        return
    for generation in range(LOG_GENERATIONS - 1, 0, -1):
        older = log.with_suffix(f".log.{generation}")
        if older.exists():
            older.replace(log.with_suffix(f".log.{generation + 1}"))
    shutil.copyfile(log, log.with_suffix(".log.1"))
    with log.open("r+b") as file:
        file.truncate(0)
