"""The point block: columns of telemetry in about one byte per point, exactly.

Row 0 of the numbers is the clock: times less a steady step.
"""

from struct import error
from typing import Any

import cbor2
import numpy as np
import zstandard
from numpy.typing import NDArray

from plume.model.telemetry import Columns, SeriesTable
from plume.series.framing import MOST_POINTS, BadBlock, framed, unframed
from plume.series.packing import Packed, pack, unpack
from plume.series.residuals import Residuals, residuals_of, rows_of, unzigzag, zigzag
from plume.series.scaling import RAW, scaled, unscaled

__all__ = ["MOST_POINTS", "BadBlock", "decode", "encode"]

_NARROW = 2**28
_WIDE = 2**60
_FAULTS = (
    cbor2.CBORError, zstandard.ZstdError, error,
    ValueError, TypeError, IndexError, KeyError, OverflowError, RecursionError, AttributeError,
)  # fmt: skip


def encode(columns: Columns) -> bytes:
    """Write a block; every value comes back as the same decimal number, or the same float64.

    Decimals of a channel without values are dropped.
    """
    codes = list(columns.values)
    width = max(len(columns.times), 1)
    if width * (len(codes) + 1) > MOST_POINTS:
        raise ValueError(f"{width} x {len(codes)} points, {MOST_POINTS} allowed")
    values = _matrix(columns.values, np.dtype(np.float64), width)
    declared = np.array([columns.decimals.get(code, RAW) for code in codes], np.uint8)
    numbers = scaled(values, declared)
    start, step, clock = _clock(columns.times, width)
    residuals = residuals_of(_integers(clock, numbers.numbers))
    packed = pack(residuals.rest)
    raw = numbers.decimals == RAW
    gappy = numbers.missing.any(axis=1) & ~raw
    return framed(
        [
            columns.table.value,
            columns.subject,
            len(columns.times),
            start,
            step,
            "\n".join(codes),
            declared.tobytes(),
            numbers.decimals.tobytes(),
            residuals.orders.tobytes(),
            _shuffled(residuals.firsts),
            packed.noise_bits.tobytes(),
            packed.widths.tobytes(),
            np.packbits(gappy).tobytes(),
            np.packbits(numbers.missing[gappy]).tobytes(),
            values[raw].astype("<f8").tobytes(),
            *_flags_head(columns.flags, codes, width),
        ],
        packed,
    )


def decode(data: bytes) -> Columns:
    """Read a block.

    Raises:
        BadBlock: damaged, or of a size above MOST_POINTS, before memory is spent on it.
    """
    try:
        return _columns(*unframed(data))
    except _FAULTS as fault:
        raise BadBlock(f"not a point block: {fault}") from fault


def _matrix(rows: dict[str, NDArray[Any]], dtype: np.dtype[Any], width: int) -> NDArray[Any]:
    """Stack rows, shape (len(rows), width)."""
    if not rows:
        return np.zeros((0, width), dtype)
    joined = np.concatenate(list(rows.values()), dtype=dtype, casting="same_kind")
    return joined.reshape(len(rows), width) if joined.size else np.zeros((len(rows), width), dtype)


def _clock(times: NDArray[np.int64], width: int) -> tuple[int, int, NDArray[np.int64]]:
    """Take the steady part out of the times: start, step, and what is left."""
    if not len(times):
        return 0, 0, np.zeros(width, np.int64)
    start = int(times[0])
    step = int(times[-1] - times[0]) // max(len(times) - 1, 1)
    return start, step, times - start - step * np.arange(width)


def _integers(clock: NDArray[np.int64], numbers: NDArray[np.float64]) -> NDArray[Any]:
    """Put the clock above the numbers, as int32 where all fit, else int64."""
    most = max(np.abs(clock).max(), np.abs(numbers).max(initial=0))
    if most >= _WIDE:
        raise ValueError("times too far apart")
    rows = np.empty((len(numbers) + 1, len(clock)), np.int32 if most < _NARROW else np.int64)
    rows[0] = clock
    rows[1:] = numbers
    return rows


