"""The point block: columns of telemetry in about one byte per point, exactly."""

from collections.abc import Iterable
from functools import lru_cache
from struct import error
from typing import Any, cast

import cbor2
import numpy as np
import zstandard
from numpy.typing import NDArray

from plume.model.telemetry import Columns
from plume.series.framing import MOST_POINTS, BadBlock, Numbers, Parts, framed, unframed
from plume.series.packing import ITEM_BYTES, Packed, pack, unpack
from plume.series.plan import Plan, plan_frame, plan_of
from plume.series.planes import planes_of, signed_of
from plume.series.residuals import rows_of, steps_of
from plume.series.scaling import RAW, Scaled, integers_for, scaled, unscaled

__all__ = ["MOST_POINTS", "BadBlock", "decode", "encode"]

# glibc gives memory back to the system when 128 KiB lie free at the end of its heap, and asks for
# it again, page by page, at the next block: whether it does depends on what else a program keeps
# there, and it costs half as much again as the block. One larger piece that is freed raises that
# bound to twice its size for the whole process (mallopt(3), M_TRIM_THRESHOLD).
np.empty(1 << 20, np.uint8)

_FLOAT = np.dtype(np.float64)
_WIDE = 2**60
_GAP, _WIDE_GAP = np.dtype("<u2"), np.dtype("<u4")
_MOST_GAP = np.iinfo(_GAP).max
_FLAGS_REMEMBERED = _CLOCKS_REMEMBERED = 4
_REMEMBERED_POINTS = 1 << 17
_TWICE = 1
"""Noise bits are even: where this is added, the steps of the row are told as steps."""
_NOISE_BITS = ~np.uint8(_TWICE)
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
    most = max(len(codes), len(columns.flags))
    if width * (most + 1) > MOST_POINTS:
        raise ValueError(f"{width} x {most} points, {MOST_POINTS} allowed")
    declared = _declared(codes, columns.decimals)
    values, numbers = _scaled(columns.values, declared, width)
    start, step, clock = _clock(columns.times, width)
    packed, high = _packed(_with_clock(clock, numbers.numbers))
    names, ordinals, changes = _flags_said(columns.flags, codes, width)
    plan = plan_frame(
        columns.table.value,
        columns.subject,
        "\n".join(codes),
        declared.tobytes(),
        b"" if numbers.decimals is declared else numbers.decimals.tobytes(),
        names,
        ordinals,
    )
    few = Numbers(
        len(columns.times), start, step, len(packed.places), packed.item_bytes, clock is None
    )
    return framed(Parts(few, plan, [*_gaps_said(numbers, values), changes], high, packed.noise))


def decode(data: bytes) -> Columns:
    """Read a block.

    Raises:
        BadBlock: damaged, or of a size above MOST_POINTS, before memory is spent on it.
    """
    try:
        parts = unframed(data)
        return _columns(parts, plan_of(parts.plan))
    except _FAULTS as fault:
        raise BadBlock(f"not a point block: {fault}") from fault


def _scaled(
    rows: dict[str, NDArray[np.float64]], declared: NDArray[np.uint8], width: int
) -> tuple[NDArray[np.float64], Scaled]:
    """Stack rows, shape (len(rows), width), and scale them; joining bytes is the fastest way.

    To ask each row for its type takes as long again. It is asked only if the numbers are not what
    was declared: the bits of integers, read as floats, are next to nothing or no numbers at all.
    """
    joined = np.frombuffer(_joined(rows, _FLOAT, width), _FLOAT).reshape(len(rows), width)
    numbers = scaled(joined, declared)
    if numbers.as_declared or all(row.dtype == _FLOAT for row in rows.values()):
        return joined, numbers
    cast = np.frombuffer(_cast(rows, _FLOAT, width), _FLOAT).reshape(len(rows), width)
    return cast, scaled(cast, declared)


def _joined(rows: dict[str, NDArray[Any]], dtype: np.dtype[Any], width: int) -> bytes:
    """Lay rows behind one another, which are of the type, or at least of its size."""
    size = len(rows) * width * dtype.itemsize
    try:
        joined = b"".join(cast("Iterable[bytes]", rows.values()))
    except TypeError:  # rows that do not lie in one piece
        return _cast(rows, dtype, width)
    return joined if len(joined) == size else _cast(rows, dtype, width)


