"""Reads settings field by field; what is wrong is told by the field's full name."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from edge_greengrass.settings import BadSettings

_REQUIRED: Any = object()
_Choice = TypeVar("_Choice", bound=StrEnum)


class Fields:
    """One JSON object of the settings, known by its path.

    Each reader raises BadSettings naming the field; `done` refuses what nobody asked for, so that
    a misspelt setting is not silently without effect.
    """

    def __init__(self, found: object, path: str) -> None:
        if not isinstance(found, dict):
            raise BadSettings(f"{path}: not an object", pointer=path)
        self._found: dict[str, Any] = found
        self._asked: set[str] = set()
        self.path = path

    def text(self, name: str, default: str = _REQUIRED) -> str:
        """Read a text that is not empty."""
        value = self._value(name, default)
        if not isinstance(value, str) or (not value and default is _REQUIRED):
            raise self.bad(name, f"{value!r} is no text")
        return value

    def whole(self, name: str, least: int, most: int, default: int = _REQUIRED) -> int:
        """Read a whole number in `[least, most]`."""
        value = self._value(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.bad(name, f"{value!r} is no whole number from {least} to {most}")
        return value

    def number(self, name: str, least: float, most: float, default: float = _REQUIRED) -> float:
        """Read a number in `[least, most]`; the default may lie outside."""
        value = self._value(name, default)
        if not self.has(name):
            return float(value)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.bad(name, f"{value!r} is no number")
        if not least <= value <= most:
            raise self.bad(name, f"{value!r} is not from {least:g} to {most:g}")
        return float(value)

    def choice(self, name: str, kind: type[_Choice], default: _Choice = _REQUIRED) -> _Choice:
        """Read one of the words of an enumeration."""
        value = self._value(name, default)
        try:
            return kind(value)
        except ValueError:
            words = ", ".join(one.value for one in kind)
            raise self.bad(name, f"{value!r} is none of {words}") from None

    def yes(self, name: str, *, default: bool) -> bool:
        """Read true or false."""
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise self.bad(name, f"{value!r} is neither true nor false")
        return value

    def each(self, name: str) -> Iterator["Fields"]:
        """Go through a list of objects that is not empty."""
        value = self._value(name, _REQUIRED)
        if not isinstance(value, list) or not value:
            raise self.bad(name, "no list with something in it")
        for place, one in enumerate(value):
            yield Fields(one, f"{self.path}.{name}[{place}]")

    def part(self, name: str) -> "Fields":
        """Go into an object; a missing one is empty."""
        return Fields(self._value(name, {}), f"{self.path}.{name}")

    def texts(self, name: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        """Read a list of texts."""
        value = self._value(name, list(default))
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.bad(name, "no list of texts")
        return tuple(value)

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that are there."""
        return tuple(self._found)

    def has(self, name: str) -> bool:
        """Whether a field is there."""
        return name in self._found

    def done(self) -> None:
        """Refuse fields that were never asked for."""
        if unknown := sorted(set(self._found) - self._asked):
            raise self.bad(unknown[0], "no such setting")

    def bad(self, name: str, why: str) -> BadSettings:
        """Give the refusal of one field."""
        return BadSettings(f"{self.path}.{name}: {why}", pointer=f"{self.path}.{name}")

    def _value(self, name: str, default: object) -> Any:  # noqa: ANN401, settings are plain JSON
        self._asked.add(name)
        if name in self._found:
            return self._found[name]
        if default is _REQUIRED:
            raise self.bad(name, "missing")
        return default
