"""The point block on a minute of a plant: 60 s x 200 channels of real four-digit data.

The peer is the same minute as columns of JSON by msgspec, at 6.7 bytes per point: it tells how
fast this machine is now, and ours is shown as a multiple. The orjson of performance.md, A4 writes
twice as fast, but is not for us to carry: its licence is MPL.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent))

import msgspec
import numpy as np
from given_plant import CHANNELS, POINTS, plant_minute

from plume.series import block

_POINTS = CHANNELS * POINTS


def best_seconds(action: Callable[[], object], *, rounds: int = 60, repeats: int = 10) -> float:
    """Give the seconds of one call in the best of short rounds: others use the machine too."""

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
    writing = _rate(lambda: block.encode(columns))
    reading = _rate(lambda: block.decode(encoded))
    told = {code: each.tolist() for code, each in columns.values.items()}
    text = msgspec.json.encode(told)
    peer = _rate(lambda: msgspec.json.encode(told)), _rate(lambda: msgspec.json.decode(text))
    return [
        ("points: exact round trip", float(exact), "of 1", "1", exact),
        ("points: size, 4 digits, real", density, "bytes/point", "<= 0.95", density <= 0.95),
        ("points: encode", writing, "M points/s", ">= 100", writing >= 100),
        ("points: decode", reading, "M points/s", ">= 100", reading >= 100),
        ("points: JSON columnar writes, the peer", peer[0], "M points/s", "shown", True),
        ("points: JSON columnar reads, the peer", peer[1], "M points/s", "shown", True),
        ("points: encode, of the peer", writing / peer[0], "times", "shown", True),
        ("points: decode, of the peer", reading / peer[1], "times", "shown", True),
    ]


def _rate(action: Callable[[], object]) -> float:
    """Give millions of points per second."""
    return _POINTS / best_seconds(action) / 1e6
