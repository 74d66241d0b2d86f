"""Float columns as exact integers: a value with declared decimals is an integer in disguise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RAW = 255
"""Stands for "no number of decimals says it exactly": the channel is kept as float64 bits."""
MOST_DECIMALS = 15
_TRIED_DECIMALS = 10
_LIMIT = 2.0**52
"""Integers below it, and powers of ten up to 22, are exact: their quotient is rounded right."""
_POWERS = 10.0 ** np.arange(MOST_DECIMALS + 1)


@dataclass(frozen=True, slots=True)
class Scaled:
    """Channels as integers.

    Attributes:
        decimals: shape (channels,), uint8: digits after the point, or RAW.
        numbers: shape (channels, points), float64 without fraction; 0 in RAW rows, and each
            missing value repeats the one before it.
        missing: shape (channels, points), bool: NaN there.
    """

    decimals: NDArray[np.uint8]
    numbers: NDArray[np.float64]
    missing: NDArray[np.bool_]


def scaled(values: NDArray[np.float64], declared: NDArray[np.uint8]) -> Scaled:
    """Scale channels, shape (channels, points), by their declared decimals, if that is exact.

    A channel for which it is not, or with nothing declared (RAW), takes the fewest decimals that
    are exact for all its values; if there are none, it is left RAW.
    """
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
    return Scaled(decimals, _filled(numbers, missing), missing)


def unscaled(numbers: NDArray[np.int64], decimals: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Undo `scaled` for rows that are not RAW: the float64 nearest to each decimal number."""
    return numbers / _POWERS[np.minimum(decimals, MOST_DECIMALS)][:, None]


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


def _filled(numbers: NDArray[np.float64], missing: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Repeat the value before each missing one, 0 where there is none before."""
    gappy = np.flatnonzero(missing.any(axis=1))
    if len(gappy):
        here = np.where(missing[gappy], 0, np.arange(numbers.shape[1]))
        filled = np.take_along_axis(numbers[gappy], np.maximum.accumulate(here, axis=1), axis=1)
        numbers[gappy] = np.nan_to_num(filled, nan=0.0)
    return numbers
