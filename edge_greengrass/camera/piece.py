"""A piece of film (录像片段): one MPEG-TS file that begins with a key frame."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_NAME = re.compile(r"(\d{13})-(\d{13})-(\d{13})\.ts")
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """What lies in one file: it shows `[start, end)`, by the clock of the edge.

    `session` tells one connection to the camera from the next: within it the time stamps in the
    files go on from piece to piece.
    """

    start: datetime
    end: datetime
    session: datetime
    path: Path

    @property
    def seconds(self) -> float:
        """How long it is [s]."""
        return (self.end - self.start).total_seconds()


def piece_name(start: datetime, end: datetime, session: datetime) -> str:
    """Name a file so that the name alone tells what it shows."""
    return f"{milliseconds(start):013d}-{milliseconds(end):013d}-{milliseconds(session):013d}.ts"


def piece_at(path: Path) -> Piece | None:
    """Read a piece from the name of its file; None when it is not the name of one."""
    found = _NAME.fullmatch(path.name)
    if found is None:
        return None
    start, end, session = (_EPOCH + int(part) * _MILLISECOND for part in found.groups())
    return Piece(start, end, session, path)


def milliseconds(at: datetime) -> int:
    """Give a moment as whole milliseconds since 1970."""
    return (at - _EPOCH) // _MILLISECOND
