"""Lists of integers as byte planes: the high ones are nearly all zeros, which compress well."""

import numpy as np
from numpy.typing import NDArray

_WIDEST = 8


def planes_of(numbers: NDArray[np.integer], planes: int) -> bytes:
    """Lay the lowest `planes` bytes of each number plane by plane, the lowest one first."""
    if planes == 1:
        return numbers.astype(np.uint8).tobytes()
    each = numbers.astype("<i8").view(np.uint8).reshape(-1, _WIDEST)[:, :planes]
    return each.T.tobytes()


def signed_of(data: bytes, count: int) -> NDArray[np.int64]:
    """Undo `planes_of` for `count` numbers that may be below 0.

    Raises:
        ValueError: the data are no whole planes, or more than eight.
    """
    if len(data) == count:
        return np.frombuffer(data, np.int8).astype(np.int64)
    wide, unsaid = _widened(data, count)
    return wide.view(np.int64) >> unsaid


def _widened(data: bytes, count: int) -> tuple[NDArray[np.uint64], int]:
    """Give numbers whose highest bytes are the planes, and how many bits lie below these."""
    planes = np.frombuffer(data, np.uint8).reshape(-1, count)
    unsaid = _WIDEST - len(planes)
    if not 0 <= unsaid < _WIDEST:
        raise ValueError(f"{len(planes)} planes")
    wide = np.zeros((count, _WIDEST), np.uint8)
    wide[:, unsaid:] = planes.T
    return wide.view("<u8").reshape(count), 8 * unsaid
