"""The channels of a source: under which code each is known, and how its numbers are read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_greengrass.collector.sources.fields import Fields

NORMAL, FAULT, COMMUNICATION, OVER_RANGE = (ord(letter) for letter in "NDBT")
"""Flags of HJ 212-2017 table 8: normal, instrument fault, communication fault, over range."""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,23}")
_MOST = 1e15
_MOST_DECIMALS = 8


@dataclass(frozen=True, slots=True)
class Channel:
    """One measured or reported quantity of a source.

    Attributes:
        code: of HJ 212 annex B (g10401, i32001), or the plant's own.
        decimals: digits after the point that are kept.
        scale: factor on the raw number.
        offset: added after scaling, in the unit of the code.
        low: lower end of the measuring range, in the unit of the code; infinite for none.
        high: upper end, likewise; a value outside is kept under the flag T.
    """

    code: str
    decimals: int
    scale: float
    offset: float
    low: float
    high: float


def channel_of(fields: Fields) -> Channel:
    """Read what all protocols say of a channel.

    Raises:
        BadSettings: naming the field.
    """
    code = fields.text("channel")
    if not _CODE.fullmatch(code):
        raise fields.bad("channel", f"{code!r} is no code of letters and digits")
    return Channel(
        code=code,
        decimals=fields.whole("decimals", 0, _MOST_DECIMALS, 2),
        scale=fields.number("scale", -_MOST, _MOST, 1.0),
        offset=fields.number("offset", -_MOST, _MOST, 0.0),
        low=fields.number("low", -_MOST, _MOST, -np.inf),
        high=fields.number("high", -_MOST, _MOST, np.inf),
    )


class Scales:
    """Turns raw numbers of several channels into values with flags, all at once."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._scale = np.array([one.scale for one in channels])[:, None]
        self._offset = np.array([one.offset for one in channels])[:, None]
        self._low = np.array([one.low for one in channels])[:, None]
        self._high = np.array([one.high for one in channels])[:, None]
        self._power = 10.0 ** np.array([one.decimals for one in channels])[:, None]

    def apply(
        self, raw: NDArray[np.float64], flags: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        """Scale, round to the declared decimals, and flag what cannot be.

        Args:
            raw: shape (channels, n); NaN where nothing is said.
            flags: shape (channels, n); what the protocol says of the quality.

        Returns:
            Values in the unit of each code, NaN where there is none; and flags: T outside the
            measuring range, D for a number that is none, unless the protocol says worse.
        """
        values = raw * self._scale + self._offset
        values = np.rint(values * self._power) / self._power
        said = np.isfinite(values)
        flags = np.where((flags == NORMAL) & ~said, np.uint8(FAULT), flags)
        outside = said & ((values < self._low) | (values > self._high))
        flags = np.where((flags == NORMAL) & outside, np.uint8(OVER_RANGE), flags)
        return np.where(said, values, np.nan), flags
