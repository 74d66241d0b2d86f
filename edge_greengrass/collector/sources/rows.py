"""Rows of a business system as points: which field is the time, which are the channels."""

import codecs
import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from hashlib import sha256
from typing import Any

import numpy as np

from edge_greengrass.collector.sources.channel import FAULT, Channel, Scales, channel_of
from edge_greengrass.collector.sources.fields import Fields
from edge_greengrass.collector.sources.source import Points, require_unique
from plume.errors import Refused

Row = Mapping[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ISO, _UNIX, _UNIX_MS = "iso", "unix", "unixMs"
_FLAGS = frozenset("NFMSDCTB")
_MOST_OFFSET_HOURS = 14
_KEY_DIGITS = 24
_MOST = 1e15


class BadRow(Refused):
    """A row, or a whole answer, is not what the mapping says; the message names the field."""


class Format(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class TimeField:
    """Where a row says its time: `form` is iso, unix, unixMs, or a pattern of strptime.

    A time without a zone is `offset` ahead of UTC: eight hours in China.
    """

    field: str
    form: str
    offset: timedelta

    def read(self, row: Row) -> int:
        """Give the time of a row [ms].

        Raises:
            BadRow: there is none.
        """
        said = value_at(row, self.field)
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
        text = str(said).strip()
        at = datetime.fromisoformat(text) if self.form == _ISO else _parsed(text, self.form)
        aware = at if at.tzinfo else at.replace(tzinfo=timezone(self.offset))
        return (aware - _EPOCH) // _MILLISECOND


@dataclass(frozen=True, slots=True)
class RowField:
    """Where a row says one channel; `words` gives numbers for what is said in words."""

    field: str
    words: tuple[tuple[str, float], ...] = ()


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
    time apart, empty for none; `mark` the field with a flag of HJ 212, empty for none.
    """

    format: Format
    encoding: str
    delimiter: str
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
        try:
            text = content.decode(self.encoding)
        except UnicodeDecodeError as fault:
            raise BadRow(f"not {self.encoding}: byte {fault.start}") from fault
        if self.format is Format.CSV:
            return list(csv.DictReader(io.StringIO(text), delimiter=self.delimiter))
        return self._json_rows(text)

    def mapped(self, row: Row) -> Mapped:
        """Read one row.

        Raises:
            BadRow: naming the field.
        """
        at = self.time.read(row)
        mark = str(value_at(row, self.mark) or "N") if self.mark else "N"
        if mark not in _FLAGS:
            raise BadRow(f"{self.mark}: {mark!r} is no flag of HJ 212")
        said = [_number(value_at(row, one.field), one) for one in self.fields]
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

    def _json_rows(self, text: str) -> list[Row]:
        try:
            found = json.loads(text)
        except ValueError as fault:
            raise BadRow(f"not JSON: {fault}") from fault
        rows = value_at(found, self.rows) if self.rows else found
        if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
            raise BadRow(f"{self.rows or 'the answer'}: no list of objects")
        return rows


def value_at(found: object, path: str) -> Any:  # noqa: ANN401, rows are plain JSON or CSV
    """Give what lies at a dotted path; None where the way ends. A CSV column is its whole name."""
    if isinstance(found, Mapping) and path in found:
        return found[path]
    for step in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def row_map_of(fields: Fields) -> RowMap:
    """Read a mapping.

    Raises:
        BadSettings: naming the field.
    """
    channels, places = [], []
    for one in fields.each("channels"):
        channels.append(channel_of(one))
        places.append(RowField(one.text("field"), _words(one)))
        one.done()
    require_unique(channels, fields)
    return RowMap(
        format=fields.choice("format", Format, Format.JSON),
        encoding=_encoding(fields),
        delimiter=fields.text("delimiter", ","),
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


def _words(fields: Fields) -> tuple[tuple[str, float], ...]:
    """Read what words stand for: {"open": 1, "closed": 0}."""
    if not fields.has("words"):
        return ()
    words = fields.part("words")
    return tuple((word, words.number(word, -_MOST, _MOST)) for word in words.names)


def _number(said: object, place: RowField) -> float | None:
    """Give the number of a field: None where nothing is said, NaN where it is no number."""
    if said is None or said == "":
        return None
    for word, number in place.words:
        if str(said).strip() == word:
            return number
    try:
        return float(str(said))
    except ValueError:
        return float("nan")


def _worse(value: float, mark: str) -> int:
    return FAULT if mark == "N" and not np.isfinite(value) else ord(mark)


def _parsed(text: str, form: str) -> datetime:
    return datetime.strptime(text, form)  # noqa: DTZ007, the zone is put on by the caller


def _digest(row: Row) -> str:
    """Give a row without a key a key of its own: what it says."""
    said = json.dumps(row, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(said.encode()).hexdigest()[:_KEY_DIGITS]
