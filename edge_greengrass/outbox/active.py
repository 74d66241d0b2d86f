"""The one file of an outbox that is being written."""

import os
from collections.abc import Sequence
from pathlib import Path

from edge_greengrass.outbox.folder import Folder, Position
from edge_greengrass.outbox.record import HEAD_BYTES, FileCipher


class ActiveFile:
    """The file being written."""

    def __init__(self, folder: Folder, key: bytes, number: int) -> None:
        self.number = number
        self._cipher = FileCipher.fresh(key, number)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        self._descriptor = os.open(folder.file(number), flags, 0o600)
        _write_all(self._descriptor, self._cipher.head, 0)
        os.fsync(self._descriptor)
        folder.sync()
        self.size = HEAD_BYTES

    @property
    def position(self) -> Position:
        """Behind the last record that is synced."""
        return Position(self.number, self.size)

    def append(self, records: Sequence[bytes]) -> int:
        """Write and sync records; give the bytes they took."""
        parts, offset = [], self.size
        for record in records:
            parts.append(self._cipher.sealed(record, offset))
            offset += len(parts[-1])
        _write_all(self._descriptor, b"".join(parts), self.size)
        os.fdatasync(self._descriptor)
        written = offset - self.size
        self.size = offset
        return written

    def cut_back(self) -> None:
        """Drop what a failed write has left behind the last synced record."""
        os.ftruncate(self._descriptor, self.size)

    def close(self) -> None:
        """Write no more to this file."""
        os.close(self._descriptor)


def cut(path: Path, size: int) -> None:
    """Shorten a file to `size`, durably; a shorter one stays as it is."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        if os.fstat(descriptor).st_size > size:
            os.ftruncate(descriptor, size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes, offset: int) -> None:
    view = memoryview(content)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written
