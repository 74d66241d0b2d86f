"""Noise that is a function of time: the same instant always gives the same value."""

import zlib

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def uniform(seed: int, name: str, ticks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give independent values in [-1, 1) for whole ticks, by the mixer of SplitMix64."""
    start = np.uint64((seed << 32 | zlib.crc32(name.encode())) & 0xFFFF_FFFF_FFFF_FFFF)
    with np.errstate(over="ignore"):
        mixed = start + ticks.astype(np.uint64) * _GOLDEN
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
        mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1


def drift(seed: int, name: str, times: NDArray[np.int64], period: int) -> NDArray[np.float64]:
    """Give a smooth walk in [-1, 1]: a new random value every `period` [s], eased in between."""
    tick = times // period
    part = (times % period) / period
    ease = part * part * (3 - 2 * part)
    before, after = uniform(seed, name, tick), uniform(seed, name, tick + 1)
    return before + (after - before) * ease


def wobble(seed: int, name: str, times: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give what an analyser shows around a steady value, in [-1, 1]: slow and fast parts."""
    return 0.7 * drift(seed, name, times, 90) + 0.3 * uniform(seed, name + "+", times)


def about(seed: int, name: str, times: NDArray[np.int64], spread: float) -> NDArray[np.float64]:
    """Give a factor near 1 that wobbles by `spread`."""
    return 1 + spread * wobble(seed, name, times)