def _shuffled(numbers: NDArray[np.int64]) -> bytes:
    """Lay numbers byte plane by byte plane: the upper planes are empty."""
    planes: NDArray[np.uint8] = zigzag(numbers).astype("<u8").view(np.uint8).reshape(-1, 8).T
    return planes.tobytes()


def _unshuffled(data: bytes) -> NDArray[np.int64]:
    planes = np.frombuffer(data, np.uint8).reshape(8, -1).T
    return unzigzag(np.ascontiguousarray(planes).view("<u8")[:, 0])


def _flags_head(flags: dict[str, NDArray[np.uint8]], codes: list[str], width: int) -> list[object]:
    """Give names (None: those of the values) and ordinals: one per channel if none changes."""
    names = list(flags)
    matrix = _matrix(flags, np.dtype(np.uint8), width)
    steady = bool((matrix == matrix[:, :1]).all())
    if not steady:
        matrix[:, 1:] ^= matrix[:, :-1].copy()
    kept = matrix[:, :1] if steady else matrix
    return [None if names == codes else "\n".join(names), kept.tobytes()]


def _columns(head: list[Any], high: bytes, noise: bytes) -> Columns:
    table, subject, count, start, step, names, declared, decimals, *rows, flag_names, flags = head
    codes = names.split("\n") if names else []
    width = max(_whole(count), 1)
    if width * (len(codes) + 1) > MOST_POINTS:
        raise BadBlock(f"claims {width} x {len(codes)} points, {MOST_POINTS} allowed")
    places = np.frombuffer(decimals, np.uint8)
    clock, values = _values(rows, (high, noise), places, width)
    return Columns(
        table=SeriesTable(table),
        subject=_text(subject),
        times=(clock + start + step * np.arange(width))[:count],
        values=dict(zip(codes, values[:, :count], strict=True)),
        flags=_flags(codes if flag_names is None else flag_names, flags, width, count),
        decimals={c: d for c, d in zip(codes, declared, strict=True) if d != RAW},
    )


def _values(
    rows: list[bytes],
    body: tuple[bytes, bytes],
    decimals: NDArray[np.uint8],
    width: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    orders, firsts, noise_bits, widths, gappy, missing, raw = rows
    packed = Packed(np.frombuffer(noise_bits, np.uint8), np.frombuffer(widths, np.uint8), *body)
    _require_rows(len(decimals) + 1, orders, noise_bits, widths)
    rest = unpack(packed, width - 1)
    numbers = rows_of(Residuals(np.frombuffer(orders, np.uint8), _unshuffled(firsts), rest))
    values = unscaled(numbers[1:], decimals)
    gaps = np.unpackbits(np.frombuffer(gappy, np.uint8), count=len(values)).astype(bool)
    if gaps.any():
        mask = np.unpackbits(np.frombuffer(missing, np.uint8), count=int(gaps.sum()) * width)
        values[gaps] = np.where(mask.reshape(-1, width), np.nan, values[gaps])
    values[decimals == RAW] = np.frombuffer(raw, "<f8").reshape(-1, width)
    return numbers[0], values


def _flags(
    names: str | list[str], flags: bytes, width: int, count: int
) -> dict[str, NDArray[np.uint8]]:
    codes = names if isinstance(names, list) else [name for name in names.split("\n") if name]
    if not codes:
        return {}
    matrix = np.frombuffer(flags, np.uint8).reshape(len(codes), -1)
    full = (
        np.repeat(matrix, width, axis=1)
        if matrix.shape[1] == 1
        else np.bitwise_xor.accumulate(matrix, axis=1)
    )
    if full.shape[1] != width:
        raise BadBlock(f"{full.shape[1]} flags for {width} points")
    return dict(zip(codes, full[:, :count], strict=True))


def _require_rows(count: int, *columns: bytes) -> None:
    if any(len(column) != count for column in columns):
        raise BadBlock(f"not {count} rows everywhere")


def _whole(count: object) -> int:
    if not isinstance(count, int) or not 0 <= count <= MOST_POINTS:
        raise BadBlock(f"claims {count} points")
    return count


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadBlock("the subject is not text")
    return value
