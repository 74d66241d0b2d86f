"""What a cell of a business system says of one channel: a number, a word, or nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from edge_greengrass.collector.sources.fields import Fields

Row = Mapping[str, Any]
_MOST = 1e15
_POWER = r"([eE][-+]?\d+)?"
_NUMBER = re.compile(rf"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+){_POWER}", re.ASCII)
"""A number as programs write it: 1_0, full-width digits and infinity are none."""


class DecimalMark(StrEnum):
    """What stands before the decimals; the other one may then set thousands apart."""

    POINT = "."
    COMMA = ","


_GROUPED = {
    DecimalMark.POINT: re.compile(rf"[-+]?(\d{{1,3}}(,\d{{3}})+|\d*)(\.\d*)?{_POWER}"),
    DecimalMark.COMMA: re.compile(rf"[-+]?(\d{{1,3}}([. \xa0]\d{{3}})+|\d*)(,\d*)?{_POWER}"),
}


@dataclass(frozen=True, slots=True)
class RowField:
    """Where a row says one channel.

    `words` gives numbers for what is said in words; `where` names what other fields must say for
    the row to speak of this channel; `mark` is None where numbers are written as in programs.
    """

    field: str
    words: tuple[tuple[str, float], ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    mark: DecimalMark | None = None

    def read(self, row: Row) -> float | None:
        """Give the number: None where nothing is said of the channel, NaN where it is none."""
        if any(_text(value_at(row, path)) != wanted for path, wanted in self.where):
            return None
        said = value_at(row, self.field)
        text = _text(said)
        for word, number in self.words:
            if text == word:
                return number
        if isinstance(said, bool):
            return float(said)
        return self._number(text) if text else None

    def _number(self, text: str) -> float:
        if self.mark and not _GROUPED[self.mark].fullmatch(text):
            return float("nan")
        if self.mark is DecimalMark.COMMA:
            text = re.sub(r"[. \xa0]", "", text).replace(",", ".")
        elif self.mark is DecimalMark.POINT:
            text = text.replace(",", "")
        return float(text) if _NUMBER.fullmatch(text) else float("nan")


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


def row_field_of(fields: Fields, mark: DecimalMark | None) -> RowField:
    """Read where a channel is said.

    Raises:
        BadSettings: naming the field.
    """
    words, where = fields.part("words"), fields.part("where")
    return RowField(
        field=fields.text("field"),
        words=tuple((word, words.number(word, -_MOST, _MOST)) for word in words.names),
        where=tuple((path, where.text(path)) for path in where.names),
        mark=mark,
    )


def _text(said: object) -> str:
    """Give what is said as it stands there: true, not True."""
    if said is None:
        return ""
    return str(said).lower() if isinstance(said, bool) else str(said).strip()
