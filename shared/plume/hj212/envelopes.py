"""Lengths, checks and line ends of many frames at once: held against the bytes, and written."""

from collections.abc import Sequence
from itertools import accumulate
from string import digits

import numpy as np
from numpy.typing import NDArray

from plume.hj212.checksum import crcs

HEAD_BYTES, TAIL_BYTES = 6, 6
_START = int.from_bytes(b"##", "little")
_LINE_END = int.from_bytes(b"\r\n", "little")
_TO_LETTERS = ord("A") - ord("9") - 1


def agree(buffer: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell of each frame `[start, end)` whether head, length, CRC and line end agree.

    Source:
        HJ 212-2017, 6.3.1 and annex A.
    """
    agrees: NDArray[np.bool_] = ends - starts > HEAD_BYTES + TAIL_BYTES
    whole = np.flatnonzero(agrees)
    if len(whole):
        agrees[whole] = _agree(buffer, starts[whole], ends[whole])
    return agrees


def framed(bodies: Sequence[bytes]) -> list[bytes]:
    """Put data segments, none of them empty, into their envelopes."""
    ends = list(accumulate(map(len, bodies)))
    last = np.array(ends, np.int64)
    first = np.array([0, *ends[:-1]], np.int64)
    checks = crcs(b"".join(bodies), first, last).tolist() if bodies else []
    return [
        b"##%04d%b%04X\r\n" % (len(body), body, check)
        for body, check in zip(bodies, checks, strict=True)
    ]


def _agree(buffer: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Compare word by word with what the frames themselves say."""
    fours = np.ndarray(len(buffer) - 3, np.dtype("<u4"), buffer, strides=(1,))
    pairs = np.ndarray(len(buffer) - 1, np.dtype("<u2"), buffer, strides=(1,))
    first, last = starts + HEAD_BYTES, ends - TAIL_BYTES
    agrees: NDArray[np.bool_] = fours[starts + 2] == _digits(last - first, 10)
    agrees &= fours[last] == _digits(crcs(buffer, first, last).astype(np.int64), 16)
    agrees &= pairs[starts] == _START
    agrees &= pairs[ends - 2] == _LINE_END
    return agrees


def _digits(numbers: NDArray[np.int64], base: int) -> NDArray[np.uint32]:
    """Write four digits, the highest first, as one little-endian word of ASCII."""
    words = np.zeros(len(numbers), np.int64)
    for _ in range(4):
        numbers, digit = np.divmod(numbers, base)
        words = words << 8 | digit + ord("0") + (digit >= len(digits)) * _TO_LETTERS
    return words.astype(np.uint32)
