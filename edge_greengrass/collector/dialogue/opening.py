"""All that dialogues need, put together."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge_greengrass import home
from edge_greengrass.collector.configuration import (
    Configuration,
    Filling,
    Patience,
    Station,
)
from edge_greengrass.collector.desk import Floor
from edge_greengrass.collector.dialogue.attendance import Attendance
from edge_greengrass.collector.dialogue.chronicle import Chronicle
from edge_greengrass.collector.dialogue.credentials import Credentials
from edge_greengrass.collector.dialogue.filling import GapFiller, Site
from edge_greengrass.collector.dialogue.ledger import Ledger
from edge_greengrass.collector.dialogue.newcomers import Newcomer
from edge_greengrass.collector.dialogue.obeying import Means, Obeying, Tell
from edge_greengrass.collector.dialogue.reception import Reception
from edge_greengrass.collector.dialogue.sealed_file import SealedFile
from edge_greengrass.collector.dialogue.switchboard import Switchboard
from edge_greengrass.collector.dialogue.talk import Talk
from edge_greengrass.collector.dialogue.timekeeping import Timekeeping
from edge_greengrass.collector.judging import Judge
from edge_greengrass.collector.steady_clock import SteadyClock
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import AppendLog
from plume.errors import Unavailable
from plume.hj212.requests import requests_of
from plume.model.command import CommandKind
from plume.model.event import SourceHealth, SourceState

FOLDER = "dialogue"
COMMAND_BYTES = 4 << 20
REFRESH_SECONDS, LOOK_SECONDS = 60.0, 1.0
CLOCK = "clock"


async def not_readable() -> str:
    """Say why settings are not read again: there is nobody who could."""
    return "these settings cannot be read again"


@dataclass(frozen=True, slots=True)
class Given:
    """What the collector lends to dialogues: its settings, clock, log upwards and journal.

    `key` is that of this device [32 bytes]; `reload` takes the settings over again.
    """

    chosen: Configuration
    key: bytes
    clock: SteadyClock
    tell: Tell
    journal: Journal
    reload: Callable[[], Awaitable[str]] = not_readable


def attached(given: Given, floor: Floor) -> "Dialogues":
    """Open the dialogues of a collector; its judge believes what they have changed."""
    dialogues = Dialogues(given)
    believed: dict[str, Station] = {}

    def believe() -> None:
        now = dialogues.credentials.believed()
        if now != believed:
            believed.clear()
            believed.update(now)
            floor.judge = Judge(now, given.clock.now)

    dialogues.credentials.on_change = believe
    believe()
    floor.dialogues = dialogues.reception
    return dialogues


class Dialogues:
    """The dialogue engine of one collector."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._switchboard = switchboard = Switchboard()
        stations = given.chosen.stations
        self.credentials = Credentials(stations, self._file("credentials"), given.clock.now)
        keys = self.credentials.believed_keys
        chronicle = Chronicle(self._file("chronicle"), time.monotonic, keys)
        chronicle.on_unkept = self._unkept
        outlets = self.credentials.outlets
        timekeeping = Timekeeping(outlets, given.tell, given.clock, time.monotonic)
        self.talk = Talk(switchboard, self.credentials, given.clock.shown, given.chosen.patience)
        self.talk.on_answer = timekeeping.answered
        self.talk.on_time_set = timekeeping.was_set
        self.reception = Reception(
            *(switchboard, self.credentials, timekeeping, chronicle),
            attendance=Attendance(outlets, given.tell, given.clock.now, time.monotonic),
            journal=given.journal,
        )
        given.clock.on_step = self._stepped
        site = Site(outlets, switchboard, self.talk, given.tell, given.clock.now)
        self._filler = GapFiller(chronicle, given.chosen.filling, site)
        self._timekeeping, self._chronicle = timekeeping, chronicle
        self.reception.on_time_request = self._give_time
        self.reception.newcomers.on_arrival = self._tell_of
        self._errands: set[asyncio.Task[object]] = set()

    async def run(self) -> None:
        """Obey commands until cancelled."""
        given = self._given
        means = Means(
            given.chosen.thing,
            self.talk,
            self._switchboard,
            self.reception.newcomers,
            self.credentials,
            given.tell,
            given.clock.shown,
            given.journal,
            given.reload,
        )
        folder = given.chosen.home / home.COLLECTOR_COMMANDS
        log = AppendLog(folder, key=given.key, quota_bytes=COMMAND_BYTES)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(Obeying(log, Ledger(self._file("ledger")), means).run())
            tasks.create_task(self._timekeeping.run())
            tasks.create_task(self._filler.run())
            tasks.create_task(self.reception.attendance.run())
            tasks.create_task(self._refresh())

    async def _refresh(self) -> None:
        """Let go of former secrets once their grace time is over, and note the time.

        While a step is run off, the device's clock says nothing of how far time has come: then it
        is noted every second.
        """
        refreshed = float("-inf")
        while True:
            due = time.monotonic() - refreshed >= REFRESH_SECONDS
            if due or self._given.clock.lead():
                self._note_time()
            if due:
                self.credentials.on_change()
                refreshed = time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)

    def configure(self, stations: Mapping[str, Station]) -> None:
        """Go over to other data loggers; what is under way with one that stays goes on."""
        self.credentials.configure(stations)

    def adjust(self, patience: Patience, filling: Filling) -> None:
        """Ask with other patience, and for other gaps, from the next question on."""
        self.talk.patience, self._filler.chosen = patience, filling

    def _stepped(self, step: timedelta) -> None:
        """The clock of the device was set."""
        self._given.journal.tell("clock_stepped", seconds=step.total_seconds())
        self._timekeeping.stepped(step)
        self._note_time()

    def _unkept(self, fault: OSError) -> None:
        """What was seen could not be written down."""
        self._given.journal.tell("chronicle_not_kept", reason=str(fault))

    def _note_time(self) -> None:
        """Let the next run begin no earlier than this one has come."""
        try:
            clock = self._given.clock
            self._file(CLOCK).write([clock.now().timestamp(), bool(clock.lead())])
        except OSError as fault:
            self._given.journal.tell("time_not_noted", reason=str(fault))

    def _tell_of(self, newcomer: Newcomer) -> None:
        """Let the platform know that a data logger asks for an MN."""
        at, facts = self._given.clock.now(), {**newcomer.facts, "mn": newcomer.frame.mn}
        detail = "asks for an MN"
        event = SourceHealth(at, newcomer.serial, "hj212", SourceState.OK, detail, facts)
        self._run_errand(self._tell(event))

    async def _tell(self, event: SourceHealth) -> None:
        try:
            await self._given.tell([event])
        except Unavailable as fault:
            self._given.journal.tell("event_not_kept", reason=str(fault))

    def _give_time(self, mn: str) -> None:
        """Set the clock of a data logger that has asked for it (CN 1013, then 1012)."""
        (request,) = requests_of(CommandKind.SET_TIME, {}, self._given.clock.shown())
        self._run_errand(self.talk.ask(mn, request))

    def _run_errand(self, errand: Coroutine[object, object, object]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def _file(self, name: str) -> SealedFile:
        return _file(self._given.chosen.home, name, self._given.key)


def opened_clock(home_folder: Path, key: bytes) -> SteadyClock:
    """Give the clock of a collector, which goes on no earlier than an earlier run has ended."""
    noted, leading = _file(home_folder, CLOCK, key).read() or (0.0, False)
    was_set_back = time.time() < noted
    since = 2 * LOOK_SECONDS if leading else REFRESH_SECONDS if was_set_back else 0.0
    return SteadyClock(at_least=datetime.fromtimestamp(noted + since, tz=UTC))


def _file(home_folder: Path, name: str, key: bytes) -> SealedFile:
    return SealedFile(home_folder / FOLDER / name, key)
