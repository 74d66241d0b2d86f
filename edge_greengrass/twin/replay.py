"""Rows of a measured series, one per step of plant time, repeated from the end on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from gzip import open as open_gzip
from importlib.resources import as_file, files
from math import pi, sin
from random import Random

import numpy as np
from numpy.typing import NDArray

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
"""A Monday; row 0 of a series that starts at phase 0."""


@cache
def table(name: str, *, header: bool) -> NDArray[np.float64]:
    """Read one series of `data/`: shape (rows, columns)."""
    with as_file(files("edge_greengrass.twin") / "data" / name) as path, open_gzip(path) as lines:
        return np.loadtxt(lines, delimiter=",", skiprows=int(header))


@dataclass(frozen=True, slots=True)
class Replay:
    """A series of rows, each holding for `step` seconds; `phase` shifts the first row."""

    rows: NDArray[np.float64]
    step: int
    phase: int = 0

    def row(self, at: datetime) -> NDArray[np.float64]:
        """Give the row that holds at an aware instant."""
        number = int((at - EPOCH).total_seconds()) // self.step + self.phase
        row: NDArray[np.float64] = self.rows[number % len(self.rows)]
        return row


@dataclass(frozen=True, slots=True)
class Ripple:
    """A small swing within the hour whose mean over its sixty minutes is exactly zero.

    Two sines of whole cycles per hour, their phases drawn from the seed, the channel and the
    hour: values move as an analyser's do, and the hourly mean stays the measured one.
    """

    seed: int
    share: Mapping[str, float]

    def of(self, code: str, at: datetime) -> float:
        """Give the factor (about 1) for a channel at an instant."""
        hour, second = divmod(int((at - EPOCH).total_seconds()), 3600)
        first, second_phase = _phases(self.seed, code, hour)
        turn = 2 * pi * second / 3600
        swing = 0.7 * sin(3 * turn + first) + 0.3 * sin(11 * turn + second_phase)
        return 1 + self.share.get(code, 0.0) * swing


@cache
def _phases(seed: int, code: str, hour: int) -> tuple[float, float]:
    chance = Random(f"{seed}/{code}/{hour}")  # noqa: S311, a plant's chance, not a secret
    return chance.uniform(0, 2 * pi), chance.uniform(0, 2 * pi)
