"""Float columns as exact integers: a value with declared decimals is an integer in disguise."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RAW = 255
"""Stands for "no number of decimals says it exactly": the channel is kept as float64 bits."""
MOST_DECIMALS = 15
_TRIED_DECIMALS = 10
_LIMIT = 2.0**52
"""Integers below it, and powers of ten up to 22, are exact: their quotient is rounded right."""
_POWERS = 10.0 ** np.arange(MOST_DECIMALS + 1)
_SHAPES_REMEMBERED = 16
_REMEMBERED_POINTS = 1 << 17
_NONE = np.zeros(0, np.bool_)


class Scaled(NamedTuple):
    """Channels as integers.

    Attributes:
        decimals: shape (channels,), uint8: digits after the point, or RAW.
        numbers: shape (channels, points), as narrow as the largest allows; 0 in RAW rows, and each
            missing value repeats the one before it.
        gappy: shape (channels,), bool: rows with a missing value (NaN), RAW ones not counted.
        missing: shape (gappy rows, points), bool: NaN there.
        as_declared: whether every channel came out exact as declared, without a gap.
    """

    decimals: NDArray[np.uint8]
    numbers: NDArray[np.signedinteger]
    gappy: NDArray[np.bool_]
    missing: NDArray[np.bool_]
    as_declared: bool = False


class Powers(NamedTuple):
    """The power of ten of each number: as it is, and in float32, where it is near enough."""

    exact: NDArray[np.float64]
    near: NDArray[np.float32]


def scaled(values: NDArray[np.float64], declared: NDArray[np.uint8]) -> Scaled:
    """Scale channels, shape (channels, points), by their declared decimals, if that is exact.

    A channel for which it is not, or with nothing declared (RAW), takes the fewest decimals that
    are exact for all its values; if there are none, it is left RAW.
    """
    told = declared.tobytes()
    if RAW not in told:
        with np.errstate(over="ignore", invalid="ignore"):
            numbers = _as_declared(values, told)
        if numbers is not None:
            return Scaled(declared, numbers, _NONE, _NONE, as_declared=True)
    return _searched(values, declared)


def integers_for(most: float) -> np.dtype[np.signedinteger]:
    """Give the narrowest integers for numbers whose largest magnitude is `most`, below 2**60."""
    widths = (np.int16, np.int32, np.int64)
    return np.dtype(next(width for width in widths if most <= np.iinfo(width).max))


def unscaled(numbers: NDArray[np.signedinteger], decimals: bytes) -> NDArray[np.float64]:
    """Undo `scaled` for rows that are not RAW: the float64 nearest to each decimal number."""
    return numbers / powers_of(decimals, numbers.shape[1]).exact


def powers_of(decimals: bytes, points: int) -> Powers:
    """Give the power of ten of each channel (any for RAW), repeated over its points, read-only.

    The same channels come minute after minute, and a product of equal shapes takes a third of
    the time of one that is stretched; so small ones are remembered.
    """
    small = len(decimals) * points <= _REMEMBERED_POINTS
    return (_remembered if small else _powers)(decimals, points)


def _powers(decimals: bytes, points: int) -> Powers:
    digits = np.minimum(np.frombuffer(decimals, np.uint8), MOST_DECIMALS)
    exact = np.repeat(_POWERS[digits], points).reshape(len(decimals), points)
    near = exact.astype(np.float32)
    exact.flags.writeable = near.flags.writeable = False
    return Powers(exact, near)


_remembered = lru_cache(_SHAPES_REMEMBERED)(_powers)


def _as_declared(values: NDArray[np.float64], told: bytes) -> NDArray[np.signedinteger] | None:
    """Give the values as integers, if each comes back exactly from its own.

    What int16 cannot hold does not come back from it, so most blocks need not be searched for
    their largest number. What it can hold is found in float32 too, at half the memory: a guess
    that is wrong by less than 0.01 is rounded right, and what comes back proves it.
    """
    powers, near = powers_of(told, values.shape[1])
    guess = values.astype(np.float32)
    guess *= near
    narrow = np.rint(guess, out=guess).astype(np.int16)
    if _all(narrow / powers == values):
        return narrow
    numbers = np.rint(values * powers)
    exact = _all(numbers / powers == values) and _most(numbers) < _LIMIT
    return _narrowed(numbers) if exact else None


def _all(truths: NDArray[np.bool_]) -> bool:
    """Say whether all are true; to look for a zero byte takes half the time of numpy's answer."""
    return b"\0" not in truths.tobytes()


def _narrowed(numbers: NDArray[np.float64]) -> NDArray[np.signedinteger]:
    return numbers.astype(integers_for(_most(numbers)))


def _most(numbers: NDArray[np.float64]) -> float:
    return max(float(numbers.max(initial=0)), -float(numbers.min(initial=0)))


def _searched(values: NDArray[np.float64], declared: NDArray[np.uint8]) -> Scaled:
    """Find the decimals of each channel one by one."""
    missing = np.isnan(values)
    decimals = declared.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        numbers, exact = _tried(values, missing, np.minimum(decimals, MOST_DECIMALS))
        exact &= decimals <= MOST_DECIMALS
        for tried in range(_TRIED_DECIMALS):
            if exact.all():
                break
            _retry(tried, values, missing, decimals, numbers, exact)
    decimals[~exact] = RAW
    numbers[~exact] = 0
    gappy = np.asarray(missing.any(axis=1))
    filled = _filled(numbers, missing, gappy)
    gappy = gappy & exact
    return Scaled(decimals, _narrowed(filled), gappy, missing[gappy])


def _tried(
    values: NDArray[np.float64], missing: NDArray[np.bool_], decimals: NDArray[np.uint8]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Scale and say which channels came out exact."""
    powers = _POWERS[decimals][:, None]
    numbers = np.rint(values * powers)
    same = (numbers / powers == values) & (np.abs(numbers) < _LIMIT)
    return numbers, (same | missing).all(axis=1)


def _retry(
    tried: int,
    values: NDArray[np.float64],
    missing: NDArray[np.bool_],
    decimals: NDArray[np.uint8],
    numbers: NDArray[np.float64],
    exact: NDArray[np.bool_],
) -> None:
    """Try the channels that are not exact yet with `tried` decimals."""
    left = np.flatnonzero(~exact)
    trial = np.full(len(left), tried, np.uint8)
    found, fits = _tried(values[left], missing[left], trial)
    numbers[left[fits]] = found[fits]
    decimals[left[fits]] = tried
    exact[left[fits]] = True


def _filled(
    numbers: NDArray[np.float64], missing: NDArray[np.bool_], gappy: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Repeat the value before each missing one, 0 where there is none before."""
    rows = np.flatnonzero(gappy)
    if len(rows):
        here = np.where(missing[rows], 0, np.arange(numbers.shape[1]))
        filled = np.take_along_axis(numbers[rows], np.maximum.accumulate(here, axis=1), axis=1)
        numbers[rows] = np.nan_to_num(filled, nan=0.0)
    return numbers
