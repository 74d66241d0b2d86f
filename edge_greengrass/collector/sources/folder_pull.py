"""Folder pull: tables that a business system drops into a folder, or goes on writing there.

How far each file was read is kept durably. A file that grows is read on from there; one that was
replaced is read from its beginning. A last line without its end is left for later.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from edge_greengrass.collector.sources.channel import Channel
from edge_greengrass.collector.sources.cursor import Cursor
from edge_greengrass.collector.sources.fields import Fields
from edge_greengrass.collector.sources.pulling import aside, keep_rows, read_rows
from edge_greengrass.collector.sources.rows import Format, Mapped, RowMap, row_map_of
from edge_greengrass.collector.sources.source import Kind, Sink, Terms, terms_of
from edge_greengrass.collector.sources.taking import apart
from plume.errors import Unavailable

CHUNK_BYTES = 4 << 20
"""Of one file at a time."""
HEAD_BYTES = 1_024
"""By the digest of so many bytes at its beginning a file is known again."""
MOST_RECENT = 1_000
"""Times remembered per file, so that rows of one time stay apart when the file grows."""


@dataclass(frozen=True, slots=True)
class FolderPull:
    """One folder that is looked at every `period` [s] for files of a pattern."""

    terms: Terms
    folder: Path
    pattern: str
    period: float
    mapping: RowMap
    cursor: Path

    @property
    def channels(self) -> Sequence[Channel]:
        """Its channels; the rows of its points."""
        return self.mapping.channels

    async def run(self, sink: Sink) -> None:
        """Look for ever."""
        cursor = Cursor(self.cursor)
        state = cursor.read()
        while True:
            files = await asyncio.to_thread(self._files)
            sink.hear()
            for path in files:
                while await self._read_on(path, state, cursor, sink):
                    pass
            await asyncio.sleep(self.period)

    def _files(self) -> list[Path]:
        """Give the files, oldest first.

        Raises:
            Unavailable: there is no such folder.
        """
        if not self.folder.is_dir():
            raise Unavailable(f"{self.folder} is no folder")
        found = [one for one in self.folder.glob(self.pattern) if one.is_file()]
        return sorted(found, key=lambda one: (_changed_at(one), one.name))

    async def _read_on(
        self, path: Path, state: dict[str, Any], cursor: Cursor, sink: Sink
    ) -> bool:
        """Take the next lines of one file; False when there are none."""
        files: dict[str, Any] = state.setdefault("files", {})
        part = await self._part(path, _Known.of(files.get(path.name)), sink)
        if part is None:
            return False
        recent = Counter({int(at): count for at, count in part.known.recent})
        rows = await aside(lambda: apart(self._rows(path, part.content, sink), recent))
        await keep_rows(self.mapping, rows, sink)
        newest = sorted(recent.items())[-MOST_RECENT:]
        files[path.name] = {"offset": part.end, "head": part.head, "recent": newest}
        state["files"] = {
            name: one for name, one in files.items() if path.with_name(name).exists()
        }
        await aside(lambda: cursor.write(state))
        return True

    async def _part(self, path: Path, known: "_Known", sink: Sink) -> "_Part | None":
        """Read on in one file; one that cannot be read is told of and holds up no other."""
        try:
            return await asyncio.to_thread(_next_part, path, known, self.mapping.skip)
        except OSError as fault:
            sink.complain(f"{path.name}: {fault.strerror}")
            return None

    def _rows(self, path: Path, content: bytes, sink: Sink) -> list[Mapped]:
        """Read lines; a file that is no such table is told of and holds up no other."""
        try:
            return read_rows(self.mapping, content, sink)
        except Unavailable as fault:
            sink.complain(f"{path.name}: {fault}")
            return []


@dataclass(frozen=True, slots=True)
class _Known:
    """How far a file was read, the digest of its head, and how many rows each late time had."""

    offset: int = 0
    head: str = ""
    recent: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, found: Any) -> "_Known":  # noqa: ANN401, as it was kept
        """Read what was kept; a file that was never met begins at its beginning."""
        if not found:
            return cls()
        recent = tuple((int(at), int(count)) for at, count in found["recent"])
        return cls(int(found["offset"]), str(found["head"]), recent)


@dataclass(frozen=True, slots=True)
class _Part:
    """Whole lines of one file with its head line before them, and what was known of it."""

    content: bytes
    end: int
    head: str
    known: _Known


def _next_part(path: Path, known: _Known, skip: int) -> _Part | None:
    """Read whole lines behind what is known of a file, with the head that `skip` lines precede.

    None where there are none, or less than the head.
    """
    with path.open("rb") as file:
        if known.offset and _digest(file.read(min(known.offset, HEAD_BYTES))) != known.head:
            known = _Known()
        file.seek(0)
        title = b"".join(file.readline() for _ in range(skip + 1)) if known.offset else b""
        file.seek(known.offset)
        lines = file.read(CHUNK_BYTES)
        whole = lines[: lines.rfind(b"\n") + 1]
        if whole.count(b"\n") <= (0 if known.offset else skip):
            return None
        end = known.offset + len(whole)
        file.seek(0)
        return _Part(title + whole, end, _digest(file.read(min(end, HEAD_BYTES))), known)


def _changed_at(path: Path) -> int:
    """Give when a file was changed last [ns]; 0 for one that has gone meanwhile."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _digest(head: bytes) -> str:
    return sha256(head).hexdigest()


def folder_pull_of(fields: Fields, state: Path) -> FolderPull:
    """Read the settings of a folder pull; its cursor lies under `state`.

    Raises:
        BadSettings: naming the field.
    """
    terms = terms_of(fields, Kind.PULL)
    mapping = row_map_of(fields)
    if mapping.format is not Format.CSV:
        raise fields.bad("format", "files are read line by line, so they must be csv")
    found = FolderPull(
        terms=terms,
        folder=Path(fields.text("folder")),
        pattern=fields.text("pattern", "*.csv"),
        period=fields.number("seconds", 0.05, 86_400.0, 60.0),
        mapping=mapping,
        cursor=state / f"{terms.name}.json",
    )
    fields.done()
    return found
