"""What a plant is to its data logger: analysers that can be read at any time."""

from dataclasses import dataclass
from datetime import datetime
from math import exp
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Channel:
    """One analyser: its factor, the digits it prints, and how its means are made.

    `mass` asks for the accumulated mass of the factor [kg]; `converted` for values at the
    reference oxygen. `flow` marks the one channel that measures the flow itself. `ceiling` is
    the limit (of the converted value where there is one) that a cheat would stay under; 0 where
    there is none.
    """

    code: str
    decimals: int
    mass: bool = False
    converted: bool = False
    flow: bool = False
    ceiling: float = 0.0

    @property
    def in_water(self) -> bool:
        """Whether water carries it (class letter of HJ 525)."""
        return self.code.startswith("w")


HIDING = 60.0
"""Dust [mg/m3] that lets 1/e of the light through a plume: our choice."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a camera would see: smoke and steam in [0, 1], and whether anything runs."""

    opacity: float
    steam: float
    running: bool


def opacity_of(dust: float) -> float:
    """Give the share of the light that a plume with so much dust [mg/m3] holds back."""
    return 1 - exp(-dust / HIDING)


class Plant(Protocol):
    """A plant whose values are a pure function of time and seed."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The analysers at the outlet, in the order in which they are reported."""

    @property
    def process(self) -> tuple[Channel, ...]:
        """The points of production and treatment (工况), none where nothing is told of them."""

    @property
    def reference_oxygen(self) -> float | None:
        """Reference oxygen [%], None where nothing is converted."""

    @property
    def flow_to_cubic_metres(self) -> float:
        """Cubic metres per second for one unit of the flow channel."""

    @property
    def mass_to_kilograms(self) -> float:
        """Kilograms for one concentration unit times one cubic metre."""

    def samples(self, times: NDArray[np.int64]) -> Samples:
        """Read everything.

        Args:
            times: shape (n,), unix time [s].

        Returns:
            Per factor code, shape (n,), in the factor's unit, not yet rounded.
        """

    def sight(self, at: datetime) -> Sight:
        """Tell what a camera would see."""
