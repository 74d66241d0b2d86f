"""What remains of a row of integers when its own past predicts it: small numbers.

Each value is told by its step from the one before it. Where the steps of a row change much less
than they measure (a ramp, a counter, a clock), they are told by their own steps in turn.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_CALMER = np.float32(0.5)
"""Steps of steps are told where they are this much smaller; less is not worth their work."""
_WIDTHS_REMEMBERED = 16


class Steps(NamedTuple):
    """Rows predicted.

    Attributes:
        rows: shape (rows, columns), signed: the first value of each row, then its steps.
        sizes: shape (rows,), float32: the mean magnitude of the steps; a guide, not exact.
        twice: shape (n,), ascending: rows whose steps, from the second one on, are told as steps.
    """

    rows: NDArray[np.signedinteger]
    sizes: NDArray[np.float32]
    twice: NDArray[np.intp]


def steps_of(rows: NDArray[np.signedinteger]) -> Steps:
    """Predict rows, shape (rows, columns), at least one column.

    What a step overflows wraps, and wraps back when it is undone. The difference is taken along
    the flat memory, which costs a third of one along each row.
    """
    steps = np.empty_like(rows)
    flat = rows.reshape(-1)
    np.subtract(flat[1:], flat[:-1], out=steps.reshape(-1)[1:])
    steps[:, 0] = rows[:, 0]
    once, again = _sizes(steps)
    twice = (again < once * _CALMER).nonzero()[0]
    if len(twice):
        told = steps[twice]
        told[:, 2:] -= steps[twice, 1:-1]
        steps[twice] = told
        once[twice] = again[twice]
    return Steps(steps, once, twice)


def rows_of(
    steps: NDArray[np.signedinteger], twice: NDArray[np.intp]
) -> NDArray[np.signedinteger]:
    """Undo `steps_of`; forged steps wrap and harm nobody."""
    if len(twice):
        steps[twice, 1:] = _summed(steps[twice, 1:])
    return _summed(steps)


def _sizes(steps: NDArray[np.signedinteger]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give the mean magnitude of each row's steps, and that of the steps of its steps.

    The magnitude of the lowest integer is itself, and right if it is read without a sign.
    """
    once, again = _weights(steps.shape[1])
    flat = steps.reshape(-1)
    both = np.empty((2, flat.size), flat.dtype)
    both[0], both[1, :1] = flat, 0
    np.subtract(flat[1:], flat[:-1], out=both[1, 1:])
    np.abs(both, out=both)
    numbers, changes = both.view(f"u{flat.itemsize}").astype(np.float32).reshape(2, *steps.shape)
    return numbers.dot(once), changes.dot(again)


@lru_cache(_WIDTHS_REMEMBERED)
def _weights(columns: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give what makes a sum a mean, leaving out what is no step, and what is no step of steps."""
    weights = np.full((2, columns), 1 / max(columns - 1, 1), np.float32)
    weights[0, :1] = weights[1, :2] = 0
    return weights[0], weights[1]


def _summed(steps: NDArray[np.signedinteger]) -> NDArray[np.signedinteger]:
    """Give running sums along each row.

    In rounds, each of which doubles how far a sum reaches, on whole lines of memory: a running
    sum proper waits for itself at every number, and takes four times as long.
    """
    rows, columns = steps.shape
    sums = np.ascontiguousarray(steps.T).reshape(-1)
    spare = np.empty_like(sums)
    reach = rows
    while reach < len(sums):
        spare[:reach] = sums[:reach]
        np.add(sums[reach:], sums[:-reach], out=spare[reach:])
        sums, spare = spare, sums
        reach *= 2
    return np.ascontiguousarray(sums.reshape(columns, rows).T)
