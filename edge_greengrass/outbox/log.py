"""The outbox: an append-only, encrypted log between one writer and one reader process (待发箱).

What `append` has returned for is on the disk. The reader sees whole durable records only. Files
are forgotten whole, so that space comes back at once, and a quota is kept well before the disk is
full. A torn tail after a crash is cut; a flipped bit costs one record and is reported.
"""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from edge_greengrass.outbox.active import ActiveFile, cut
from edge_greengrass.outbox.folder import Folder, OutboxTaken, Position, mark
from edge_greengrass.outbox.record import (
    HEAD_BYTES,
    MAX_RECORD_BYTES,
    OVERHEAD_BYTES,
    BadFile,
    FileCipher,
    Span,
)

__all__ = ["AppendLog", "Damage", "OutboxFull", "OutboxTaken", "Position"]

_MOST_FILE_BYTES = 4 << 20
_LEAST_FILE_BYTES = 16 << 10
_FILES_PER_QUOTA = 16
_WINDOW_BYTES = 128 << 10
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


class OutboxFull(Exception):
    """The quota, or the disk, has no room for these records; nothing of them was kept."""


class Damage(NamedTuple):
    """`[start, end)` of one file holds a durable record that cannot be read any more."""

    file: int
    start: int
    end: int


class AppendLog:
    """One outbox. The process that appends first is its writer; one other process may read.

    Args:
        folder: where the files lie; made when missing, mode 0700.
        key: 32 bytes, from `device_key.outbox_key`.
        quota_bytes: ceiling for all files together; files roll at a sixteenth of it.

    Attributes:
        damage: the damaged spots this object has come upon, in the order met.
    """

    def __init__(self, folder: Path, *, key: bytes, quota_bytes: int) -> None:
        self._folder = Folder(folder)
        self._key = key
        self._quota = quota_bytes
        self._file_bytes = min(
            _MOST_FILE_BYTES, max(_LEAST_FILE_BYTES, quota_bytes // _FILES_PER_QUOTA)
        )
        self._lock = Lock()
        self._lock_descriptor: int | None = None
        self._mark_descriptor: int | None = None
        self._active: ActiveFile | None = None
        self._used = 0
        self._recovered = False
        self.damage: list[Damage] = []

    @property
    def bytes_used(self) -> int:
        """Bytes on the disk, records already forgotten but not yet deleted among them."""
        return self._folder.bytes_used()

    @property
    def fill(self) -> float:
        """The share [0, 1] of the quota that is used."""
        return self.bytes_used / self._quota

    @property
    def end(self) -> Position:
        """Behind the newest durable record, whether it was forgotten or not; only ever grows."""
        self._recover_if_alone()
        return max(self._folder.durable, self._folder.cursor)

    def append(self, records: Sequence[bytes]) -> Position:
        """Keep all records, or none; on return they are on the disk. One sync per call.

        Raises:
            OutboxFull: no room.
            OutboxTaken: another process writes here.
            OSError: the disk failed; nothing may be taken as kept.
        """
        if any(len(record) > MAX_RECORD_BYTES for record in records):
            raise ValueError(f"a record is longer than {MAX_RECORD_BYTES} bytes")
        with self._lock:
            self._become_writer()
            active = self._room_for(sum(len(record) + OVERHEAD_BYTES for record in records))
            try:
                written = active.append(records)
            except OSError as fault:
                self._abandon(active)
                if fault.errno in _NO_SPACE:
                    raise OutboxFull(str(fault)) from fault
                raise
            self._used += written
            self._mark(active.position)
            return active.position

    def read(self, after: Position | None, most: int) -> list[tuple[Position, bytes]]:
        """Give at most `most` durable records behind `after`, or behind what was forgotten."""
        self._recover_if_alone()
        start = max(after or Position(0, 0), self._folder.cursor)
        found: list[tuple[Position, bytes]] = []
        for position, content in self._records(start):
            if len(found) == most:
                break
            found.append((position, content))
        return found

    def forget(self, upto: Position) -> None:
        """Never give again what lies up to `upto`; files that hold nothing else are deleted."""
        if upto > self._folder.cursor:
            self._folder.move_cursor(upto)
        durable = self._folder.durable
        for number in self._folder.numbers():
            passed = upto >= Position(number, self._folder.size(number))
            if number < durable.file and passed:
                self._folder.delete(number)

    def close(self) -> None:
        """Stop writing; what was appended stays."""
        with self._lock:
            if self._active is not None:
                self._active.close()
                self._active = None
            if self._mark_descriptor is not None:
                os.close(self._mark_descriptor)
                self._mark_descriptor = None
            if self._lock_descriptor is not None:
                os.close(self._lock_descriptor)
                self._lock_descriptor = None

    def _become_writer(self) -> None:
        if self._lock_descriptor is None:
            self._lock_descriptor = self._folder.take_writing()
            self._recover()
            self._used = self.bytes_used

    def _mark(self, position: Position) -> None:
        """Let the reader see up to `position`; opening the mark each time costs as much again."""
        if self._mark_descriptor is None:
            self._mark_descriptor = self._folder.open_mark()
        mark(self._mark_descriptor, position)

    def _recover_if_alone(self) -> None:
        """Look once, before the first read, at what a writer that is gone has left."""
        if self._recovered:
            return
        with self._folder.writing_if_free() as alone:
            if alone:
                self._recover()
        self._recovered = True

    def _recover(self) -> None:
        """Cut the torn tail of the newest file and take the rest as durable."""
        self._recovered = True
        numbers = self._folder.numbers()
        if not numbers:
            return
        newest = numbers[-1]
        size = self._folder.size(newest)
        whole = size
        if size < HEAD_BYTES:
            self._folder.delete(newest)
        else:
            whole = max(self._whole(newest, size), min(self._known_durable(newest), size))
            cut(self._folder.file(newest), whole)
        self._folder.mark_durable(Position(newest, whole))

    def _known_durable(self, number: int) -> int:
        """Give how much of a file the mark vouches for: what is unreadable there was not torn.

        The mark is written after the sync, so it may lag behind but never runs ahead.
        """
        durable = self._folder.durable
        return durable.end if durable.file == number else 0

    def _whole(self, number: int, size: int) -> int:
        """Measure a file without the incomplete record a crash has left at its end.

        A record of full length that does not open stays: it may have been acknowledged.
        """
        try:
            return max(
                (span.end for span in self._spans(number, HEAD_BYTES, size)), default=HEAD_BYTES
            )
        except BadFile:
            return size

    def _room_for(self, size: int) -> ActiveFile:
        needed = size + HEAD_BYTES
        if self._used + needed > self._quota:
            self._roll_if_all_forgotten()
            self._used = self.bytes_used
        if self._used + needed > self._quota:
            raise OutboxFull(f"{self._used} of {self._quota} bytes used, {needed} more asked for")
        if self._active is not None and self._active.size + size > self._file_bytes:
            self._close_active()
        if self._active is None:
            self._active = self._opened()
        return self._active

    def _roll_if_all_forgotten(self) -> None:
        """Delete the file being written when the reader has forgotten all of it."""
        active = self._active
        if active is not None and self._folder.cursor >= active.position:
            self._close_active()
            self._folder.mark_durable(Position(active.number + 1, 0))
            self._folder.delete(active.number)

    def _opened(self) -> ActiveFile:
        known = [*self._folder.numbers(), self._folder.cursor.file, self._folder.durable.file, 0]
        active = ActiveFile(self._folder, self._key, max(known) + 1)
        self._used += HEAD_BYTES
        self._folder.mark_durable(active.position)
        return active

    def _close_active(self) -> None:
        if self._active is not None:
            self._active.close()
            self._active = None

    def _abandon(self, active: ActiveFile) -> None:
        """Leave a file whose last write failed: its unsynced tail must not be built upon."""
        active.cut_back()
        self._close_active()

    def _records(self, start: Position) -> Iterator[tuple[Position, bytes]]:
        durable = self._folder.durable
        for number in self._folder.numbers():
            if start.file <= number <= durable.file:
                offset = start.end if number == start.file else HEAD_BYTES
                limit = durable.end if number == durable.file else self._folder.size(number)
                yield from self._intact(number, max(offset, HEAD_BYTES), limit)

    def _intact(self, number: int, offset: int, limit: int) -> Iterator[tuple[Position, bytes]]:
        end = offset
        with suppress(BadFile):
            for span in self._spans(number, offset, limit):
                end = span.end
                if span.content is None:
                    self._report(Damage(number, span.start, span.end))
                else:
                    yield Position(number, span.end), span.content
        if end < limit:
            self._report(Damage(number, end, limit))

    def _report(self, damage: Damage) -> None:
        if damage not in self.damage:
            self.damage.append(damage)

    def _spans(self, number: int, offset: int, limit: int) -> Iterator[Span]:
        """Yield what lies in `[offset, limit)` of a file, up to an unreadable rest."""
        with suppress(FileNotFoundError), self._folder.file(number).open("rb") as file:
            cipher = FileCipher.of(self._key, number, file.read(HEAD_BYTES))
            while offset < limit:
                span = _next_span(file.fileno(), cipher, offset, limit)
                if span is None:
                    return
                yield span
                offset = span.end


def _next_span(descriptor: int, cipher: FileCipher, offset: int, limit: int) -> Span | None:
    """Read what lies at `offset`, through a small window first, then through the whole rest."""
    window = os.pread(descriptor, min(_WINDOW_BYTES, limit - offset), offset)
    span = cipher.span_at(window, 0, offset)
    if span is None and offset + len(window) < limit:
        span = cipher.span_at(os.pread(descriptor, limit - offset, offset), 0, offset)
    return span
