"""Tables on disk: a log for what is new, one Parquet file per table and day for what is settled.

A write is in the log, synced, before it is answered. Days that were written to lie in memory; a
checkpoint merges them into their Parquet files and empties the log. Points of the same table, tags
and time are one row: for each field the last value written wins.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from infra.local.series_server.line_protocol import (
    BadLine,
    Kind,
    LineFault,
    Point,
    numbered_lines,
    parsed,
)
from infra.local.series_server.rows import Day, merged, sorted_by

MOST_ROWS_IN_MEMORY = 200_000
MOST_COLUMNS = 500
_DAY = 86_400 * 10**9
_ASIDE = ".aside"
_TYPES: dict[Kind, pa.DataType] = {
    Kind.TAG: pa.dictionary(pa.int32(), pa.string()),
    Kind.FLOAT: pa.float64(),
    Kind.INTEGER: pa.int64(),
    Kind.UNSIGNED: pa.uint64(),
    Kind.STRING: pa.string(),
    Kind.BOOLEAN: pa.bool_(),
}


@dataclass(slots=True)
class Table:
    """One table: its columns in the order they came, and the days that lie in memory."""

    columns: dict[str, Kind] = field(default_factory=dict)
    days: dict[int, Day] = field(default_factory=dict)

    def schema(self) -> pa.Schema:
        """Give the Arrow schema: columns by name, then the time."""
        named = [pa.field(name, _TYPES[kind]) for name, kind in sorted(self.columns.items())]
        return pa.schema([*named, pa.field("time", pa.timestamp("ns"))])


class Database:
    """One database in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = RLock()
        self.tables: dict[str, Table] = {}
        self.version = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._load_columns()
        self._bring_back()
        self._log_path = folder / "log.jsonl"
        self._replay()
        self._log = os.open(self._log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, body: str, *, unit: int, now: int, accept_partial: bool) -> list[LineFault]:
        """Keep the points of a body; give the lines at fault.

        With a fault and `accept_partial` false nothing is kept.
        """
        with self.lock:
            points, faults = self._sorted_out(body, unit, now)
            if points and (accept_partial or not faults):
                self._keep(points)
            return faults

    def checkpoint(self) -> None:
        """Merge memory into Parquet, then empty the log."""
        with self.lock:
            for name, table in self.tables.items():
                for number in list(table.days):
                    self._settle(name, table, number)
            self._save_columns()
            self.version += 1
            os.ftruncate(self._log, 0)
            os.fsync(self._log)

    def rows_in_memory(self) -> int:
        """Count the rows that are not in Parquet yet."""
        days = (day for table in self.tables.values() for day in table.days.values())
        return sum(len(day.fresh) + (day.settled.num_rows if day.settled else 0) for day in days)

    def close(self) -> None:
        """Settle everything and let go of the log."""
        self.checkpoint()
        os.close(self._log)

    def settled_folder(self, name: str) -> Path | None:
        """Give the folder of the Parquet files of the days not in memory; None when empty."""
        folder = self.folder / _folder_name(name)
        return folder if any(folder.glob("*.parquet")) else None

    def rows_of_touched_days(self, name: str) -> pa.Table:
        """Give the whole days of a table that lie in memory, duplicates joined."""
        table = self.tables[name]
        parts = [self._merged(table, day) for day in table.days.values()]
        return pa.concat_tables([table.schema().empty_table(), *parts])

    def _sorted_out(self, body: str, unit: int, now: int) -> tuple[list[Point], list[LineFault]]:
        points: list[Point] = []
        faults: list[LineFault] = []
        columns = {name: dict(table.columns) for name, table in self.tables.items()}
        for number, line in numbered_lines(body):
            try:
                point = parsed(line, unit=unit, now=now)
                _require_columns(point, columns.setdefault(point.table, {}))
                points.append(point)
            except BadLine as fault:
                faults.append(LineFault(line, number, str(fault)))
        return points, faults

    def _keep(self, points: Sequence[Point]) -> None:
        lines = "".join(json.dumps(asdict(point), ensure_ascii=False) + "\n" for point in points)
        data = memoryview(lines.encode())
        while data:
            data = data[os.write(self._log, data) :]
        os.fdatasync(self._log)
        for point in points:
            self._apply(point)
        self.version += 1

    def _apply(self, point: Point) -> None:
        table = self.tables.setdefault(point.table, Table())
        table.columns |= dict.fromkeys((name for name, _ in point.tags), Kind.TAG)
        table.columns |= {name: kind for name, kind, _ in point.fields}
        day = self._touched(point.table, table, point.time // _DAY)
        row = day.fresh.setdefault((point.tags, point.time), {})
        row.update({name: value for name, _, value in point.fields})

    def _touched(self, name: str, table: Table, number: int) -> Day:
        """Take a day into memory; its Parquet file steps aside until the day is settled again."""
        if number not in table.days:
            path = self._file(name, number)
            settled = pq.ParquetFile(path).read() if path.exists() else None
            if settled is not None:
                path.replace(path.with_suffix(_ASIDE))
            table.days[number] = Day(settled)
        return table.days[number]

    def _replay(self) -> None:
        """Apply the log; a line torn by a crash was never answered and ends it."""
        if not self._log_path.exists():
            return
        for line in self._log_path.read_bytes().split(b"\n"):
            try:
                self._apply(_point(json.loads(line)))
            except ValueError:
                break
        self._log = os.open(self._log_path, os.O_WRONLY, 0o600)
        self.close()

    def _merged(self, table: Table, day: Day) -> pa.Table:
        """Fold the fresh rows of a day into the rest of it, once for all reads until the next."""
        schema = table.schema()
        if day.settled is None or day.fresh or day.settled.schema != schema:
            day.settled = merged(day, schema, sorted(_tags(table)))
            day.fresh = {}
        return day.settled

    def _settle(self, name: str, table: Table, number: int) -> None:
        path = self._file(name, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = sorted_by(self._merged(table, table.days[number]), [*sorted(_tags(table)), "time"])
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            pq.write_table(rows, file, compression="zstd", row_group_size=16_384)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        path.with_suffix(_ASIDE).unlink(missing_ok=True)
        _sync_folder(path.parent)
        del table.days[number]

    def _bring_back(self) -> None:
        """Undo what a stop between two steps left: a file aside is the day, unless a newer is."""
        for aside in self.folder.glob(f"*/*{_ASIDE}"):
            path = aside.with_suffix(".parquet")
            if path.exists():
                aside.unlink()
            else:
                aside.replace(path)

    def _file(self, name: str, day: int) -> Path:
        return self.folder / _folder_name(name) / f"{_day_name(day)}.parquet"

    def _load_columns(self) -> None:
        path = self.folder / "columns.json"
        if path.exists():
            for name, columns in json.loads(path.read_text("utf-8")).items():
                kinds = {column: Kind(kind) for column, kind in columns.items()}
                self.tables[name] = Table(columns=kinds)

    def _save_columns(self) -> None:
        draft = self.folder / "columns.draft"
        with draft.open("w", encoding="utf-8") as file:
            json.dump({name: table.columns for name, table in self.tables.items()}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / "columns.json")
        _sync_folder(self.folder)


def _require_columns(point: Point, columns: dict[str, Kind]) -> None:
    """Check types against the columns known, the lines before this one included."""
    tags = {name: Kind.TAG for name, _ in point.tags}
    asked = tags | {name: kind for name, kind, _ in point.fields}
    for name in tags:
        if asked[name] is not Kind.TAG:
            raise BadLine(f"column '{name}' is a tag and a field of one line")
    for name, kind in asked.items():
        known = columns.get(name, kind)
        if known is not kind or name == "time":
            raise BadLine(f"invalid column type for column '{name}', expected {known}, got {kind}")
    if len(columns | asked) > MOST_COLUMNS:
        raise BadLine(f"Update to schema would exceed the limit of {MOST_COLUMNS} columns")
    columns |= asked


def _tags(table: Table) -> list[str]:
    return [name for name, kind in table.columns.items() if kind is Kind.TAG]


def _point(stored: dict[str, Any]) -> Point:
    return Point(
        table=stored["table"],
        tags=tuple((name, value) for name, value in stored["tags"]),
        fields=tuple((name, Kind(kind), value) for name, kind, value in stored["fields"]),
        time=stored["time"],
    )


def _day_name(day: int) -> str:
    return f"{datetime.fromtimestamp(day * 86_400, UTC):%Y-%m-%d}"


def _folder_name(table: str) -> str:
    """Spell a table's name so that it is a file name, whatever is in it."""
    return "t-" + "".join(c if c.isalnum() and c.isascii() else f"%{ord(c):x}." for c in table)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
