"""Rows of a business system as points: which field is the time, which are the channels."""

import codecs
import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from hashlib import sha256
from typing import Any

import numpy as np

from edge_greengrass.collector.sources.cells import (
    DecimalMark,
    Row,
    RowField,
    row_field_of,
    value_at,
)
from edge_greengrass.collector.sources.channel import FAULT, Channel, Scales, channel_of
from edge_greengrass.collector.sources.fields import Fields
from edge_greengrass.collector.sources.source import Points, require_unique
from plume.errors import Refused

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)
_ISO, _UNIX, _UNIX_MS = "iso", "unix", "unixMs"
_FLAGS = frozenset("NFMSDCTB")
_MOST_OFFSET_HOURS = 14
_KEY_DIGITS = 24
_MOST_SKIPPED = 100
_SURPLUS = "\x00surplus"
_UNREADABLE = "\ufffd"
"""Stands for a byte that is no character of the encoding."""
_MIDNIGHT = re.compile(r"(?<=[ T])24(?=:?00)")
"""The end of a day, as hours that are known by their end call it."""


class BadRow(Refused):
    """A row, or a whole answer, is not what the mapping says; the message names the field."""


class Format(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class TimeField:
    """Where a row says its time: `form` is iso, unix, unixMs, or a pattern of strptime.

    `clock` names the field of the time of day where it stands apart; empty where it does not. A
    time without a zone is `offset` ahead of UTC: eight hours in China.
    """

    field: str
    clock: str
    form: str
    offset: timedelta

    def read(self, row: Row) -> int:
        """Give the time of a row [ms].

        Raises:
            BadRow: there is none.
        """
        said = value_at(row, self.field)
        if self.clock:
            said = f"{said} {value_at(row, self.clock)}"
        try:
            return self._milliseconds(said)
        except (ValueError, TypeError, OverflowError) as fault:
            raise BadRow(f"{self.field}: {said!r} is no time") from fault

    def written(self, milliseconds: int) -> str:
        """Write a time the way the rows do, for asking what is new."""
        if self.form == _UNIX_MS:
            return str(milliseconds)
        if self.form == _UNIX:
            return str(milliseconds // 1000)
        local = (_EPOCH + milliseconds * _MILLISECOND).astimezone(timezone(self.offset))
        return local.isoformat() if self.form == _ISO else local.strftime(self.form)

    def _milliseconds(self, said: object) -> int:
        if self.form in {_UNIX, _UNIX_MS}:
            number = float(str(said))
            return round(number if self.form == _UNIX_MS else 1000 * number)
        text, late = _MIDNIGHT.subn("00", str(said).strip())
        at = datetime.fromisoformat(text) if self.form == _ISO else _parsed(text, self.form)
        at += late * _DAY
        aware = at if at.tzinfo else at.replace(tzinfo=timezone(self.offset))
        return (aware - _EPOCH) // _MILLISECOND


@dataclass(frozen=True, slots=True)
class Mapped:
    """One row as it was read: its key, its time [ms], and a value and a flag per channel."""

    key: str
    at: int
    values: tuple[float, ...]
    flags: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RowMap:
    """From rows to points, as configured.

    `rows` is the path to the list of rows in a JSON answer; `key` the field that tells rows of one
    time apart, empty for none; `mark` the field with a flag of HJ 212, empty for none. The head of
    a table has `skip` lines before it.
    """

    format: Format
    encoding: str
    delimiter: str
    skip: int
    rows: str
    time: TimeField
    key: str
    mark: str
    channels: Sequence[Channel]
    fields: Sequence[RowField]

    def rows_of(self, content: bytes) -> list[Row]:
        """Take an answer or a file apart.

        Raises:
            BadRow: it is not of the format.
        """
        if self.format is Format.CSV:
            return self._table(content.decode(self.encoding, "replace"))
        try:
            return self._json_rows(content.decode(self.encoding))
        except UnicodeDecodeError as fault:
            raise BadRow(f"not {self.encoding}: byte {fault.start}") from fault

    def absent(self, rows: Sequence[Row]) -> list[str]:
        """Name the columns that a table does not have; an object may leave out what is empty."""
        if self.format is not Format.CSV or not rows:
            return []
        return sorted({one.field for one in self.fields} - rows[0].keys())

    def mapped(self, row: Row) -> Mapped:
        """Read one row.

        Raises:
            BadRow: naming the field.
        """
        if _SURPLUS in row:
            raise BadRow(f"{len(row[_SURPLUS])} cells more than the head has")
        at = self.time.read(row)
        mark = str(value_at(row, self.mark) or "").strip() or "N" if self.mark else "N"
        if mark not in _FLAGS:
            raise BadRow(f"{self.mark}: {mark!r} is no flag of HJ 212")
        said = [one.read(row) for one in self.fields]
        flags = tuple(0 if one is None else _worse(one, mark) for one in said)
        values = tuple(float("nan") if one is None else one for one in said)
        key = str(value_at(row, self.key)) if self.key else _digest(row)
        return Mapped(key, at, values, flags)

    def points(self, rows: Sequence[Mapped]) -> Points:
        """Give rows as points, shape (channels, rows)."""
        raw = np.array([one.values for one in rows]).T
        flags = np.array([one.flags for one in rows], np.uint8).T
        values, marks = Scales(self.channels).apply(raw, flags)
        return Points(np.array([one.at for one in rows], np.int64), values, marks)

    def _table(self, text: str) -> list[Row]:
        lines = io.StringIO(text)
        for _ in range(self.skip):
            lines.readline()
        table = csv.reader(lines, delimiter=self.delimiter)
        try:
            head = [name.strip() for name in next(table, [])]
            rows = [cells for cells in table if cells]
        except csv.Error as fault:
            raise BadRow(f"no table: {fault}") from fault
        if any(_UNREADABLE in name for name in head):
            raise BadRow(f"its head is not {self.encoding}")
        return [_row(head, cells) for cells in rows]

    def _json_rows(self, text: str) -> list[Row]:
        try:
            found = json.loads(text)
        except ValueError as fault:
            raise BadRow(f"not JSON: {fault}") from fault
        rows = value_at(found, self.rows) if self.rows else found
        if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
            raise BadRow(f"{self.rows or 'the answer'}: no list of objects")
        return rows


def row_map_of(fields: Fields) -> RowMap:
    """Read a mapping.

    Raises:
        BadSettings: naming the field.
    """
    channels, places = [], []
    mark = fields.choice("decimal", DecimalMark) if fields.has("decimal") else None
    for one in fields.each("channels"):
        channels.append(channel_of(one))
        places.append(row_field_of(one, mark))
        one.done()
    require_unique(channels, fields)
    return RowMap(
        format=fields.choice("format", Format, Format.JSON),
        encoding=_encoding(fields),
        delimiter=fields.text("delimiter", ","),
        skip=fields.whole("skipLines", 0, _MOST_SKIPPED, 0),
        rows=fields.text("rows", ""),
        time=_time(fields.part("time")),
        key=fields.text("key", ""),
        mark=fields.text("mark", ""),
        channels=tuple(channels),
        fields=tuple(places),
    )


def _time(fields: Fields) -> TimeField:
    hours = fields.number("offsetHours", -_MOST_OFFSET_HOURS, _MOST_OFFSET_HOURS, 8.0)
    found = TimeField(
        field=fields.text("field"),
        clock=fields.text("clock", ""),
        form=fields.text("format", _ISO),
        offset=timedelta(hours=hours),
    )
    fields.done()
    return found


def _encoding(fields: Fields) -> str:
    name = fields.text("encoding", "utf-8-sig")
    try:
        codecs.lookup(name)
    except LookupError as fault:
        raise fields.bad("encoding", f"{name!r} is not known") from fault
    return name


def _row(head: Sequence[str], cells: Sequence[str]) -> Row:
    """Join a row with its head; a cell that is missing says nothing, one too many stands apart."""
    row: dict[str, Any] = dict(zip(head, cells, strict=False))
    if any(cells[len(head) :]):
        row[_SURPLUS] = cells[len(head) :]
    return dict.fromkeys(head) | row


def _worse(value: float, mark: str) -> int:
    return FAULT if mark == "N" and not np.isfinite(value) else ord(mark)


def _parsed(text: str, form: str) -> datetime:
    return datetime.strptime(text, form)  # noqa: DTZ007, the zone is put on by the caller


def _digest(row: Row) -> str:
    """Give a row without a key a key of its own: what it says."""
    said = json.dumps(row, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(said.encode()).hexdigest()[:_KEY_DIGITS]
