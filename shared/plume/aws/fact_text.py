"""Facts as JSON text: how the tables keep what no condition or index looks at.

Decimals stay text (35.0 keeps its zero), times are UTC ISO 8601, spans microseconds, bytes base64.
A field that is missing in an old record takes its default; one that is no longer known is passed
over.
"""

import json
import types
from base64 import b64decode, b64encode
from collections.abc import Callable, Hashable
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Fact = TypeVar("Fact")
Reader = Callable[[Any], Any]
_MICROSECOND = timedelta(microseconds=1)


def text_of(fact: object, *, without: frozenset[str] = frozenset()) -> str:
    """Write one dataclass (or a tuple of them), leaving out the fields named in `without`."""
    plain = _plain(fact)
    if isinstance(plain, dict):
        plain = {name: value for name, value in plain.items() if name not in without}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def fact_of(kind: type[Fact], text: str) -> Fact:
    """Read one fact of this kind."""
    read: Callable[[Any], Fact] = _reader(cast("Hashable", kind))
    return read(json.loads(text))


def facts_of(kind: type[Fact], text: str) -> tuple[Fact, ...]:
    """Read a list of facts of this kind."""
    read: Callable[[Any], Fact] = _reader(cast("Hashable", kind))
    return tuple(read(plain) for plain in json.loads(text))


def moment(at: datetime) -> str:
    """Write a time so that text sorts as time does, to the microsecond, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment_of(text: str) -> datetime:
    """Read what `moment` wrote."""
    return datetime.fromisoformat(text)


def _plain(value: object) -> object:
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


_WRITERS: tuple[tuple[type, Callable[[Any], object]], ...] = (
    (Enum, lambda value: value.value),
    (str, lambda value: value),
    (Decimal, str),
    (datetime, lambda value: value.astimezone(UTC).isoformat()),
    (timedelta, lambda value: value // _MICROSECOND),
    (bytes, lambda value: b64encode(value).decode()),
    (tuple, lambda value: [_plain(each) for each in value]),
)


@cache
def _reader(kind: Any) -> Reader:  # noqa: ANN401, a type form, which typing has no name for
    if isinstance(kind, NewType):
        return _reader(kind.__supertype__)
    if get_origin(kind) in {Union, types.UnionType}:
        return _optional_reader(_reader(next(a for a in get_args(kind) if a is not type(None))))
    if get_origin(kind) is tuple:
        return _tuple_reader(_reader(get_args(kind)[0]))
    if is_dataclass(kind):
        return _fact_reader(kind)
    read: Reader = _SCALARS.get(kind, kind)
    return read


_SCALARS: dict[Any, Reader] = {
    datetime: datetime.fromisoformat,
    timedelta: lambda value: value * _MICROSECOND,
    bytes: b64decode,
    str: lambda value: value,
    int: lambda value: value,
    float: lambda value: value,
    bool: lambda value: value,
}


def _optional_reader(read: Reader) -> Reader:
    return lambda value: None if value is None else read(value)


def _tuple_reader(read: Reader) -> Reader:
    return lambda values: tuple(read(value) for value in values)


def _fact_reader(kind: Any) -> Reader:  # noqa: ANN401, any dataclass
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    needed = {
        f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING
    }

    def read(plain: dict[str, Any]) -> object:
        missing = needed - plain.keys()
        if missing:
            raise ValueError(f"{kind.__name__} without {sorted(missing)}")
        return kind(**{n: readers[n](value) for n, value in plain.items() if n in readers})

    return read
