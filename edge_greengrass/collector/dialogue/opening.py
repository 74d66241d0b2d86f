"""All that dialogues need, put together."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from edge_greengrass import home
from edge_greengrass.collector.configuration import Configuration, Station
from edge_greengrass.collector.desk import Floor
from edge_greengrass.collector.dialogue.credentials import Credentials
from edge_greengrass.collector.dialogue.ledger import Ledger
from edge_greengrass.collector.dialogue.obeying import Means, Obeying, Tell
from edge_greengrass.collector.dialogue.reception import Reception
from edge_greengrass.collector.dialogue.sealed_file import SealedFile
from edge_greengrass.collector.dialogue.switchboard import Switchboard
from edge_greengrass.collector.dialogue.talk import Talk
from edge_greengrass.collector.judging import Judge
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import AppendLog
from plume.hj212.requests import requests_of
from plume.model.command import CommandKind

FOLDER = "dialogue"
COMMAND_BYTES = 4 << 20
REFRESH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Given:
    """What the collector lends to dialogues: its settings, clock, log upwards and journal.

    `key` is that of this device [32 bytes].
    """

    chosen: Configuration
    key: bytes
    now: Callable[[], datetime]
    tell: Tell
    journal: Journal


def attached(given: Given, floor: Floor) -> "Dialogues":
    """Open the dialogues of a collector; its judge believes what they have changed."""
    dialogues = Dialogues(given)
    believed: dict[str, Station] = {}

    def believe() -> None:
        now = dialogues.credentials.believed()
        if now != believed:
            believed.clear()
            believed.update(now)
            floor.judge = Judge(now, given.now)

    dialogues.credentials.on_change = believe
    believe()
    floor.dialogues = dialogues.reception
    return dialogues


class Dialogues:
    """The dialogue engine of one collector."""

    def __init__(self, given: Given) -> None:
        self._given = given
        switchboard = Switchboard()
        stations = given.chosen.stations
        self.credentials = Credentials(stations, self._file("credentials"), given.now)
        self.talk = Talk(switchboard, self.credentials, given.now, given.chosen.patience)
        self.reception = Reception(switchboard, self.credentials, given.journal)
        self.reception.on_time_request = self._give_time
        self._switchboard = switchboard
        self._errands: set[asyncio.Task[object]] = set()

    async def run(self) -> None:
        """Obey commands until cancelled."""
        given = self._given
        means = Means(
            given.chosen.thing,
            self.talk,
            self._switchboard,
            self.credentials,
            given.tell,
            given.now,
            given.journal,
        )
        folder = given.chosen.home / home.COLLECTOR_COMMANDS
        log = AppendLog(folder, key=given.key, quota_bytes=COMMAND_BYTES)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(Obeying(log, Ledger(self._file("ledger")), means).run())
            tasks.create_task(self._refresh())

    async def _refresh(self) -> None:
        """Let go of former secrets once their grace time is over."""
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            self.credentials.on_change()

    def configure(self, stations: Mapping[str, Station]) -> None:
        """Go over to other data loggers; what is under way with one that stays goes on."""
        self.credentials.configure(stations)

    def _give_time(self, mn: str) -> None:
        """Set the clock of a data logger that has asked for it (CN 1013, then 1012)."""
        (request,) = requests_of(CommandKind.SET_TIME, {}, self._given.now())
        errand = asyncio.create_task(self.talk.ask(mn, request))
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)

    def _file(self, name: str) -> SealedFile:
        return SealedFile(self._given.chosen.home / FOLDER / name, self._given.key)
