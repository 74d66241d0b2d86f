"""Splits integers into noise, which no compressor shortens, and the rest, which one does.

The low bits of a measurement's steps are noise: they are kept as they are, four crumbs of two bits
to the byte. Above them small numbers of one common distribution remain, which an entropy coder
(Huffman within Zstandard) likes. What exceeds one byte there is rare, by the choice of the split,
and is listed apart; the first value of a row, which is no step, usually does. Rows are channels,
columns are points; they lie in the order of their noise, the calmest first, so that what has noise
is always the end of the rows.
"""

from bisect import bisect_right
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_KEPT_BITS = 5
"""Bits of a row's mean, its sign among them, that stay above the split; measured best for real
stations (3 to 6)."""
_CRUMB_BITS = 2
_CRUMB = 3
"""A crumb with all its bits set."""
_CRUMBS = 4
"""Crumbs in one byte."""
_WORD = np.dtype("<u4")
_WORD_OF_CRUMBS = np.uint32(0x03030303)
"""A word with all bits of its four crumbs set."""
_GATHER = np.uint32(1 << 24 | 1 << 18 | 1 << 12 | 1 << 6)
"""Times this, the crumbs that lie in the four bytes of a word meet in its highest byte."""
_MANTISSA_BITS = np.uint32(23)
"""Of a float32; its exponent lies above them, and its sign, of which sizes have none."""
_BYTE = 8
_HALF_RANGE, _RANGE = np.int16(128), np.uint16(256)
_BYTE_SHIFT, _CRUMB_SHIFT = np.int16(_BYTE), np.int16(_CRUMB_BITS)
"""As numpy's own numbers: of a plain one it asks first, at every array, what it fits."""
ITEM_BYTES = (2, 4, 8)
"""How wide the integers of a block may be."""


def _noise_bits_by_exponent(item_bytes: int) -> NDArray[np.uint8]:
    """Give the split for the eight exponent bits of a row's mean magnitude as float32."""
    most = _BYTE * item_bytes - _BYTE
    # With its sign, a number from 2**n on has n + 2 bits; float32 gives 2**n the exponent n + 127.
    significant = np.arange(256) - 125
    even = np.clip(significant - _KEPT_BITS, 0, most) & ~(_CRUMB_BITS - 1)
    return even.astype(np.uint8)


def _crumbs_by_byte(item_bytes: int) -> NDArray[np.signedinteger]:
    """Give the four crumbs of every byte, shape (256, 4), as such integers."""
    every = np.arange(256)[:, None]
    return (every >> _CRUMB_BITS * np.arange(_CRUMBS) & _CRUMB).astype(f"i{item_bytes}")


_NOISE_BITS = {item_bytes: _noise_bits_by_exponent(item_bytes) for item_bytes in ITEM_BYTES}
_UNSIGNED = {item_bytes: np.dtype(f"u{item_bytes}") for item_bytes in ITEM_BYTES}
_CRUMBS_OF = {item_bytes: _crumbs_by_byte(item_bytes) for item_bytes in ITEM_BYTES}


class Packed(NamedTuple):
    """Rows of integers, split.

    Attributes:
        noise_bits: shape (rows,), uint8, even: how many low bits of each row lie in `noise`.
        item_bytes: the width of the integers, one of ITEM_BYTES.
        places: shape (n,), int64, ascending: where, in the flat rows by noise, the part above the
            split exceeds a byte; first values aside.
        above: shape (rows + n,), of that width: what first values, by noise, and then those at
            `places` have above their byte.
        high: the low byte of each part above the split, row by row, by noise.
        noise: the low bits, two at a time, the lowest of all rows first.
    """

    noise_bits: NDArray[np.uint8]
    item_bytes: int
    places: NDArray[np.int64]
    above: NDArray[np.signedinteger]
    high: bytes
    noise: bytes


