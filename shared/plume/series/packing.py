"""Unsigned integers of very different size into few bytes, row by row, without a Python loop.

Each row is split at a bit of its own: below it the digits are noise and are packed two bits at a
time as they are; above it small numbers of one common distribution remain, which an entropy coder
(Huffman within Zstandard) likes. What exceeds one byte there is rare, by the choice of the split,
and is listed apart. Rows are channels, columns are points.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_KEPT_BITS = 5
"""Bits of a row's mean that stay above the split; measured best for real stations (3 to 6)."""
_CRUMB_BITS = 2
_CRUMBS = 4
"""Crumbs in one byte."""
_BYTE = 8
_MOST_BYTE = 255
ITEM_BYTES = (2, 4, 8)
"""How wide the integers of a block may be."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Rows of unsigned integers, split.

    Attributes:
        noise_bits: shape (rows,), uint8, even: how many low bits of each row lie in `noise`.
        item_bytes: the width of the integers, one of ITEM_BYTES.
        places: shape (n,), ascending: where, in the flat rows, the part above the split exceeds
            a byte.
        excess: shape (n,), uint64, > 0: what it has above that byte.
        high: the low byte of each part above the split, row by row.
        noise: the low bits, two at a time, lowest first.
    """

    noise_bits: NDArray[np.uint8]
    item_bytes: int
    places: NDArray[np.int64]
    excess: NDArray[np.uint64]
    high: bytes
    noise: bytes


def pack(rows: NDArray[np.unsignedinteger]) -> Packed:
    """Split rows, shape (rows, columns), uint16, uint32 or uint64."""
    noise_bits = _noise_bits(rows)
    high = rows >> noise_bits.astype(rows.dtype)[:, None]
    places = _exceeding(high)
    excess = high.reshape(-1)[places].astype(np.uint64) >> np.uint64(_BYTE)
    low = high.astype(np.uint8).tobytes()
    width = rows.dtype.itemsize
    return Packed(noise_bits, width, places, excess, low, _crumbs(rows, noise_bits))


def unpack(packed: Packed, columns: int) -> NDArray[np.unsignedinteger]:
    """Join rows again, shape (rows, columns), of the width they had.

    Raises:
        ValueError: the parts are not of the lengths that rows, columns and bits ask for.
    """
    dtype: np.dtype[np.unsignedinteger] = np.dtype(f"u{packed.item_bytes}")
    bits = packed.noise_bits
    if len(packed.high) != len(bits) * columns:
        raise ValueError(f"{len(packed.high)} high bytes, {len(bits) * columns} asked for")
    rows = np.frombuffer(packed.high, np.uint8).astype(dtype).reshape(len(bits), columns)
    if len(packed.places):
        rows.reshape(-1)[packed.places] |= (packed.excess << np.uint64(_BYTE)).astype(dtype)
    if bits.any():
        rows <<= bits.astype(dtype)[:, None]
    _add_crumbs(rows, bits, packed.noise)
    return rows


def _noise_bits(rows: NDArray[np.unsignedinteger]) -> NDArray[np.uint8]:
    """Split where a row's mean keeps _KEPT_BITS; a guide, so its rounding does no harm."""
    wide = np.float64 if rows.dtype == np.uint64 else np.float32
    mean = rows.astype(wide) @ np.full(rows.shape[1], 1 / max(rows.shape[1], 1), wide)
    split = np.clip(np.frexp(mean)[1] - _KEPT_BITS, 0, _BYTE * rows.dtype.itemsize - _BYTE)
    even: NDArray[np.uint8] = (split & ~(_CRUMB_BITS - 1)).astype(np.uint8)
    return even


def _exceeding(high: NDArray[np.unsignedinteger]) -> NDArray[np.int64]:
    if high.max(initial=0) <= _MOST_BYTE:
        return np.zeros(0, np.int64)
    return np.flatnonzero(high > _MOST_BYTE)


def _crumbs(rows: NDArray[np.unsignedinteger], noise_bits: NDArray[np.uint8]) -> bytes:
    """Pack the low bits, two at a time: first crumb of every row that has one, then the second."""
    most = int(noise_bits.max(initial=0))
    if not most:
        return b""
    low = rows.astype(np.uint8) if most <= _BYTE else rows
    places, noisy = _noisy(noise_bits, most)
    parts = low[noisy]
    parts >>= places.astype(low.dtype)[:, None]
    flat = parts.astype(np.uint8, copy=False).reshape(-1)
    flat &= np.uint8(_CRUMBS - 1)
    quads = np.zeros(-(-len(flat) // _CRUMBS) * _CRUMBS, np.uint8)
    quads[: len(flat)] = flat
    words: NDArray[np.uint32] = quads.view("<u4")
    words = words | words >> np.uint32(6) | words >> np.uint32(12) | words >> np.uint32(18)
    return words.astype(np.uint8).tobytes()


def _add_crumbs(
    rows: NDArray[np.unsignedinteger], noise_bits: NDArray[np.uint8], noise: bytes
) -> None:
    columns = rows.shape[1]
    crumb_rows = int(noise_bits.sum(dtype=np.int64)) // _CRUMB_BITS
    count = crumb_rows * columns
    if len(noise) != -(-count // _CRUMBS):
        raise ValueError(f"{len(noise)} noise bytes where {count} crumbs are asked for")
    words = np.frombuffer(noise, np.uint8).astype("<u4")
    words = words | words << np.uint32(6) | words << np.uint32(12) | words << np.uint32(18)
    flat = (words & np.uint32(0x03030303)).view(np.uint8)[:count].reshape(crumb_rows, columns)
    for place in range(0, int(noise_bits.max(initial=0)), _CRUMB_BITS):
        noisy = np.flatnonzero(noise_bits > place)
        crumbs = flat[: len(noisy)].astype(rows.dtype)
        flat = flat[len(noisy) :]
        crumbs <<= rows.dtype.type(place)
        rows[noisy] |= crumbs


def _noisy(noise_bits: NDArray[np.uint8], most: int) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Give place and row of every row of crumbs, in the order in which they lie."""
    places = np.arange(0, most, _CRUMB_BITS)
    which, rows = np.nonzero(noise_bits > places[:, None])
    return places[which], rows
