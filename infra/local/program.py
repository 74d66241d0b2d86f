"""One program of the local platform: how it is started, stopped and started again."""

import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.settings import ROOT
from infra.local.surroundings import surroundings

TETHER = Path(__file__).with_name("tether.py")
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
STEADY_SECONDS = 20.0
"""Who has run so long has recovered: the next pause is the first one again."""

Changed = Callable[[], None]
Ended = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Program:
    """What to run; `patience` is how long [s] it may take to stop by itself."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: float = 10.0


class Keeper:
    """Keeps one program running until told to stop.

    `changed` is called with every new pid, `ended` with the name and status of a program that
    ended without being told to.
    """

    def __init__(self, program: Program, log: Path, changed: Changed, ended: Ended) -> None:
        self.program = program
        self.log = log
        self._changed, self._ended = changed, ended
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._started = 0.0
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """Its process id; None while it does not run."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process else None

    async def start(self) -> None:
        """Start it, and again whenever it ends."""
        await self._spawn()
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Ask it to end; after its patience is over, end it."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        process = self._process
        if process is None or process.returncode is not None:
            return
        await self._end(process)
        self._changed()

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), self.program.patience)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            assert self._process is not None  # noqa: S101, start() has spawned it
            status = await self._process.wait()
            self._changed()
            self._ended(self.program.name, status)
            steady = time.monotonic() - self._started > STEADY_SECONDS
            pause = FIRST_PAUSE if steady else pause
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            self.restarts += 1
            await self._spawn()

    async def _spawn(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-IS",
                str(TETHER),
                signal.SIGTERM.name,
                *self.program.command,
                cwd=ROOT,
                env=surroundings(self.program.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=asyncio.subprocess.STDOUT,
                process_group=0,  # Ctrl-C in a terminal reaches the supervisor alone
            )
        self._started = time.monotonic()
        self._changed()


async def until(
    ask: Callable[[], Awaitable[bool]], *, within: float, what: str, pause: float = 0.1
) -> None:
    """Ask again and again until the answer is yes.

    Raises:
        NotInTime: it was no for too long.
    """
    end = time.monotonic() + within
    while not await ask():
        if time.monotonic() > end:
            raise NotInTime(f"{what}: not within {within:g} s")
        await asyncio.sleep(pause)


class NotInTime(Exception):
    """Something did not happen in time; the message says what."""
