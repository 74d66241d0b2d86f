"""How the parts of a point block lie behind one another, and how large each may claim to be.

A block is `PB`, a version, the lengths of its first three parts, a few numbers, and four parts:
a Zstandard frame with the plan (CBOR: what the channels are, the same from block to block), a
Zstandard frame with what few blocks have (CBOR: gaps, raw floats, flags that change; or nothing),
a Zstandard frame with the numbers, and the packed noise, which nothing can compress.
"""

from struct import Struct
from threading import local
from typing import Any, NamedTuple

import cbor2
import zstandard

from plume.errors import Refused

MOST_POINTS = 1 << 20
"""Values one block may hold, all channels and the clock together: 8 MiB of float64."""
_MOST_HEAD_BYTES = 10 * MOST_POINTS
_MOST_HIGH_BYTES = 16 * MOST_POINTS
_PREFIX = Struct(">2sBIII")
_NUMBERS = Struct(">IqqIBB")
_MAGIC, _VERSION = b"PB", 5
_HEAD_LEVEL = 3
_HIGH_PARAMETERS = zstandard.ZstdCompressionParameters(
    strategy=zstandard.STRATEGY_FAST,
    window_log=17,
    hash_log=6,
    chain_log=6,
    search_log=1,
    min_match=6,
    target_length=0,
)
"""Entropy coding with next to no search: but for runs of zeros, byte planes repeat nothing."""
_MOST_WINDOW_BYTES = 1 << 24
_thread = local()


class BadBlock(Refused):
    """Not a whole point block, or one that claims more than a block may hold."""


class Numbers(NamedTuple):
    """The few numbers in front of the parts.

    Attributes:
        points: how many each channel has.
        start: the first time, unix milliseconds.
        step: the steady part of the steps between times [ms].
        exceptions: how many integers exceed their byte.
        item_bytes: the width of the integers.
        steady: 1 if times are `start` and whole steps, 0 if a row of integers says the rest.
    """

    points: int
    start: int
    step: int
    exceptions: int
    item_bytes: int
    steady: int


class Parts(NamedTuple):
    """A block taken apart; `plan` is still a compressed frame."""

    numbers: Numbers
    plan: bytes
    rare: list[Any]
    high: bytes
    noise: bytes


def framed(parts: Parts) -> bytes:
    """Join the parts into one block."""
    rare = head_frame(parts.rare) if any(parts.rare) else b""
    high = _compressors()[1].compress(parts.high)
    prefix = _PREFIX.pack(_MAGIC, _VERSION, len(parts.plan), len(rare), len(high))
    numbers = _NUMBERS.pack(*parts.numbers)
    return b"".join((prefix, numbers, parts.plan, rare, high, parts.noise))


def unframed(data: bytes) -> Parts:
    """Take a block apart.

    Raises:
        BadBlock: cut short, of another version, or of a claimed size above what a block may hold.
    """
    magic, version, *lengths = _PREFIX.unpack_from(data)
    if magic != _MAGIC or version != _VERSION:
        raise BadBlock(f"not a point block of version {_VERSION}")
    first = _PREFIX.size + _NUMBERS.size
    second = first + lengths[0]
    third = second + lengths[1]
    end = third + lengths[2]
    if end > len(data):
        raise BadBlock(f"{len(data)} bytes where {end} are claimed")
    return Parts(
        numbers=Numbers(*_NUMBERS.unpack_from(data, _PREFIX.size)),
        plan=data[first:second],
        rare=head_of(data[second:third]) if lengths[1] else [],
        high=_inflated(data[third:end], _MOST_HIGH_BYTES),
        noise=data[end:],
    )


def head_frame(head: object) -> bytes:
    """Write a part of the head as a frame."""
    return _compressors()[0].compress(cbor2.dumps(head))


def head_of(frame: bytes) -> list[Any]:
    """Read what `head_frame` wrote; nothing of it is checked yet, not even that it is a list."""
    head: list[Any] = cbor2.loads(_inflated(frame, _MOST_HEAD_BYTES))
    return head


def _inflated(frame: bytes, most: int) -> bytes:
    """Undo Zstandard for a frame that names its size, at most `most`; nothing for no frame."""
    if not frame:
        return b""
    claimed = zstandard.frame_content_size(frame)
    if not 0 <= claimed <= most:
        raise BadBlock(f"claims {claimed} bytes, {most} allowed")
    return _decompressor().decompress(frame, max_output_size=most, allow_extra_data=False)


def _compressors() -> tuple[zstandard.ZstdCompressor, zstandard.ZstdCompressor]:
    """Give this thread's compressors: making one costs as much as using it."""
    if not hasattr(_thread, "compressors"):
        _thread.compressors = (
            zstandard.ZstdCompressor(level=_HEAD_LEVEL),
            zstandard.ZstdCompressor(compression_params=_HIGH_PARAMETERS),
        )
    compressors: tuple[zstandard.ZstdCompressor, zstandard.ZstdCompressor] = _thread.compressors
    return compressors


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_thread, "decompressor"):
        _thread.decompressor = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW_BYTES)
    decompressor: zstandard.ZstdDecompressor = _thread.decompressor
    return decompressor
