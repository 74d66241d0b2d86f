"""Commands and the audit trail in dictionaries."""

from collections.abc import Sequence
from datetime import datetime

from plume.errors import Conflict
from plume.flows.command import ENDED
from plume.model.audit import AuditEntry
from plume.model.command import CommandId, CommandRecord
from plume.model.person import Scope
from plume.ports.audit import AuditPage
from plume.ports.commands import CommandPage, CommandQuery


class MemoryCommands:
    """`plume.ports.commands.Commands` in a dictionary, guarded by the version."""

    def __init__(self) -> None:
        self._records: dict[CommandId, CommandRecord] = {}

    def get(self, key: CommandId) -> CommandRecord | None:
        """Give one command; None when there is none."""
        return self._records.get(key)

    def put(self, record: CommandRecord, *, expected: int) -> None:
        """Keep the record if the stored version is `expected` (0: not stored yet)."""
        stored = self._records.get(record.id)
        found = stored.version if stored else 0
        if found != expected:
            raise Conflict(f"command {record.id}: version {found}, expected {expected}")
        self._records[record.id] = record

    def page(
        self, query: CommandQuery, scope: Scope, *, most: int, cursor: str = ""
    ) -> CommandPage:
        """Give one page within the scope; the cursor is the place of the next command."""
        found = [one for one in self._ordered() if _within(scope, one) and _asked(query, one)]
        found.reverse()
        first = int(cursor or "0")
        rest = first + most < len(found)
        return CommandPage(tuple(found[first : first + most]), str(first + most) if rest else "")

    def unended(self) -> Sequence[CommandRecord]:
        """Give every command of which more is expected, in the order they were asked."""
        return [one for one in self._ordered() if one.state not in ENDED]

    def _ordered(self) -> list[CommandRecord]:
        return sorted(self._records.values(), key=lambda one: (one.asked_at, one.id))


class MemoryAudit:
    """`plume.ports.audit.Audit` in a dictionary."""

    def __init__(self) -> None:
        self.entries: dict[str, AuditEntry] = {}

    def add(self, entries: Sequence[AuditEntry]) -> None:
        """Keep each entry once; one that is kept already changes nothing."""
        for entry in entries:
            self.entries.setdefault(entry.id, entry)

    def about(self, subject: str) -> Sequence[AuditEntry]:
        """Give everything done to one subject, in the order it was done."""
        found = [entry for entry in self.entries.values() if entry.subject == subject]
        return sorted(found, key=lambda entry: (entry.at, entry.id))

    def page(self, since: datetime, until: datetime, *, most: int, cursor: str = "") -> AuditPage:
        """Give what was done within `[since, until)`; the cursor is the place of the next act."""
        found = [entry for entry in self.entries.values() if since <= entry.at < until]
        found.sort(key=lambda entry: (entry.at, entry.id), reverse=True)
        first = int(cursor or "0")
        more = first + most < len(found)
        return AuditPage(tuple(found[first : first + most]), str(first + most) if more else "")


def _within(scope: Scope, record: CommandRecord) -> bool:
    return scope.covers(
        region=record.region,
        enterprise=record.enterprise,
        outlet=record.command.outlet or "",
    )


def _asked(query: CommandQuery, record: CommandRecord) -> bool:
    return (
        query.outlet in {None, record.command.outlet}
        and query.thing in {None, record.command.thing}
        and (not query.states or record.state in query.states)
    )
