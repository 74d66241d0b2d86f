"""Where the points of a control system lie in its Modbus registers: the map, and how to fill it.

The map is data (`data/registers.json`), in the words of the collector's settings, so that who sets
up a collector takes it as it is: `channel`, `address` (from 0), `type`, `order`, `scale`,
`decimals`. All of them are holding registers of unit 1.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

_LOW_FIRST = {"CDAB", "DCBA"}
_SWAPPED = {"BADC", "DCBA"}


@dataclass(frozen=True, slots=True)
class Register:
    """One number: the channel's value over `scale`, as `form` (a numpy type) in `order`."""

    channel: str
    address: int
    form: str
    order: str
    scale: float

    @property
    def width(self) -> int:
        """How many registers it takes."""
        return np.dtype(self.form).itemsize // 2

    def words(self, value: float) -> list[int]:
        """Give its registers; a whole number that does not fit is the nearest that does."""
        raw = value / self.scale
        kind = np.dtype(self.form).newbyteorder(">")
        if kind.kind in "iu":
            span = np.iinfo(self.form)
            raw = min(max(round(raw), int(span.min)), int(span.max))
        pairs = np.array([raw]).astype(kind).view(np.uint8).reshape(self.width, 2)
        if self.order in _LOW_FIRST:
            pairs = pairs[::-1]
        if self.order in _SWAPPED:
            pairs = pairs[:, ::-1]
        return [int(high) << 8 | int(low) for high, low in pairs]


@cache
def map_of(kind: str) -> Sequence[Mapping[str, Any]]:
    """Give the map of a kind of plant; empty where its control system does not speak Modbus."""
    text = files("edge_greengrass.twin").joinpath("data/registers.json").read_text("utf-8")
    return tuple(json.loads(text).get(kind, ()))


@cache
def registers_of(kind: str) -> Sequence[Register]:
    """Give the map of a kind of plant, ready to be filled."""
    return tuple(
        Register(
            channel=one["channel"],
            address=one["address"],
            form=one["type"],
            order=one.get("order", "ABCD"),
            scale=one.get("scale", 1.0),
        )
        for one in map_of(kind)
    )
