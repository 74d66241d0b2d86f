"""Which commands were taken on and how far each has come, through a restart at any moment.

A command id is obeyed once: it is noted here before anything is sent, and remembered for a week
after its expiry, when no copy of it can be obeyed any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge_greengrass.collector.dialogue.sealed_file import SealedFile
from plume.errors import Refused
from plume.model.command import Command
from plume.model.event import Receipt, ReceiptStage
from plume.wire.commands import command_message, command_of
from plume.wire.events import event_fields, event_of

REMEMBERED = timedelta(days=7)
ENDS = frozenset(
    {ReceiptStage.DONE, ReceiptStage.FAILED, ReceiptStage.REFUSED, ReceiptStage.TIMED_OUT}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One command and its last receipt; `told` once that receipt is in the log upwards."""

    command: Command
    receipt: Receipt
    told: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do but to tell."""
        return self.receipt.stage in ENDS


class Ledger:
    """Entries by command id; every change is on the disk on return."""

    def __init__(self, file: SealedFile) -> None:
        self._file = file
        noted = map(_entry, file.read() or ())
        self._entries = {one.command.id: one for one in noted if one is not None}

    def knows(self, command: str) -> bool:
        """Whether a command of this id was taken on, or turned down, before."""
        return command in self._entries

    def stands_at(self, command: str, stage: ReceiptStage) -> bool:
        """Whether a command has come exactly so far."""
        entry = self._entries.get(command)
        return entry is not None and entry.receipt.stage is stage

    def untold(self) -> list[Entry]:
        """Give the entries whose last receipt may not be in the log upwards."""
        return [one for one in self._entries.values() if not one.told]

    def open(self) -> list[Entry]:
        """Give the entries that have not ended, in the order in which they came."""
        return [one for one in self._entries.values() if not one.ended]

    def note(self, command: Command, receipt: Receipt) -> None:
        """Note how far a command has come; what has ended stays ended.

        Raises:
            OSError: the disk failed; nothing was noted, and the command must not go on.
        """
        known = self._entries.get(command.id)
        if known is not None and known.ended:
            return
        self._keep({**self._entries, command.id: Entry(command, receipt)}, receipt.at)

    def told(self, receipt: Receipt) -> None:
        """Note that a receipt is in the log upwards."""
        entry = self._entries.get(receipt.command)
        if entry is not None and entry.receipt == receipt:
            told = Entry(entry.command, receipt, told=True)
            self._keep({**self._entries, receipt.command: told}, receipt.at)

    def _keep(self, entries: dict[str, Entry], now: datetime) -> None:
        kept = {name: one for name, one in entries.items() if not _forgotten(one, now)}
        self._file.write(list(_written(kept)))
        self._entries = kept


def _forgotten(entry: Entry, now: datetime) -> bool:
    return entry.ended and entry.told and entry.command.expires_at + REMEMBERED < now


def _written(entries: dict[str, Entry]) -> Iterator[list[object]]:
    for one in entries.values():
        yield [command_message(one.command), event_fields(one.receipt), one.told]


def _entry(fields: list[object]) -> Entry | None:
    """Read an entry; one that a newer version of us wrote, of a kind not known here, is let go."""
    message, receipt, told = fields
    try:
        read = event_of(receipt)  # type: ignore[arg-type]  # as `_written` wrote them
        command = command_of(message)  # type: ignore[arg-type]  # likewise
    except Refused:
        return None
    assert isinstance(read, Receipt)  # noqa: S101, as `_written` wrote it
    return Entry(command, read, bool(told))
