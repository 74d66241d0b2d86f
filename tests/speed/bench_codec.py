"""The point block on a minute of a plant: 60 s x 200 channels of real four-digit data."""

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from given_plant import CHANNELS, POINTS, plant_minute

from plume.series import block

_POINTS = CHANNELS * POINTS


def best_seconds(action: Callable[[], object], *, rounds: int = 7, repeats: int = 40) -> float:
    """Give the seconds of one call in the best of several rounds."""

    def once() -> float:
        begin = perf_counter()
        for _ in range(repeats):
            action()
        return (perf_counter() - begin) / repeats

    return min(once() for _ in range(rounds))


def figures() -> list[tuple[str, float, str, str, bool]]:
    """Give bytes per point, and millions of points per second both ways."""
    columns = plant_minute()
    encoded = block.encode(columns)
    back = block.decode(encoded)
    exact = all(np.array_equal(back.values[code], each) for code, each in columns.values.items())
    density = len(encoded) / _POINTS
    writing = _POINTS / best_seconds(lambda: block.encode(columns)) / 1e6
    reading = _POINTS / best_seconds(lambda: block.decode(encoded)) / 1e6
    return [
        ("points: exact round trip", float(exact), "of 1", "1", exact),
        ("points: size, 4 digits, real", density, "bytes/point", "<= 0.95", density <= 0.95),
        ("points: encode", writing, "M points/s", ">= 100", writing >= 100),
        ("points: decode", reading, "M points/s", ">= 100", reading >= 100),
    ]