def _cast(rows: dict[str, NDArray[Any]], dtype: np.dtype[Any], width: int) -> bytes:
    """Lay rows of any type that fits behind one another, however they lie."""
    stacked = np.zeros((len(rows), width), dtype)
    for place, row in enumerate(rows.values()):
        np.copyto(stacked[place, : len(row)], row, casting="same_kind")
    return stacked.tobytes()


def _declared(codes: list[str], decimals: dict[str, int]) -> NDArray[np.uint8]:
    """Give the digits of each channel, RAW where none are declared."""
    if list(decimals) == codes:
        return np.frombuffer(bytearray(decimals.values()), np.uint8)
    return np.frombuffer(bytes([decimals.get(code, RAW) for code in codes]), np.uint8)


def _clock(times: NDArray[np.int64], width: int) -> tuple[int, int, NDArray[np.int64] | None]:
    """Take the steady part out of the times: start, step, and what is left if any is."""
    if not len(times):
        return 0, 0, None
    start = int(times[0])
    step = int(times[-1] - times[0]) // max(len(times) - 1, 1)
    since, steady = times - start, _steady(step, width)
    return start, step, None if since.tobytes() == steady.tobytes() else since - steady


@lru_cache(_CLOCKS_REMEMBERED)
def _steady(step: int, width: int) -> NDArray[np.int64]:
    """Give the times of a steady clock since its first one, shared, not to be changed."""
    return step * np.arange(width)


def _with_clock(
    clock: NDArray[np.int64] | None, numbers: NDArray[np.signedinteger]
) -> NDArray[np.signedinteger]:
    """Put an unsteady clock above the numbers, as integers that hold both."""
    if clock is None:
        return numbers
    most = int(np.abs(clock).max())
    if most >= _WIDE:
        raise ValueError("times too far apart")
    wide = np.promote_types(numbers.dtype, integers_for(most))
    return np.concatenate([clock[None], numbers], dtype=wide, casting="same_kind")


def _packed(rows: NDArray[np.signedinteger]) -> tuple[Packed, bytes]:
    """Pack rows; what Zstandard shortens lies behind one another: numbers, rows, exceptions."""
    steps = steps_of(rows)
    packed = pack(steps.rows, steps.sizes)
    ways = packed.noise_bits
    if len(steps.twice):
        ways = ways.copy()
        ways[steps.twice] |= _TWICE
    gaps = packed.places.copy()
    gaps[1:] -= packed.places[:-1]
    above = planes_of(packed.above, packed.item_bytes - 1)
    high = (packed.high, ways.tobytes(), above, gaps.astype(_gap_type(rows.size)).tobytes())
    return packed, b"".join(high)


def _gap_type(size: int) -> np.dtype[np.unsignedinteger]:
    """Give how the gaps between exceptions among `size` numbers are written."""
    return _GAP if size <= _MOST_GAP else _WIDE_GAP


def _gaps_said(numbers: Scaled, values: NDArray[np.float64]) -> list[bytes]:
    """Give which values are missing, and those that no decimals say; nothing for most blocks."""
    if numbers.as_declared:
        return [b"", b"", b""]
    return [
        np.packbits(numbers.gappy).tobytes() if numbers.gappy.any() else b"",
        np.packbits(numbers.missing).tobytes(),
        values[numbers.decimals == RAW].astype("<f8").tobytes(),
    ]


def _flags_said(
    flags: dict[str, NDArray[np.uint8]], codes: list[str], width: int
) -> tuple[str | None, bytes, bytes]:
    """Give names (None: those of the values), one ordinal per channel, or all if any changes."""
    names = list(flags)
    said = None if names == codes else "\n".join(names)
    every = _joined(flags, np.dtype(np.uint8), width)
    first = every[:1]
    if every == first * len(every):
        return said, first * len(names), b""
    matrix = np.frombuffer(every, np.uint8).reshape(len(names), width)
    if bool((matrix == matrix[:, :1]).all()):
        return said, matrix[:, 0].tobytes(), b""
    changes = matrix.copy()
    changes[:, 1:] ^= matrix[:, :-1]
    return said, b"", changes.tobytes()


