"""Commands: what people asked of devices, and what became of it (反控记录)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from plume.model.command import CommandId, CommandRecord, CommandState
from plume.model.identity import OutletId, ThingName
from plume.model.person import Scope


@dataclass(frozen=True, slots=True)
class CommandQuery:
    """Which commands to list; None is "any"."""

    outlet: OutletId | None = None
    thing: ThingName | None = None
    states: tuple[CommandState, ...] = ()


@dataclass(frozen=True, slots=True)
class CommandPage:
    """One page, newest `asked_at` first; `cursor` is empty at the end."""

    items: tuple[CommandRecord, ...]
    cursor: str


class Commands(Protocol):
    """The store of commands; `version` guards concurrent writers, nothing is ever taken out."""

    def get(self, key: CommandId) -> CommandRecord | None:
        """Give one command; None when there is none."""

    def put(self, record: CommandRecord, *, expected: int) -> None:
        """Keep the record if the stored version is `expected` (0: not stored yet).

        Raises:
            Conflict: someone else was faster.
        """

    def page(
        self, query: CommandQuery, scope: Scope, *, most: int, cursor: str = ""
    ) -> CommandPage:
        """Give one page within the scope."""

    def unended(self) -> Sequence[CommandRecord]:
        """Give every command of which more is expected, in the order they were asked."""
