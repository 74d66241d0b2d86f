"""The folder of an outbox: numbered files, the durable mark, the cursor, and who may write."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from struct import Struct, error
from time import monotonic, sleep
from typing import NamedTuple
from zlib import crc32

_SUFFIX = ".log"
_PLACE = Struct(">QQI")
_LOCK_SECONDS = 5.0
_LOCK_PAUSE_SECONDS = 0.01


class Position(NamedTuple):
    """Behind one record: file number and the offset at which the record ends. Ordered by age."""

    file: int
    end: int


class OutboxTaken(Exception):
    """Another process is already writing to this outbox."""


class Folder:
    """What lies in the folder of one outbox.

    `durable` is how far the writer has synced; it needs no sync of its own, since a writer that
    comes back measures anew. `cursor` is how far the reader has forgotten; it is always synced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def file(self, number: int) -> Path:
        """Give the path of one file."""
        return self._path / f"{number:020d}{_SUFFIX}"

    def numbers(self) -> list[int]:
        """Give the numbers of the files, oldest first."""
        names = (entry.name for entry in os.scandir(self._path))
        return sorted(int(name[: -len(_SUFFIX)]) for name in names if name.endswith(_SUFFIX))

    def bytes_used(self) -> int:
        """Give the bytes of all files; one that vanishes meanwhile counts nothing."""
        return sum(self.size(number) for number in self.numbers())

    def size(self, number: int) -> int:
        """Give the bytes of one file, 0 when it is gone."""
        try:
            return self.file(number).stat().st_size
        except FileNotFoundError:
            return 0

    def delete(self, number: int) -> None:
        """Delete one file; deleting twice is harmless."""
        self.file(number).unlink(missing_ok=True)

    def sync(self) -> None:
        """Make the names in the folder durable."""
        descriptor = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @property
    def durable(self) -> Position:
        """How far the writer has synced; nothing when that cannot be read."""
        return _place(self._path / "durable")

    def mark_durable(self, position: Position) -> None:
        """Let readers see up to `position`."""
        descriptor = self.open_mark()
        try:
            mark(descriptor, position)
        finally:
            os.close(descriptor)

    def open_mark(self) -> int:
        """Open the durable mark for a writer that moves it often; it closes it, too."""
        return os.open(self._path / "durable", os.O_WRONLY | os.O_CREAT, 0o600)

    @property
    def cursor(self) -> Position:
        """How far the reader has forgotten."""
        return _place(self._path / "cursor")

    def move_cursor(self, position: Position) -> None:
        """Replace the cursor in one step, durably."""
        draft = self._path / f".cursor.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, _packed(position))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        draft.replace(self._path / "cursor")
        self.sync()

    def take_writing(self) -> int:
        """Become the one writer until the descriptor given back is closed.

        Raises:
            OutboxTaken: another writer stayed for five seconds.
        """
        deadline = monotonic() + _LOCK_SECONDS
        while (descriptor := self._try_lock()) is None:
            if monotonic() > deadline:
                raise OutboxTaken(str(self._path))
            sleep(_LOCK_PAUSE_SECONDS)
        return descriptor

    @contextmanager
    def writing_if_free(self) -> Iterator[bool]:
        """Become the writer for a moment, or learn that there is one."""
        descriptor = self._try_lock()
        try:
            yield descriptor is not None
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def _try_lock(self) -> int | None:
        descriptor = os.open(self._path / "writer", os.O_RDWR | os.O_CREAT, 0o600)
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        os.close(descriptor)
        return None


def mark(descriptor: int, position: Position) -> None:
    """Write the durable mark through a descriptor of `Folder.open_mark`."""
    os.pwrite(descriptor, _packed(position), 0)


def _packed(position: Position) -> bytes:
    return _PLACE.pack(*position, crc32(b"%d %d" % position))


def _place(path: Path) -> Position:
    """Read a position; one that is missing or torn is the beginning."""
    try:
        number, end, check = _PLACE.unpack(path.read_bytes())
    except (FileNotFoundError, error):
        return Position(0, 0)
    position = Position(number, end)
    return position if check == crc32(b"%d %d" % position) else Position(0, 0)
