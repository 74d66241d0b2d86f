"""What may be asked: each parameter of the API as data, with the words for what is wrong."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from plume.errors import Refused

Chosen = TypeVar("Chosen", bound=StrEnum)
Schema = dict[str, Any]

EARLIEST_YEAR, LATEST_YEAR = 2000, 2200


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query: its name, its JSON schema, and how its text is read."""

    name: str
    schema: Schema
    read: Callable[[str, str], Any]
    says: str
    required: bool = False
    default: Any = None


def asked(parameters: Iterable[Parameter], query: Mapping[str, str] | None) -> dict[str, Any]:
    """Read a query by its specification.

    Raises:
        Refused: an unknown, missing or unreadable parameter; the pointer names it.
    """
    known = {parameter.name: parameter for parameter in parameters}
    given = dict(query or {})
    for name in given:
        if name not in known:
            names = ", ".join(known) or "none"
            raise _bad(
                name, f"is not known here; known: {names}", f"不是此接口的参数, 可用: {names}"
            )
    return {name: _value(parameter, given.get(name)) for name, parameter in known.items()}


def _value(parameter: Parameter, text: str | None) -> Any:  # noqa: ANN401, as the parameter reads
    if text is None or text == "":
        if parameter.required:
            raise _bad(parameter.name, "is missing", "不能为空")
        return parameter.default
    return parameter.read(parameter.name, text)


def choice(kind: type[StrEnum], name: str, says: str, **manner: Any) -> Parameter:  # noqa: ANN401, passed on
    """Make a parameter that is one of a few words."""
    schema = {"type": "string", "enum": [one.value for one in kind]}
    return Parameter(name, schema, lambda n, text: _one_of(kind, n, text), says, **manner)


def choices(kind: type[StrEnum], name: str, says: str) -> Parameter:
    """Make a parameter that is several of a few words, separated by commas."""
    item = {"type": "string", "enum": [one.value for one in kind]}
    return Parameter(
        name,
        {"type": "array", "items": item},
        lambda n, text: tuple(_one_of(kind, n, word) for word in text.split(",")),
        says,
        default=(),
    )


def moment(name: str, says: str) -> Parameter:
    """Make a parameter that is a time with an offset."""
    return Parameter(name, {"type": "string", "format": "date-time"}, _moment, says)


def count(name: str, says: str, *, least: int, most: int, default: int) -> Parameter:
    """Make a parameter that is a whole number within bounds."""

    def read(name: str, text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise _bad(name, f"must be {least} to {most}", f"应为 {least} 到 {most} 的整数")
        return int(text)

    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    return Parameter(name, schema, read, says, default=default)


def word(
    name: str, says: str, *, pattern: str = r"[\w.#-]{1,64}", default: str | None = None
) -> Parameter:
    """Make a parameter that is an identifier."""

    def read(name: str, text: str) -> str:
        return _matching(pattern, name, text)

    return Parameter(name, _patterned(pattern), read, says, default=default)


def words(name: str, says: str, *, pattern: str, most: int) -> Parameter:
    """Make a parameter that is several identifiers, separated by commas."""

    def read(name: str, text: str) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(text.split(",")))
        if len(found) > most:
            raise _bad(name, f"names more than {most}", f"最多 {most} 个")
        return tuple(_matching(pattern, name, one) for one in found)

    schema = {"type": "array", "items": _patterned(pattern), "maxItems": most}
    return Parameter(name, schema, read, says, default=())


def _patterned(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _matching(pattern: str, name: str, text: str) -> str:
    if not re.fullmatch(pattern, text):
        raise _bad(name, "is not an identifier of this kind", "格式不正确")
    return text


def _one_of(kind: type[Chosen], name: str, text: str) -> Chosen:
    try:
        return kind(text)
    except ValueError as fault:
        known = ", ".join(one.value for one in kind)
        raise _bad(name, f"must be one of {known}", f"应为以下之一: {known}") from fault


def _moment(name: str, text: str) -> datetime:
    english = "must be a time with an offset, such as 2026-11-24T08:00:00+08:00"
    chinese = "应为带时区的时间, 例如 2026-11-24T08:00:00+08:00"
    try:  # a plus sign that was not encoded arrives as a space
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as fault:
        raise _bad(name, english, chinese) from fault
    if at.tzinfo is None or not EARLIEST_YEAR <= at.year < LATEST_YEAR:
        raise _bad(name, english, chinese)
    return at


def _bad(name: str, english: str, chinese: str) -> Refused:
    shown = name if name.isascii() and name.isprintable() else "parameter"
    return Refused(f"{shown} {english}", zh=f"参数 {name} {chinese}", pointer=f"/query/{name}")
