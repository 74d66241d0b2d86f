"""The shape of a frame: all of it but its QN, its DataTime, its numbers and its flags.

Data loggers repeat the shape of their frames for years. What was decoded once, strictly, gives a
pattern; whatever the pattern fits would be decoded without a fault too.
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from plume.hj212 import codes
from plume.hj212.dialect import NUMBER, tokens
from plume.hj212.moments import moment

QN_END = len("QN=20240601090000001;")
_QN = rb"QN=([0-9]{10})[0-5][0-9][0-5][0-9][0-9]{3};"
_TIME = rb"([0-9]{10}[0-5][0-9][0-5][0-9])"
_NUMBER = b"(" + NUMBER.pattern.encode() + b")"
_FLAG = rb"([NFMSDCTB])"
_HOUR_DIGITS = 10
_MOST_SHAPES = 8
"""Shapes learned per header. One that brings more repeats none of them: it is left in peace."""

_About = TypeVar("_About")


class Shape(NamedTuple):
    """A pattern for the data segment, and which of its groups say what.

    The first group is the hour of the QN; the second the DataTime, when `timed`. `values` tells
    by `code-Attribute`, and `flags` by code, which place in `match.groups()` is theirs.
    """

    pattern: re.Pattern[bytes]
    timed: bool
    values: dict[str, int]
    flags: dict[str, int]

    def match(self, data: bytes) -> re.Match[bytes] | None:
        """Fit a data segment whose header is known to be that of the shape."""
        found = self.pattern.fullmatch(data)
        if found is None or not _is_hour(found[1]):
            return None
        return found if not self.timed or _is_hour(found[2][:_HOUR_DIGITS]) else None

    def outlined(self) -> "Shape":
        """Give the same shape for those who want the time alone: its numbers are no groups."""
        numbers = self.pattern.pattern.replace(_NUMBER, b"(?:" + _NUMBER[1:])
        return Shape(
            re.compile(numbers.replace(_FLAG, _FLAG[1:-1]), re.DOTALL), self.timed, {}, {}
        )


@dataclass(slots=True)
class _Known(Generic[_About]):
    about: _About
    sights: int = 0
    shapes: list[Shape] = field(default_factory=list)


class Shapes(Generic[_About]):
    """The shapes met under each header, for at most `most` headers, the ones learned last.

    A shape is learned from the frame that is its header's number `patience`: making a pattern
    costs as much as a hundred frames, so one that does not come back should not have it.
    """

    def __init__(self, most: int, *, patience: int = 1) -> None:
        self._most, self._patience = most, patience
        self._known: OrderedDict[bytes, _Known[_About]] = OrderedDict()

    def fit(self, data: bytes) -> tuple[_About, Shape, re.Match[bytes]] | None:
        """Give what is known of the header, the shape that fits and how; None if none does."""
        known = self._known.get(header_of(data))
        if known is not None:
            for shape in known.shapes:
                match = shape.match(data)
                if match is not None:
                    return known.about, shape, match
        return None

    def learn(self, data: bytes, about: _About, make: Callable[[], Shape | None]) -> bool:
        """Remember the shape of a frame that was believed; False when that is of no use.

        What is said about the first frame of a header stands for all of that header.
        """
        known = self._known.setdefault(header_of(data), _Known(about))
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        known.sights += 1
        ripe = known.sights >= self._patience and len(known.shapes) < _MOST_SHAPES
        shape = make() if ripe else None
        if shape is not None:
            known.shapes.append(shape)
        return shape is not None


def header_of(data: bytes) -> bytes:
    """Give what stands between the QN and the parameters; a shape is known under it."""
    return data[QN_END : data.find(b"CP=&&")]


def shape_of(data: bytes, cp: str) -> Shape:
    """Make the shape of a data segment that was decoded strictly, to these parameters."""
    values: dict[str, int] = {}
    flags: dict[str, int] = {}
    parts: list[bytes] = []
    group, timed = 1, False
    for name, value, separator in tokens(cp):
        code, _, attribute = name.partition("-")
        part = _TIME if name == "DataTime" and group == 1 else _varying(attribute, value)
        if part is _NUMBER:
            values[name] = group
        elif part is _FLAG:
            flags[code] = group
        timed = timed or part is _TIME
        group += part is not None
        parts += (_literal(name), b"=", part or re.escape(value.encode()), separator.encode())
    return Shape(_pattern(data, parts), timed, values, flags)


def _varying(attribute: str, value: str) -> bytes | None:
    """Give the group of what changes from frame to frame; None for what is taken literally."""
    if attribute in codes.NUMERIC and NUMBER.fullmatch(value):
        return _NUMBER
    return _FLAG if attribute == "Flag" else None


@lru_cache(maxsize=4096)
def _literal(name: str) -> bytes:
    """Give the pattern of a name, which stations of one kind share."""
    return re.escape(name.encode())


def _pattern(data: bytes, parts: list[bytes]) -> re.Pattern[bytes]:
    """Join the parts; the header is skipped, so that stations of one layout share a pattern."""
    head = data[QN_END : data.index(b"CP=&&") + len(b"CP=&&")]
    skipped = b".{%d}" % len(head)
    # The empty group at the end never takes part: it is the flag of what has none.
    return re.compile(_QN + skipped + b"".join(parts) + b"&&(?:(?!)())?", re.DOTALL)


@lru_cache(maxsize=4096)
def _is_hour(text: bytes) -> bool:
    """Whether YYYYMMDDhh exists; the digits after it are held by the pattern."""
    try:
        moment(text.decode() + "0000")
    except ValueError:
        return False
    return True
