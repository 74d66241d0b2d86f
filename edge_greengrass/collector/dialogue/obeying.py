"""Commands from the cloud (反控): taken on once, carried out, and each step told upwards."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edge_greengrass.collector.dialogue.change import change_of
from edge_greengrass.collector.dialogue.credentials import Credentials
from edge_greengrass.collector.dialogue.exchange import Ending, Outcome
from edge_greengrass.collector.dialogue.ledger import Ledger
from edge_greengrass.collector.dialogue.newcomers import Newcomers
from edge_greengrass.collector.dialogue.switchboard import Switchboard
from edge_greengrass.collector.dialogue.talk import Talk
from edge_greengrass.collector.dialogue.wording import STAGES, detail_of, result_of
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import Position
from plume.errors import Refused, Unavailable
from plume.hj212.requests import BadArguments, requests_of, serial_of
from plume.model.command import Command, CommandKind
from plume.model.event import EdgeEvent, Receipt, ReceiptStage
from plume.wire.commands import command_of

MOST_OPEN = 64
"""So many commands are under way at once [1]; the others wait in their log."""
MOST_ATTEMPTS = 3
"""So often is a command begun whose connection broke in the midst of it."""
POLL_SECONDS = 0.5
DISK_PAUSE_SECONDS = 5.0
ONCE_ONLY = frozenset({CommandKind.CALIBRATE, CommandKind.SAMPLE_NOW, CommandKind.SET_PARAMETER})
"""What must not be done twice: after a break nobody knows whether it was done."""

Tell = Callable[[Sequence[EdgeEvent]], Awaitable[None]]
"""Puts events into the log upwards, durably, or raises Unavailable."""


class CommandLog(Protocol):
    """What is read from `home.COLLECTOR_COMMANDS`."""

    def read(self, after: Position | None, most: int) -> list[tuple[Position, bytes]]:
        """Give records behind `after`."""

    def forget(self, upto: Position) -> None:
        """Never give again what lies up to `upto`."""


@dataclass(frozen=True, slots=True)
class Means:
    """What obedience works with. `now` gives the time, aware.

    `reload` takes the settings over again; it gives why they were refused, empty when they hold.
    """

    thing: str
    talk: Talk
    switchboard: Switchboard
    newcomers: Newcomers
    credentials: Credentials
    tell: Tell
    now: Callable[[], datetime]
    journal: Journal
    reload: Callable[[], Awaitable[str]]


class Obeying:
    """Reads commands and carries them out, several at a time, each id once."""

    def __init__(self, log: CommandLog, ledger: Ledger, means: Means) -> None:
        self._log, self._ledger, self._means = log, ledger, means
        self._read_to: Position | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._telling: set[tuple[str, ReceiptStage]] = set()

    async def run(self) -> None:
        """Obey until cancelled; what was under way is taken up again by the next run."""
        try:
            await self._resume()
            while True:
                await self._step()
                await asyncio.sleep(POLL_SECONDS)
        finally:
            for one in self._tasks:
                one.cancel()

    async def _step(self) -> None:
        await self._tell_untold()
        for one in [task for task in self._tasks if task.done()]:
            self._tasks.discard(one)
            one.result()
        room = MOST_OPEN - len(self._tasks)
        try:
            for position, message in self._log.read(self._read_to, room) if room > 0 else ():
                await self._take(message)
                self._read_to = position
                self._log.forget(position)
        except OSError as fault:
            self._means.journal.tell("commands_unreadable", reason=str(fault))

    async def _resume(self) -> None:
        """Take up what an earlier run left open."""
        for entry in self._ledger.open():
            begun = entry.receipt.stage is ReceiptStage.EXECUTING
            if begun and entry.command.kind in ONCE_ONLY:
                why = "interrupted by a restart; whether it was done is not known"
                await self._progress(entry.command, ReceiptStage.FAILED, why)
            else:
                self._begin(entry.command)

    async def _take(self, message: bytes) -> None:
        """Take one command on, or turn it down; a copy of one known is passed over."""
        try:
            command = command_of(message)
        except Refused as fault:
            self._means.journal.tell("bad_command", reason=fault.message)
            return
        if self._ledger.knows(command.id):
            return
        if why := self._objection(command):
            await self._progress(command, ReceiptStage.REFUSED, why)
        elif self._expired(command):
            await self._progress(command, ReceiptStage.TIMED_OUT, "expired before it was begun")
        else:
            await self._progress(command, ReceiptStage.ACCEPTED)
            self._begin(command)

    def _objection(self, command: Command) -> str:
        """Say why a command cannot be for this collector; empty when it can."""
        if command.thing != self._means.thing:
            return f"thing: this is {self._means.thing}"
        if command.kind is CommandKind.RELOAD:
            return ""
        if command.outlet is None or self._means.credentials.mn_of(command.outlet) is None:
            return f"outlet: no data logger of {command.outlet} is configured here"
        arguments = command.arguments or {}
        try:
            if command.kind is CommandKind.SET_MN:
                serial_of(arguments)
            else:
                requests_of(command.kind, arguments, self._means.now())
        except BadArguments as fault:
            return fault.message
        return ""

    def _expired(self, command: Command) -> bool:
        return self._means.now() >= command.expires_at

    def _begin(self, command: Command) -> None:
        self._tasks.add(asyncio.create_task(self._obey(command)))

    async def _obey(self, command: Command) -> None:
        """Carry one command out, whatever it asks."""
        carry_out = _WAYS.get(command.kind, Obeying._ask)
        try:
            await carry_out(self, command)
        except OSError as fault:
            await self._progress(command, ReceiptStage.FAILED, f"disk: {fault}")

    async def _name(self, command: Command) -> None:
        """Give the MN of the outlet to the data logger that calls itself by the serial given."""
        mn = self._means.credentials.mn_of(command.outlet or "") or ""
        serial = serial_of(command.arguments or {})
        try:
            async with asyncio.timeout(self._left(command)):
                newcomer = await self._means.newcomers.reachable(serial)
        except TimeoutError:
            why = f"no data logger {serial} had asked for an MN before the command expired"
            await self._progress(command, ReceiptStage.TIMED_OUT, why)
            return
        await self._progress(command, ReceiptStage.EXECUTING)
        outcome = await self._means.talk.name(newcomer, mn)
        result: dict[str, object] = {"mn": mn, **newcomer.facts}
        await self._progress(command, STAGES[outcome.ending], detail_of(outcome), result)

    async def _ask(self, command: Command) -> None:
        """Put a question to a data logger; again after a break, unless that could do it twice."""
        mn = self._means.credentials.mn_of(command.outlet or "")
        if mn is None:
            await self._progress(command, ReceiptStage.FAILED, "outlet: not configured any more")
            return
        for attempt in range(1, MOST_ATTEMPTS + 1):
            if not await self._reached(command, mn):
                why = "the data logger was not on the line before the command expired"
                await self._progress(command, ReceiptStage.TIMED_OUT, why)
                return
            await self._progress(command, ReceiptStage.EXECUTING)
            outcome, result = await self._requested(command, mn)
            last = attempt == MOST_ATTEMPTS or command.kind in ONCE_ONLY
            if outcome.ending is not Ending.BROKEN or last:
                await self._progress(command, STAGES[outcome.ending], detail_of(outcome), result)
                return

    async def _reload(self, command: Command) -> None:
        """Read the configuration again: of the whole device, so no data logger is asked."""
        await self._progress(command, ReceiptStage.EXECUTING)
        refused = await self._means.reload()
        stage = ReceiptStage.FAILED if refused else ReceiptStage.DONE
        await self._progress(command, stage, refused)

    async def _reached(self, command: Command, mn: str) -> bool:
        """Wait for the data logger; False when the command expires meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._left(command)):
                await self._means.switchboard.reachable(mn)
                return True
        return False

    def _left(self, command: Command) -> float:
        """Give how long a command may still be begun [s]."""
        return max(0.0, (command.expires_at - self._means.now()).total_seconds())

    async def _requested(self, command: Command, mn: str) -> tuple[Outcome, dict[str, object]]:
        """Hold the exchanges of a command, in order, up to the first that does not end well."""
        result: dict[str, object] = {}
        outcome = Outcome(Ending.DONE)
        change = change_of(command, mn, self._means.credentials)
        for request in requests_of(command.kind, command.arguments or {}, self._means.now()):
            outcome = await self._means.talk.ask(mn, request, change)
            result |= result_of(request, outcome)
            if outcome.ending is not Ending.DONE:
                break
        return outcome, result

    async def _progress(
        self,
        command: Command,
        stage: ReceiptStage,
        detail: str = "",
        result: dict[str, object] | None = None,
    ) -> None:
        """Note a stage, then tell it, once; on a full disk the command waits here."""
        if self._ledger.stands_at(command.id, stage):
            return
        receipt = Receipt(self._means.now(), command.id, stage, detail, result or None)
        while True:
            try:
                self._ledger.note(command, receipt)
                break
            except OSError as fault:
                self._means.journal.tell("ledger_failed", command=command.id, reason=str(fault))
                await asyncio.sleep(DISK_PAUSE_SECONDS)
        await self._tell(receipt)

    async def _tell_untold(self) -> None:
        for entry in self._ledger.untold():
            await self._tell(entry.receipt)

    async def _tell(self, receipt: Receipt) -> None:
        """Put a receipt into the log upwards; what could not be put is tried again later."""
        word = (receipt.command, receipt.stage)
        if word in self._telling:
            return  # it is on its way to the disk
        self._telling.add(word)
        try:
            with suppress(Unavailable, OSError):
                await self._means.tell([receipt])
                self._ledger.told(receipt)
        finally:
            self._telling.discard(word)


_WAYS: Mapping[CommandKind, Callable[[Obeying, Command], Awaitable[None]]] = {
    CommandKind.RELOAD: Obeying._reload,  # noqa: SLF001, its own
    CommandKind.SET_MN: Obeying._name,  # noqa: SLF001, its own
}
"""How what is no plain question to a data logger is carried out."""
