"""What remains of a row of integers when its own past predicts it: small unsigned numbers.

The order is chosen per row: 0 keeps distances from the first value (noise around a level), 1 keeps
differences (a slow signal), 2 differences of differences (a ramp, a counter, a clock).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HIGHEST_ORDER = 2


@dataclass(frozen=True, slots=True)
class Residuals:
    """Rows predicted.

    Attributes:
        orders: shape (rows,), uint8.
        firsts: shape (rows,), int64: the first value of each row.
        rest: shape (rows, columns - 1), unsigned, zigzag, as wide as the rows were.
    """

    orders: NDArray[np.uint8]
    firsts: NDArray[np.int64]
    rest: NDArray[np.unsignedinteger]


def integers_for(most: float) -> np.dtype[np.signedinteger]:
    """Give the narrowest integers for rows whose largest magnitude is `most`, below 2**60."""
    widths = (np.int16, np.int32, np.int64)
    return np.dtype(next(width for width in widths if most <= np.iinfo(width).max))


def residuals_of(rows: NDArray[np.signedinteger]) -> Residuals:
    """Predict rows, shape (rows, columns), of the width that `integers_for` names.

    What a difference overflows wraps, and wraps back when it is undone. Works on whole rows, whose
    first column stays 0: a difference along the flat memory costs a third of one along each row.
    """
    candidates = np.empty((HIGHEST_ORDER + 1, *rows.shape), rows.dtype)
    np.subtract(rows, rows[:, :1], out=candidates[0])
    _step(rows, candidates[1])
    _step(candidates[1], candidates[2])
    orders = _costs(candidates).argmin(axis=0).astype(np.uint8)
    chosen = candidates[1]
    for order in (0, HIGHEST_ORDER):
        others = np.flatnonzero(orders == order)
        if len(others):
            chosen[others] = candidates[order][others]
    rest = zigzag(np.ascontiguousarray(chosen[:, 1:]))
    return Residuals(orders, rows[:, 0].astype(np.int64), rest)


def rows_of(residuals: Residuals) -> NDArray[np.signedinteger]:
    """Undo `residuals_of`, as wide as the residuals; a forged one wraps and harms nobody."""
    rest, orders = residuals.rest, residuals.orders
    rows = np.empty((len(rest), rest.shape[1] + 1), np.dtype(f"i{rest.dtype.itemsize}"))
    rows[:, 0] = residuals.firsts
    rows[:, 1:] = unzigzag(rest)
    twice = np.flatnonzero(orders == HIGHEST_ORDER)
    if len(twice):
        rows[twice, 1:] = rows[twice, 1:].cumsum(axis=1, dtype=rows.dtype)
    level = np.flatnonzero(orders == 0)
    around = rows[level, 1:] + rows[level, :1]
    rows.cumsum(axis=1, dtype=rows.dtype, out=rows)
    rows[level, 1:] = around
    return rows


def zigzag(numbers: NDArray[np.signedinteger]) -> NDArray[np.unsignedinteger]:
    """Map 0, -1, 1, -2, ... to 0, 1, 2, 3, ..., at the same width."""
    sign_bit = numbers.dtype.itemsize * 8 - 1
    folded = numbers << 1
    folded ^= numbers >> sign_bit
    unsigned: NDArray[np.unsignedinteger] = folded.view(np.dtype(f"u{numbers.dtype.itemsize}"))
    return unsigned


def unzigzag(numbers: NDArray[np.unsignedinteger]) -> NDArray[np.signedinteger]:
    """Undo `zigzag`."""
    one = numbers.dtype.type(1)
    signed = np.dtype(f"i{numbers.dtype.itemsize}")
    back: NDArray[np.signedinteger] = (numbers >> one).view(signed)
    back ^= -(numbers & one).view(signed)
    return back


def _step(rows: NDArray[np.signedinteger], steps: NDArray[np.signedinteger]) -> None:
    """Write each value less the one before it in its row, 0 in the first column."""
    flat = rows.reshape(-1)
    np.subtract(flat[1:], flat[:-1], out=steps.reshape(-1)[1:])
    steps[:, 0] = 0


def _costs(candidates: NDArray[np.signedinteger]) -> NDArray[np.floating]:
    """Give the sum of magnitudes per order and row; a guide, so its rounding does no harm."""
    orders, rows, columns = candidates.shape
    wide = np.float64 if candidates.dtype == np.int64 else np.float32
    ones = np.ones(columns, wide)
    unsigned = np.dtype(f"u{candidates.dtype.itemsize}")
    costs = np.empty((orders, rows), wide)
    for order, numbers in enumerate(candidates):
        np.dot(np.abs(numbers).view(unsigned).astype(wide), ones, out=costs[order])
    return costs
