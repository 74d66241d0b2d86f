"""Which commands were handed on already: each is handed on once, a crash in between included.

The file is written before a command goes into its log and says how far the log reached. Nobody
else writes that log, so after a crash it tells by itself whether the command went in: it reaches
further, or it does not.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from edge_greengrass.outbox.log import AppendLog, Position
from edge_greengrass.uplink.identity import write_private

REMEMBERED = timedelta(days=1)
"""Beyond its expiry a command comes again, if at all, from a queue that has stood still."""
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class _Begun:
    """A command on its way into a log, and how far that log reached before."""

    command: str
    log: str
    before: Position


class Obeyed:
    """Remembers command ids in one file, replaced as a whole.

    Args:
        path: the file.
        logs: by name, the logs into which commands go.
    """

    def __init__(self, path: Path, logs: Mapping[str, AppendLog]) -> None:
        self._path, self._logs = path, logs
        self._until, self._begun = _read(path)

    def knows(self, command: str) -> bool:
        """Whether the command is in its log; for one that was cut off, the log is asked."""
        if self._begun and self._begun.command == command:
            return self._logs[self._begun.log].end > self._begun.before
        return command in self._until

    def hand_on(self, command: str, log: str, message: bytes, *, expires_at: datetime) -> None:
        """Put a command into its log, once.

        Raises:
            OutboxFull: the log has no room; the command is as unknown as before.
        """
        self.finish(command, expires_at, begun=_Begun(command, log, self._logs[log].end))
        self._logs[log].append([message])
        self._begun = None

    def finish(self, command: str, expires_at: datetime, begun: _Begun | None = None) -> None:
        """Remember a command until well after its expiry; what lies in a log stays remembered."""
        if self._begun and not self.knows(self._begun.command):
            self._until.pop(self._begun.command, None)
        self._begun = begun
        self._until[command] = expires_at + REMEMBERED
        self._write()

    def forget_expired(self, now: datetime) -> None:
        """Let go of ids that will not come again."""
        kept = {one: until for one, until in self._until.items() if until > now}
        newest = sorted(kept, key=kept.__getitem__)[-MOST_REMEMBERED:]
        self._until = {one: kept[one] for one in newest}

    def _write(self) -> None:
        begun = self._begun
        fields = {
            "until": {one: until.isoformat() for one, until in self._until.items()},
            "begun": [begun.command, begun.log, *begun.before] if begun else None,
        }
        write_private(self._path, json.dumps(fields).encode())


def _read(path: Path) -> tuple[dict[str, datetime], _Begun | None]:
    """Read the file; one that is missing or rotten knows nothing, and who obeys knows for us."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        fields = json.loads(path.read_text(encoding="utf-8"))
        until = {one: datetime.fromisoformat(at) for one, at in fields["until"].items()}
        if fields["begun"] is None:
            return until, None
        command, log, file, end = fields["begun"]
        return until, _Begun(command, log, Position(file, end))
    return {}, None
