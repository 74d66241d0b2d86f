"""Unsigned integers of very different size into few bytes, row by row, without a Python loop.

Each row is split at a bit of its own: below it the digits are noise and are packed two bits at a
time as they are; above it small numbers of one common distribution remain, which an entropy coder
(Huffman within Zstandard) likes. Rows are channels, columns are points.
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
_WORD_BITS = 64


@dataclass(frozen=True, slots=True)
class Packed:
    """Rows of unsigned integers, split.

    Attributes:
        noise_bits: shape (rows,), uint8, even: how many low bits of each row lie in `noise`.
        widths: shape (rows,), uint8: bytes of the part above the split of each row, 1 to 8.
        high: byte planes of the parts above, lowest plane of all rows first.
        noise: the low bits, two at a time, lowest first.
    """

    noise_bits: NDArray[np.uint8]
    widths: NDArray[np.uint8]
    high: bytes
    noise: bytes


def pack(rows: NDArray[np.unsignedinteger]) -> Packed:
    """Split rows, shape (rows, columns), uint32 or uint64."""
    noise_bits = _noise_bits(rows)
    high = rows >> noise_bits[:, None].astype(rows.dtype)
    widths = _widths(high)
    planes = [_plane(high, widths, place) for place in range(int(widths.max(initial=1)))]
    return Packed(noise_bits, widths, b"".join(planes), _crumbs(rows, noise_bits))


def unpack(packed: Packed, columns: int) -> NDArray[np.unsignedinteger]:
    """Join rows again, shape (rows, columns), uint32 where every row fits, else uint64.

    Raises:
        ValueError: the parts are not of the lengths that bits and widths ask for.
    """
    bits, widths = packed.noise_bits, packed.widths
    narrow = (bits + _BYTE * widths.astype(np.int64)).max(initial=0) <= _WORD_BITS // 2
    dtype: np.dtype[np.unsignedinteger] = np.dtype(np.uint32 if narrow else np.uint64)
    rows = _joined_planes(packed.high, widths, columns, dtype)
    rows <<= bits[:, None].astype(dtype)
    _add_crumbs(rows, bits, packed.noise)
    return rows


def high_size(widths: NDArray[np.uint8], columns: int) -> int:
    """Give the bytes of `Packed.high` that these widths ask for."""
    return int(widths.sum(dtype=np.int64)) * columns


def _noise_bits(rows: NDArray[np.unsignedinteger]) -> NDArray[np.uint8]:
    mean = rows.mean(axis=1, dtype=np.float64) if rows.size else np.zeros(len(rows))
    length = np.frexp(mean)[1]
    split = np.clip(length - _KEPT_BITS, 0, _WORD_BITS - _BYTE)
    even: NDArray[np.uint8] = (split // _CRUMB_BITS * _CRUMB_BITS).astype(np.uint8)
    return even


def _widths(high: NDArray[np.unsignedinteger]) -> NDArray[np.uint8]:
    length = np.frexp(high.max(axis=1, initial=0).astype(np.float64))[1]
    widths: NDArray[np.uint8] = np.clip((length + _BYTE - 1) // _BYTE, 1, _BYTE).astype(np.uint8)
    return widths


def _plane(high: NDArray[np.unsignedinteger], widths: NDArray[np.uint8], place: int) -> bytes:
    wide = high if place == 0 else high[widths > place] >> high.dtype.type(_BYTE * place)
    return wide.astype(np.uint8).tobytes()


def _joined_planes(
    high: bytes, widths: NDArray[np.uint8], columns: int, dtype: np.dtype[np.unsignedinteger]
) -> NDArray[np.unsignedinteger]:
    planes = np.frombuffer(high, np.uint8)
    if len(planes) != high_size(widths, columns):
        raise ValueError(f"{len(planes)} high bytes, {high_size(widths, columns)} asked for")
    planes = planes.reshape(int(widths.sum(dtype=np.int64)), columns)
    rows = planes[: len(widths)].astype(dtype)
    offset = len(widths)
    for place in range(1, int(widths.max(initial=1))):
        wide = np.flatnonzero(widths > place)
        plane = planes[offset : offset + len(wide)].astype(dtype)
        rows[wide] |= plane << dtype.type(_BYTE * place)
        offset += len(wide)
    return rows


def _crumbs(rows: NDArray[np.unsignedinteger], noise_bits: NDArray[np.uint8]) -> bytes:
    """Pack the low bits, two at a time: first crumb of every row that has one, then the second."""
    low = rows.astype(np.uint8) if noise_bits.max(initial=0) <= _BYTE else rows
    parts = [
        low[noise_bits > place] >> low.dtype.type(place)
        for place in range(0, int(noise_bits.max(initial=0)), _CRUMB_BITS)
    ]
    if not parts:
        return b""
    flat = np.concatenate(parts).astype(np.uint8).ravel() & np.uint8(_CRUMBS - 1)
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
    offset = 0
    for place in range(0, int(noise_bits.max(initial=0)), _CRUMB_BITS):
        noisy = np.flatnonzero(noise_bits > place)
        crumbs = flat[offset : offset + len(noisy)].astype(rows.dtype)
        rows[noisy] |= crumbs << rows.dtype.type(place)
        offset += len(noisy)
