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
        rest: shape (rows, columns - 1), uint32 or uint64, zigzag.
    """

    orders: NDArray[np.uint8]
    firsts: NDArray[np.int64]
    rest: NDArray[np.unsignedinteger]


def residuals_of(rows: NDArray[np.signedinteger]) -> Residuals:
    """Predict rows, shape (rows, columns), int32 (|x| < 2**28) or int64 (|x| < 2**60)."""
    firsts = rows[:, :1]
    candidates = [rows[:, 1:] - firsts, np.diff(rows, axis=1)]
    candidates.append(np.diff(candidates[1], axis=1, prepend=candidates[1].dtype.type(0)))
    costs = [np.abs(candidate).sum(axis=1, dtype=np.float64) for candidate in candidates]
    orders = np.argmin(costs, axis=0).astype(np.uint8)
    chosen = candidates[1]
    for order in (0, HIGHEST_ORDER):
        chosen[orders == order] = candidates[order][orders == order]
    return Residuals(orders, firsts[:, 0].astype(np.int64), zigzag(chosen))


def rows_of(residuals: Residuals) -> NDArray[np.int64]:
    """Undo `residuals_of`, as int64; a forged residual wraps around and harms nobody."""
    steps = unzigzag(residuals.rest).astype(np.int64)
    orders = residuals.orders
    twice = orders == HIGHEST_ORDER
    if twice.any():
        steps[twice] = steps[twice].cumsum(axis=1)
    moving = orders > 0
    if moving.all():
        steps.cumsum(axis=1, out=steps)
    else:
        steps[moving] = steps[moving].cumsum(axis=1)
    return np.concatenate([residuals.firsts[:, None], steps + residuals.firsts[:, None]], axis=1)


def zigzag(numbers: NDArray[np.signedinteger]) -> NDArray[np.unsignedinteger]:
    """Map 0, -1, 1, -2, ... to 0, 1, 2, 3, ..., at the same width."""
    sign_bit = numbers.dtype.itemsize * 8 - 1
    folded = (numbers << 1) ^ (numbers >> sign_bit)
    unsigned: NDArray[np.unsignedinteger] = folded.view(np.dtype(f"u{numbers.dtype.itemsize}"))
    return unsigned


def unzigzag(numbers: NDArray[np.unsignedinteger]) -> NDArray[np.signedinteger]:
    """Undo `zigzag`."""
    one = numbers.dtype.type(1)
    signed = np.dtype(f"i{numbers.dtype.itemsize}")
    half: NDArray[np.signedinteger] = (numbers >> one).view(signed)
    back: NDArray[np.signedinteger] = half ^ -(numbers & one).view(signed)
    return back
