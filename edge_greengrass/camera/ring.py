"""The ring (环形录像): the newest pieces of one camera on the disk, within bytes and hours.

The names of the files are the index, so a start needs nothing but the folder. A file that a crash
left half written still has its draft's name and is deleted; what bears a piece's name was synced
before it got it. What a clip still needs is linked elsewhere and outlives its place here.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from edge_greengrass.camera.durable import sync
from edge_greengrass.camera.piece import Piece, piece_at, piece_name

_PACKET_BYTES = 188
"""MPEG-TS is made of packets of this size; a file of another length is damaged."""
_DRAFT = ".draft"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much the ring of one camera may hold."""

    most_bytes: int
    longest: timedelta


class Ring:
    """The pieces of one camera; one thread admits, any thread may look.

    How old a piece is goes by a clock that nobody sets: film of a day must not go because the
    device's clock was set forward. Only a start reckons it from the dates of the pieces.

    Args:
        folder: where the pieces lie.
        bounds: how much may lie there.
        steady: gives a monotonic time [s].
        wall: gives the unix time [s] that the device believes in.
    """

    def __init__(
        self,
        folder: Path,
        bounds: Bounds,
        steady: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._folder, self._bounds, self._steady = folder, bounds, steady
        self._lock = Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sizes = self._found()
        """In the order of admission: the oldest first, the newest last."""
        self._used = sum(self._sizes.values())
        self._ended = {
            piece: steady() - max(0.0, wall() - piece.end.timestamp()) for piece in self._sizes
        }
        """When each piece ended, by the steady clock [s]."""

    @property
    def bytes_used(self) -> int:
        """Bytes of all pieces."""
        return self._used

    @property
    def newest(self) -> Piece | None:
        """The piece admitted last."""
        with self._lock:
            return next(reversed(self._sizes), None)

    def pieces(self, start: datetime, end: datetime) -> tuple[Piece, ...]:
        """Give the pieces that show anything of `[start, end)`, in order of time."""
        with self._lock:
            return tuple(sorted(one for one in self._sizes if one.end > start and one.start < end))

    def admitted_after(self, piece: Piece, most: int) -> tuple[Piece, ...]:
        """Give the newest pieces that were admitted after one, at most so many, oldest first.

        Their order is that of filming, even when the clock was set back in between.
        """
        found: list[Piece] = []
        with self._lock:
            for one in reversed(self._sizes):
                if one == piece or len(found) == most:
                    break
                found.append(one)
        return tuple(reversed(found))

    def draft(self) -> Path:
        """Give a path to write the next piece to."""
        return self._folder / f"next{_DRAFT}"

    def admit(self, draft: Path, start: datetime, end: datetime, session: datetime) -> Piece:
        """Take a draft in as the newest piece, and let the oldest go.

        Raises:
            OSError: the disk failed; the draft is no piece.
        """
        sync(draft)
        path = self._folder / piece_name(start, end, session)
        size = draft.stat().st_size
        draft.replace(path)
        piece = Piece(start, end, session, path)
        with self._lock:
            self._sizes[piece] = size
            self._used += size
            self._ended[piece] = self._steady()
        self.sweep()
        return piece

    def sweep(self) -> Sequence[Piece]:
        """Delete what is too old or too much, oldest first; give what went."""
        gone: list[Piece] = []
        with self._lock:
            oldest = self._steady() - self._bounds.longest.total_seconds()
            while self._sizes:
                piece = next(iter(self._sizes))
                old = self._ended[piece] < oldest
                if not old and self._used <= self._bounds.most_bytes:
                    break
                piece.path.unlink(missing_ok=True)
                self._used -= self._sizes.pop(piece)
                del self._ended[piece]
                gone.append(piece)
        return gone

    def _found(self) -> dict[Piece, int]:
        sizes: dict[Piece, int] = {}
        for path in self._folder.iterdir():
            size, piece = path.stat().st_size, piece_at(path)
            if piece is None or not size or size % _PACKET_BYTES:
                path.unlink()
            else:
                sizes[piece] = size
        return dict(sorted(sizes.items(), key=lambda each: (each[0].session, each[0].end)))
