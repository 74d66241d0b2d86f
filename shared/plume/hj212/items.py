"""The parameters of a frame put right: items under the codes of today, and a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from plume.hj212 import codes
from plume.hj212.dialect import NUMBER, tokens
from plume.hj212.frame import Frame
from plume.hj212.moments import moment


@dataclass(frozen=True, slots=True)
class Data:
    """What a frame says.

    `data_time` is aware (+08:00): the start of the interval for minute, hour and day data, the
    instant of sampling for real-time data; None where the frame has none. `items` holds the
    attributes of each factor, `fields` everything that belongs to no factor; texts as sent, but
    for spaces around them. Of an attribute said twice the first is kept.
    """

    data_time: datetime | None
    items: Mapping[str, Mapping[str, str]]
    fields: Mapping[str, str] = field(default_factory=dict)


def data_of(frame: Frame) -> Data:
    """Read the parameters of a decoded frame.

    Source:
        HJ 212-2017, 6.3.3 and table 4.
    """
    items: dict[str, dict[str, str]] = {}
    fields: dict[str, str] = {}
    for name, value, _ in tokens(frame.cp):
        code, dash, attribute = name.strip().partition("-")
        if dash:
            item = items.setdefault(codes.standard_code(code, frame.st), {})
            item.setdefault(codes.attribute(attribute), value.strip())
        else:
            fields.setdefault(codes.parameter(code), value.strip())
    return Data(_time(fields), items, fields)


def number(text: str | None) -> Decimal | None:
    """Read a decimal with the digits as transmitted; None for anything else, or nothing.

    Only digits, one point and a leading minus pass: `1_0`, `nan`, `inf` and `1e309` do not.
    """
    return Decimal(text) if text is not None and NUMBER.fullmatch(text) else None


def _time(fields: Mapping[str, str]) -> datetime | None:
    text = fields.get("DataTime")
    return moment(text) if text else None