def _columns(parts: Parts, plan: Plan) -> Columns:
    few = parts.numbers
    width = max(few.points, 1)
    most = max(len(plan.codes), len(plan.flag_codes))
    if width * (most + 1) > MOST_POINTS:
        raise BadBlock(f"claims {width} x {most} points, {MOST_POINTS} allowed")
    *gaps, changes = parts.rare or (b"", b"", b"", b"")
    rows = _rows(parts, width, len(plan.codes) + (not few.steady))
    numbers = rows if few.steady else rows[1:]
    values = _gapped(unscaled(numbers, plan.decimals), plan.decimals, gaps)
    times = few.start + _steady(few.step, width)
    return Columns(
        table=plan.table,
        subject=plan.subject,
        times=(times if few.steady else times + rows[0])[: few.points],
        values=dict(zip(plan.codes, values[:, : few.points], strict=True)),
        flags=_flags(plan, changes, width, few.points),
        decimals=plan.declared.copy(),
    )


def _gapped(
    values: NDArray[np.float64], decimals: bytes, gaps: list[bytes]
) -> NDArray[np.float64]:
    """Put what is missing, and what no decimals say, into values."""
    gappy, missing, raw = gaps
    if any(gappy):
        some = np.unpackbits(np.frombuffer(gappy, np.uint8), count=len(values)).astype(bool)
        size = int(some.sum()) * values.shape[1]
        mask = np.unpackbits(np.frombuffer(missing, np.uint8), count=size)
        values[some] = np.where(mask.reshape(-1, values.shape[1]), np.nan, values[some])
    if raw:
        values[np.frombuffer(decimals, np.uint8) == RAW] = np.frombuffer(raw, "<f8").reshape(
            -1, values.shape[1]
        )
    return values


def _rows(parts: Parts, width: int, count: int) -> NDArray[np.signedinteger]:
    """Give the integers, shape (count, width), an unsteady clock first."""
    few, size = parts.numbers, count * width
    if few.exceptions > size:
        raise BadBlock(f"claims {few.exceptions} exceptions among {size} numbers")
    item_bytes = _item_bytes(few.item_bytes)
    ways = np.frombuffer(parts.high, np.uint8, count, size)
    above, gaps = size + count, size + count + (count + few.exceptions) * (item_bytes - 1)
    told = signed_of(parts.high[above:gaps], count + few.exceptions)
    packed = Packed(
        noise_bits=ways & _NOISE_BITS,
        item_bytes=item_bytes,
        places=np.frombuffer(parts.high, _gap_type(size), few.exceptions, gaps).cumsum(
            dtype=np.int64
        ),
        above=told.astype(f"i{item_bytes}"),
        high=parts.high[:size],
        noise=parts.noise,
    )
    return rows_of(unpack(packed, width), np.flatnonzero(ways & _TWICE))


def _flags(plan: Plan, changes: bytes, width: int, count: int) -> dict[str, NDArray[np.uint8]]:
    names = plan.flag_codes
    if not changes:
        small = len(names) * count <= _REMEMBERED_POINTS
        return (_remembered if small else _steady_flags)(names, plan.ordinals, count).copy()
    matrix = np.frombuffer(changes, np.uint8).reshape(len(names), width)
    full = np.bitwise_xor.accumulate(matrix, axis=1)
    return dict(zip(names, full[:, :count], strict=True))


def _steady_flags(
    names: tuple[str, ...], ordinals: bytes, count: int
) -> dict[str, NDArray[np.uint8]]:
    """Give flags that do not change: one row for each ordinal, shared and read-only."""
    rows = {ordinal: np.full(count, ordinal, np.uint8) for ordinal in set(ordinals)}
    for row in rows.values():
        row.flags.writeable = False
    return {name: rows[ordinal] for name, ordinal in zip(names, ordinals, strict=True)}


_remembered = lru_cache(_FLAGS_REMEMBERED)(_steady_flags)


def _item_bytes(told: int) -> int:
    if told not in ITEM_BYTES:
        raise BadBlock(f"claims integers of {told} bytes")
    return told
