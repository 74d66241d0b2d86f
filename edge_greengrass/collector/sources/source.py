"""What every source has in common, whatever it speaks (采集源)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge_greengrass.collector.sources.channel import Channel
from edge_greengrass.collector.sources.fields import Fields


class Kind(StrEnum):
    """What a source speaks; these are the kinds of `SourceHealth` too."""

    MODBUS = "modbus"
    OPCUA = "opcua"
    PULL = "pull"


@dataclass(frozen=True, slots=True)
class Points:
    """Values of all channels of one source at some moments, with quality and time of the source.

    Attributes:
        times: shape (n,), int64, unix milliseconds.
        values: shape (channels, n), float64 in the unit of each channel; NaN where not said.
        flags: shape (channels, n), uint8, letters of HJ 212-2017 table 8; 0 where not said.
    """

    times: NDArray[np.int64]
    values: NDArray[np.float64]
    flags: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Terms:
    """What all sources are configured with.

    `subject` is the outlet (or unit) under which the points are written. `rate` [points/s] is what
    the source may bring in the long run; `silent` [s] is after which it counts as silent; a block
    closes after `block` [s].
    """

    name: str
    kind: Kind
    subject: str
    rate: float
    silent: float
    block: float


class Sink(Protocol):
    """Where a source leaves its points."""

    async def give(self, points: Points) -> None:
        """Leave points; waits while the source is faster than its rate or than the disk."""

    def offer(self, points: Points) -> bool:
        """Leave points of a source that cannot wait; False when they had to be refused."""

    async def keep(self, points: Points) -> None:
        """Leave points; returns when they are on the disk."""

    def hear(self) -> None:
        """Note that the peer has answered, though it had nothing new to say."""

    def complain(self, why: str) -> None:
        """Tell of something in what the peer says that had to be left out."""


class Source(Protocol):
    """One peer from which points come, as configured."""

    @property
    def terms(self) -> Terms:
        """What it is called and may cost."""

    @property
    def channels(self) -> Sequence[Channel]:
        """Its channels; the rows of its points."""

    async def run(self, sink: Sink) -> None:
        """Observe for ever.

        Raises:
            Unavailable: the peer is lost; run again after a pause.
        """


def terms_of(fields: Fields, kind: Kind) -> Terms:
    """Read what all sources are configured with.

    Raises:
        BadSettings: naming the field.
    """
    return Terms(
        name=fields.text("name"),
        kind=kind,
        subject=fields.text("outletId"),
        rate=fields.number("pointsPerSecond", 0.01, 1e6, 5_000.0),
        silent=fields.number("silentSeconds", 0.1, 1e6, 60.0),
        block=fields.number("blockSeconds", 0.05, 3600.0, 5.0),
    )


def require_unique(channels: Sequence[Channel], fields: Fields) -> None:
    """Refuse two channels of one code in one source: nobody could tell their points apart.

    Raises:
        BadSettings: naming the second one.
    """
    seen: set[str] = set()
    for place, one in enumerate(channels):
        if one.code in seen:
            raise fields.bad(f"channels[{place}].channel", f"{one.code} stands twice")
        seen.add(one.code)
