"""A disk that loses power: what each system call left behind, and what a cut would leave of it.

Between two syncs nothing is promised. At a cut every write that was not synced is kept, dropped,
or torn at a sector; names made, replaced or removed since their folder was synced are undone from
some point on, as a journal would. The recorder stands below the file system calls of `os`; one
workload is recorded once and cut at many places.
"""

import os
import random
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SECTOR = 512


@dataclass(frozen=True)
class Write:
    """Bytes at an offset of one file, or its new length (`content` None)."""

    file: int
    offset: int
    content: bytes | None


@dataclass(frozen=True)
class Naming:
    """A name that now means a file (`file`), or nothing (None)."""

    name: str
    file: int | None
    replaced: str | None = None


@dataclass(frozen=True)
class Sync:
    """All writes of one file, or all names of the folder (`file` None), are durable."""

    file: int | None


@dataclass
class Recorder:
    """Everything that happened below one folder, in order."""

    folder: Path
    happened: list[Write | Naming | Sync] = field(default_factory=list)
    _files: dict[int, int] = field(default_factory=dict)

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Stand below `os` for a while; calls on other folders pass unseen."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("open", "pwrite", "write", "ftruncate", "fsync", "replace", "unlink"):
                patch.setattr(os, name, getattr(self, f"_{name}")(getattr(os, name)))
            patch.setattr(os, "fdatasync", self._fsync(os.fdatasync))
            yield

    def _is_ours(self, path: Any) -> bool:
        return Path(path).parent == self.folder

    def _inode(self, descriptor: int) -> int | None:
        """Give the file's own number if it lies in our folder."""
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            return None
        return self._files.get(found.st_ino)

    def _open(self, real: Any) -> Any:
        def opened(path: Any, flags: int, *rest: Any, **more: Any) -> int:
            new = not os.path.lexists(path)
            descriptor: int = real(path, flags, *rest, **more)
            if self._is_ours(path) and not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                number = os.fstat(descriptor).st_ino
                if new:
                    self._files[number] = len(self.happened)
                    self.happened.append(Naming(Path(path).name, self._files[number]))
                elif flags & os.O_TRUNC:
                    self.happened.append(Write(self._files[number], 0, None))
            return descriptor

        return opened

    def _pwrite(self, real: Any) -> Any:
        def written(descriptor: int, content: bytes, offset: int) -> int:
            count: int = real(descriptor, content, offset)
            self._note_write(descriptor, offset, bytes(content[:count]))
            return count

        return written

    def _write(self, real: Any) -> Any:
        def written(descriptor: int, content: bytes) -> int:
            regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            offset = os.lseek(descriptor, 0, os.SEEK_CUR) if regular else 0
            count: int = real(descriptor, content)
            if regular:
                self._note_write(descriptor, offset, bytes(content[:count]))
            return count

        return written

    def _note_write(self, descriptor: int, offset: int, content: bytes) -> None:
        file = self._inode(descriptor)
        if file is not None:
            self.happened.append(Write(file, offset, content))

    def _ftruncate(self, real: Any) -> Any:
        def cut(descriptor: int, length: int) -> None:
            real(descriptor, length)
            file = self._inode(descriptor)
            if file is not None:
                self.happened.append(Write(file, length, None))

        return cut

    def _fsync(self, real: Any) -> Any:
        def synced(descriptor: int) -> None:
            real(descriptor)
            found = os.fstat(descriptor)
            if stat.S_ISDIR(found.st_mode):
                self.happened.append(Sync(None))
            elif found.st_ino in self._files:
                self.happened.append(Sync(self._files[found.st_ino]))

        return synced

    def _replace(self, real: Any) -> Any:
        def replaced(source: Any, target: Any, **more: Any) -> None:
            number = self._files.get(Path(source).stat().st_ino)
            real(source, target, **more)
            if number is not None and self._is_ours(target):
                self.happened.append(Naming(Path(target).name, number, Path(source).name))

        return replaced

    def _unlink(self, real: Any) -> Any:
        def unlinked(path: Any, **more: Any) -> None:
            real(path, **more)
            if self._is_ours(path):
                self.happened.append(Naming(Path(path).name, None))

        return unlinked


def after_cut(
    happened: list[Write | Naming | Sync], moment: int, chance: random.Random
) -> dict[str, bytes]:
    """Give what lies in the folder when the power goes after `moment` calls."""
    past = happened[:moment]
    return {name: _content(past, file, chance) for name, file in _names(past, chance).items()}


def _names(past: list[Write | Naming | Sync], chance: random.Random) -> dict[str, int]:
    synced = max((at for at, one in enumerate(past) if one == Sync(None)), default=-1)
    loose = [at for at, one in enumerate(past) if isinstance(one, Naming) and at > synced]
    until = chance.choice([*loose, len(past)])
    names: dict[str, int] = {}
    for one in past[:until]:
        if isinstance(one, Naming):
            if one.replaced:
                names.pop(one.replaced, None)
            names.pop(one.name, None)
            if one.file is not None:
                names[one.name] = one.file
    return names


def _content(past: list[Write | Naming | Sync], file: int, chance: random.Random) -> bytes:
    synced = max((at for at, one in enumerate(past) if one == Sync(file)), default=-1)
    content = bytearray()
    for at, one in enumerate(past):
        if isinstance(one, Write) and one.file == file:
            _apply(content, one, "kept" if at < synced else chance.choice(FATES), chance)
    return bytes(content)


FATES = ("kept", "dropped", "torn")


def _apply(content: bytearray, write: Write, fate: str, chance: random.Random) -> None:
    if fate == "dropped":
        return
    if write.content is None:
        del content[write.offset :]
        content.extend(bytes(write.offset - len(content)))
        return
    told = write.content
    if fate == "torn":
        border = SECTOR - write.offset % SECTOR
        borders = [0, *range(border, len(told), SECTOR)]
        told = told[: chance.choice(borders)]
    end = write.offset + len(told)
    content.extend(bytes(max(0, end - len(content))))
    content[write.offset : end] = told
