r"""Line protocol as InfluxDB 3 reads it: one point per line, typed fields.

`table[,tag=value]* field=value[,field=value]* [timestamp]`, with `\` before a comma, an equals
sign or a space of a name, and before a quote or a backslash of a string field.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

Value = float | int | str | bool


class Kind(StrEnum):
    """What a column holds, as InfluxDB names it."""

    TAG = "tag"
    FLOAT = "float64"
    INTEGER = "int64"
    UNSIGNED = "uint64"
    STRING = "string"
    BOOLEAN = "bool"


@dataclass(frozen=True, slots=True)
class Point:
    """One parsed line; `time` in nanoseconds since 1970 (UTC)."""

    table: str
    tags: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, Kind, Value], ...]
    time: int


@dataclass(frozen=True, slots=True)
class LineFault:
    """Why one line cannot be written; `line_number` counts from 1, blanks and comments too."""

    original_line: str
    line_number: int
    error_message: str


class BadLine(Exception):
    """The line does not follow the protocol."""


_TABLE = re.compile(r"((?:[^\\, \n]|\\.)+)")
_TAG = re.compile(r",((?:[^\\,= \n]|\\.)+)=((?:[^\\,= \n]|\\.)+)")
_FIELD = re.compile(r"((?:[^\\,= \n]|\\.)+)=(\"(?:[^\\\"]|\\.)*\"|[^, \n\"]+)(,?)")
_TIME = re.compile(r" +(-?[0-9]+) *$")
_ESCAPE = re.compile(r"\\([,= ])")
_STRING_ESCAPE = re.compile(r"\\([\"\\])")
_FLOAT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_TRUE = {"t", "T", "true", "True", "TRUE"}
_FALSE = {"f", "F", "false", "False", "FALSE"}
_INTEGERS = range(-(2**63), 2**63)
_UNSIGNED = range(2**64)


def numbered_lines(body: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold a point, with their numbers."""
    for number, line in enumerate(body.split("\n"), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped


def parsed(line: str, *, unit: int, now: int) -> Point:
    """Read one line; `unit` is the nanoseconds of one tick, `now` stands for a missing time.

    Raises:
        BadLine: with the sentence for the client.
    """
    table = _TABLE.match(line)
    if table is None:
        raise BadLine("Could not parse the table name")
    tags, place = _tags(line, table.end())
    fields, place = _fields(line, place)
    return Point(_plain(table[1]), tags, fields, _time(line[place:], unit, now))


def _tags(line: str, place: int) -> tuple[tuple[tuple[str, str], ...], int]:
    tags: dict[str, str] = {}
    while found := _TAG.match(line, place):
        name = _plain(found[1])
        if name in tags:
            raise BadLine(f"Duplicate tag key: {name}")
        tags[name] = _plain(found[2])
        place = found.end()
    if line[place : place + 1] == ",":
        raise BadLine("Tag set malformed")
    return tuple(sorted(tags.items())), place


def _fields(line: str, place: int) -> tuple[tuple[tuple[str, Kind, Value], ...], int]:
    while line[place : place + 1] == " ":
        place += 1
    fields: dict[str, tuple[Kind, Value]] = {}
    more = True
    while more:
        found = _FIELD.match(line, place)
        if found is None:
            raise BadLine("No fields were provided")
        fields[_plain(found[1])] = _value(found[2])
        place, more = found.end(), bool(found[3])
    return tuple((name, *each) for name, each in fields.items()), place


def _value(text: str) -> tuple[Kind, Value]:
    if text.startswith('"'):
        return Kind.STRING, _STRING_ESCAPE.sub(r"\1", text[1:-1])
    if text in _TRUE or text in _FALSE:
        return Kind.BOOLEAN, text in _TRUE
    if text[-1] in "iu":
        return _whole(text)
    if _FLOAT.fullmatch(text) is None or (number := float(text)) in _INFINITE:
        raise BadLine(f"Could not parse field value: {text}")
    return Kind.FLOAT, number


_INFINITE = (float("inf"), float("-inf"))


def _whole(text: str) -> tuple[Kind, Value]:
    kind, allowed = (Kind.INTEGER, _INTEGERS) if text[-1] == "i" else (Kind.UNSIGNED, _UNSIGNED)
    if re.fullmatch(r"-?[0-9]{1,20}", text[:-1]) is None or int(text[:-1]) not in allowed:
        raise BadLine(f"Unable to parse integer value '{text}'")
    return kind, int(text[:-1])


def _time(rest: str, unit: int, now: int) -> int:
    if not rest.strip():
        return now
    found = _TIME.fullmatch(rest)
    if found is None:
        raise BadLine(f"Could not parse timestamp: {rest.strip()}")
    time = int(found[1]) * unit
    if time not in _INTEGERS:
        raise BadLine(f"Timestamp out of range: {found[1]}")
    return time


def _plain(name: str) -> str:
    return _ESCAPE.sub(r"\1", name)
