"""The point block: columns of telemetry in about one byte per point, exactly.

Row 0 of the numbers is the clock: times less a steady step.
"""

from collections.abc import Iterable
from operator import attrgetter
from struct import error
from typing import Any, cast

import cbor2
import numpy as np
import zstandard
from numpy.typing import NDArray

from plume.model.telemetry import Columns, SeriesTable
from plume.series.framing import MOST_POINTS, BadBlock, framed, unframed
from plume.series.packing import ITEM_BYTES, Packed, pack, unpack
from plume.series.residuals import (
    Residuals,
    integers_for,
    residuals_of,
    rows_of,
    unzigzag,
    zigzag,
)
from plume.series.scaling import RAW, Scaled, scaled, unscaled

__all__ = ["MOST_POINTS", "BadBlock", "decode", "encode"]

_DTYPE_OF = attrgetter("dtype")
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
    declared = _declared(codes, columns.decimals)
    numbers = scaled(values, declared)
    start, step, clock = _clock(columns.times, width)
    residuals = residuals_of(_integers(clock, numbers))
    packed = pack(residuals.rest)
    return framed(
        [
            columns.table.value,
            columns.subject,
            len(columns.times),
            start,
            step,
            "\n".join(codes),
            declared.tobytes(),
            b"" if numbers.decimals is declared else numbers.decimals.tobytes(),
            *_values_head(residuals, packed),
            *_gaps_head(numbers, values),
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
    """Stack rows, shape (len(rows), width), read-only; joining bytes is the fastest way."""
    if not rows:
        return np.zeros((0, width), dtype)
    if set(map(_DTYPE_OF, rows.values())) != {dtype}:
        joined = np.concatenate(list(rows.values()), dtype=dtype, casting="same_kind")
    else:
        joined = np.frombuffer(b"".join(cast("Iterable[bytes]", rows.values())), dtype)
    return joined.reshape(len(rows), width) if joined.size else np.zeros((len(rows), width), dtype)


def _declared(codes: list[str], decimals: dict[str, int]) -> NDArray[np.uint8]:
    return np.frombuffer(bytes([decimals.get(code, RAW) for code in codes]), np.uint8)


def _clock(times: NDArray[np.int64], width: int) -> tuple[int, int, NDArray[np.int64]]:
    """Take the steady part out of the times: start, step, and what is left."""
    if not len(times):
        return 0, 0, np.zeros(width, np.int64)
    start = int(times[0])
    step = int(times[-1] - times[0]) // max(len(times) - 1, 1)
    return start, step, times - start - step * np.arange(width)


def _integers(clock: NDArray[np.int64], channels: Scaled) -> NDArray[Any]:
    """Put the clock above the numbers, as the narrowest integers that hold all of them."""
    most = max(clock.max(), -clock.min(), channels.most)
    if most >= _WIDE:
        raise ValueError("times too far apart")
    numbers = channels.numbers
    rows = np.empty((len(numbers) + 1, len(clock)), integers_for(float(most)))
    rows[0] = clock
    rows[1:] = numbers
    return rows


def _values_head(residuals: Residuals, packed: Packed) -> list[object]:
    """Give what rows and exceptions need; their numbers lie shuffled as one."""
    firsts = zigzag(residuals.firsts).view(np.uint64)
    gaps = np.diff(packed.places, prepend=0).view(np.uint64)
    return [
        residuals.orders.tobytes(),
        packed.noise_bits.tobytes(),
        packed.item_bytes,
        len(packed.places),
        _shuffled(np.concatenate([firsts, gaps, packed.excess])),
    ]


def _gaps_head(numbers: Scaled, values: NDArray[np.float64]) -> list[object]:
    """Give which values are missing, and those that no decimals say; nothing for most blocks."""
    if numbers.as_declared:
        return [b"", b"", b""]
    return [
        np.packbits(numbers.gappy).tobytes(),
        np.packbits(numbers.missing).tobytes(),
        values[numbers.decimals == RAW].astype("<f8").tobytes(),
    ]


def _shuffled(numbers: NDArray[np.uint64]) -> bytes:
    """Lay numbers byte plane by byte plane, as many planes as the largest one needs."""
    planes = (int(numbers.max(initial=0)).bit_length() + 7) // 8
    columns = numbers.astype("<u8", copy=False).view(np.uint8).reshape(-1, 8)[:, :planes]
    return columns.T.tobytes()


def _unshuffled(data: bytes, count: int) -> NDArray[np.uint64]:
    """Undo `_shuffled` for `count` numbers, at least one."""
    numbers = np.zeros((count, 8), np.uint8)
    planes = np.frombuffer(data, np.uint8).reshape(-1, count)
    numbers[:, : len(planes)] = planes.T
    return numbers.view("<u8").reshape(count)


def _flags_head(flags: dict[str, NDArray[np.uint8]], codes: list[str], width: int) -> list[object]:
    """Give names (None: those of the values) and ordinals: one per channel if none changes."""
    names = list(flags)
    matrix = _matrix(flags, np.dtype(np.uint8), width)
    said = None if names == codes else "\n".join(names)
    if names and bool((matrix == matrix[0, 0]).all()):
        return [said, bytes([matrix[0, 0]]) * len(names)]
    if (matrix == matrix[:, :1]).all():
        return [said, matrix[:, 0].tobytes()]
    changes = matrix.copy()
    changes[:, 1:] ^= matrix[:, :-1]
    return [said, changes.tobytes()]


def _columns(head: list[Any], high: bytes, noise: bytes) -> Columns:
    table, subject, count, start, step, names, declared, decimals, *rows, flag_names, flags = head
    codes = names.split("\n") if names else []
    width = max(_whole(count), 1)
    if width * (len(codes) + 1) > MOST_POINTS:
        raise BadBlock(f"claims {width} x {len(codes)} points, {MOST_POINTS} allowed")
    places = np.frombuffer(decimals or declared, np.uint8)
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
    rows: list[Any],
    body: tuple[bytes, bytes],
    decimals: NDArray[np.uint8],
    width: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    *numeric, gappy, missing, raw = rows
    numbers = _numbers(numeric, body, len(decimals) + 1, width)
    values = unscaled(numbers[1:], decimals)
    if any(gappy):
        gaps = np.unpackbits(np.frombuffer(gappy, np.uint8), count=len(values)).astype(bool)
        mask = np.unpackbits(np.frombuffer(missing, np.uint8), count=int(gaps.sum()) * width)
        values[gaps] = np.where(mask.reshape(-1, width), np.nan, values[gaps])
    if raw:
        values[decimals == RAW] = np.frombuffer(raw, "<f8").reshape(-1, width)
    return numbers[0].astype(np.int64), values


def _numbers(
    parts: list[Any], body: tuple[bytes, bytes], count: int, width: int
) -> NDArray[np.signedinteger]:
    """Give the integers, shape (count, width), the clock first."""
    orders, noise_bits, item_bytes, many, told = parts
    _require_rows(count, orders, noise_bits)
    if not 0 <= many <= len(body[0]):
        raise BadBlock(f"claims {many} exceptions among {len(body[0])} numbers")
    numbers = _unshuffled(told, count + 2 * many)
    packed = Packed(
        noise_bits=np.frombuffer(noise_bits, np.uint8),
        item_bytes=_item_bytes(item_bytes),
        places=numbers[count : count + many].cumsum().view(np.int64),
        excess=numbers[count + many :],
        high=body[0],
        noise=body[1],
    )
    rest = unpack(packed, width - 1)
    firsts = unzigzag(numbers[:count]).view(np.int64)
    return rows_of(Residuals(np.frombuffer(orders, np.uint8), firsts, rest))


def _flags(
    names: str | list[str], flags: bytes, width: int, count: int
) -> dict[str, NDArray[np.uint8]]:
    codes = names if isinstance(names, list) else [name for name in names.split("\n") if name]
    if not codes:
        return {}
    matrix = np.frombuffer(flags, np.uint8).reshape(len(codes), -1)
    if matrix.shape[1] == 1:
        full = np.repeat(matrix, width).reshape(len(codes), width)
    else:
        full = np.bitwise_xor.accumulate(matrix, axis=1)
    if full.shape[1] != width:
        raise BadBlock(f"{full.shape[1]} flags for {width} points")
    return dict(zip(codes, full[:, :count], strict=True))


def _require_rows(count: int, *columns: bytes) -> None:
    if any(len(column) != count for column in columns):
        raise BadBlock(f"not {count} rows everywhere")


def _item_bytes(told: object) -> int:
    if told not in ITEM_BYTES:
        raise BadBlock(f"claims integers of {told!r} bytes")
    return told


def _whole(count: object) -> int:
    if not isinstance(count, int) or not 0 <= count <= MOST_POINTS:
        raise BadBlock(f"claims {count} points")
    return count


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadBlock("the subject is not text")
    return value