def pack(rows: NDArray[np.signedinteger], sizes: NDArray[np.float32]) -> Packed:
    """Split rows, shape (rows, columns), whose numbers measure about `sizes`."""
    item_bytes = rows.dtype.itemsize
    noise_bits = _NOISE_BITS[item_bytes].take(sizes.view(np.uint32) >> _MANTISSA_BITS)
    order = noise_bits.argsort(kind="stable")
    by_noise = rows.take(order, axis=0)
    noise = _crumbs_out_of(by_noise, noise_bits.take(order))
    high = by_noise.astype(np.uint8).tobytes()
    return Packed(noise_bits, item_bytes, *_above_a_byte(by_noise), high, noise)


def unpack(packed: Packed, columns: int) -> NDArray[np.signedinteger]:
    """Join rows again, shape (rows, columns), of the width they had.

    Raises:
        ValueError: the parts are not of the lengths that rows, columns and bits ask for, or the
            bits are more than such integers have.
    """
    if packed.noise_bits.max(initial=0) > _BYTE * (packed.item_bytes - 1):
        raise ValueError(f"{packed.noise_bits.max()} bits of noise")
    dtype: np.dtype[np.signedinteger] = np.dtype(f"i{packed.item_bytes}")
    order = packed.noise_bits.argsort(kind="stable")
    rows = np.frombuffer(packed.high, np.int8).astype(dtype).reshape(len(order), columns)
    above = packed.above << dtype.type(_BYTE)
    rows[:, 0] += above[: len(rows)]
    rows.reshape(-1)[packed.places] += above[len(rows) :]
    _crumbs_into(rows, packed.noise_bits[order], packed.noise)
    back = np.empty_like(rows)
    back[order] = rows
    return back


def _above_a_byte(
    rows: NDArray[np.signedinteger],
) -> tuple[NDArray[np.int64], NDArray[np.signedinteger]]:
    """Give where others than first values exceed a byte, and what all have above it.

    A byte holds -128 to 127, hence the half that is added. Spends `rows`.
    """
    rows += _HALF_RANGE
    firsts = rows[:, 0].copy()
    rows[:, 0] = 0
    flat = rows.reshape(-1)
    (places,) = (flat.view(_UNSIGNED[rows.dtype.itemsize]) >= _RANGE).nonzero()
    above = np.concatenate((firsts, flat[places]))
    above >>= _BYTE_SHIFT
    return places, above


def _starts(noise_bits: NDArray[np.uint8]) -> list[int]:
    """Give the first row that has a crumb, a second crumb, ..., for bits in ascending order."""
    bits = noise_bits.tobytes()
    return [
        bisect_right(bits, place) for place in range(0, max(bits[-1:], default=0), _CRUMB_BITS)
    ]


def _crumbs_out_of(rows: NDArray[np.signedinteger], noise_bits: NDArray[np.uint8]) -> bytes:
    """Shift the low bits out of rows, which lie in the order of their noise."""
    flat, columns = rows.reshape(-1), rows.shape[1]
    starts = _starts(noise_bits)
    count = flat.size * len(starts) - sum(starts) * columns
    crumbs = np.zeros(-(-count // _CRUMBS) * _CRUMBS, np.uint8)
    begin = 0
    for start in starts:
        noisy = flat[start * columns :]
        end = begin + noisy.size
        crumbs[begin:end] = noisy
        noisy >>= _CRUMB_SHIFT
        begin = end
    words = crumbs.view(_WORD)
    words &= _WORD_OF_CRUMBS
    words *= _GATHER
    return words.view(np.uint8)[3::4].tobytes()


def _crumbs_into(
    rows: NDArray[np.signedinteger], noise_bits: NDArray[np.uint8], noise: bytes
) -> None:
    """Undo `_crumbs_out_of`: what was shifted out last comes back first."""
    starts = _starts(noise_bits)
    count = sum(len(rows) - start for start in starts) * rows.shape[1]
    if len(noise) != -(-count // _CRUMBS):
        raise ValueError(f"{len(noise)} noise bytes where {count} crumbs are asked for")
    table = _CRUMBS_OF[rows.dtype.itemsize]
    crumbs = table.take(np.frombuffer(noise, np.uint8), axis=0).reshape(-1)
    end = count
    for start in reversed(starts):
        noisy = rows[start:].reshape(-1)
        begin = end - len(noisy)
        noisy <<= _CRUMB_BITS
        noisy |= crumbs[begin:end]
        end = begin
