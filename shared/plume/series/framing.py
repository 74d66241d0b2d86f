"""How the parts of a point block lie behind one another, and how large each may claim to be.

A block is `PB`, a version, the lengths of its first two parts, and three parts: a Zstandard frame
with the CBOR head, a Zstandard frame with the byte planes, and the packed noise, which nothing can
compress.
"""

from struct import Struct
from threading import local
from typing import Any

import cbor2
import zstandard

from plume.errors import Refused
from plume.series.packing import Packed

MOST_POINTS = 1 << 20
"""Values one block may hold, all channels and the clock together: 8 MiB of float64."""
_MOST_HEAD_BYTES = 10 * MOST_POINTS
_MOST_HIGH_BYTES = 8 * MOST_POINTS
_PREFIX = Struct(">2sBII")
_MAGIC, _VERSION = b"PB", 3
_HEAD_LEVEL = 3
_HIGH_PARAMETERS = zstandard.ZstdCompressionParameters(
    strategy=zstandard.STRATEGY_FAST,
    window_log=17,
    hash_log=6,
    chain_log=6,
    search_log=1,
    min_match=7,
    target_length=0,
)
"""Entropy coding with next to no search: byte planes repeat nothing, so matches only cost time."""
_MOST_WINDOW_BYTES = 1 << 24
_thread = local()


class BadBlock(Refused):
    """Not a whole point block, or one that claims more than a block may hold."""


def framed(head: list[object], packed: Packed) -> bytes:
    """Join head and numbers into one block."""
    for_head, for_high = _compressors()
    first = for_head.compress(cbor2.dumps(head))
    second = for_high.compress(packed.high)
    prefix = _PREFIX.pack(_MAGIC, _VERSION, len(first), len(second))
    return b"".join((prefix, first, second, packed.noise))


def unframed(data: bytes) -> tuple[list[Any], bytes, bytes]:
    """Take a block apart: head, byte planes, noise.

    Raises:
        BadBlock: cut short, of another version, or of a claimed size above what a block may hold.
    """
    magic, version, first, second = _PREFIX.unpack_from(data)
    if magic != _MAGIC or version != _VERSION:
        raise BadBlock(f"not a point block of version {_VERSION}")
    middle = _PREFIX.size + first
    end = middle + second
    if end > len(data):
        raise BadBlock(f"{len(data)} bytes where {end} are claimed")
    head = cbor2.loads(_inflated(data[_PREFIX.size : middle], _MOST_HEAD_BYTES))
    return head, _inflated(data[middle:end], _MOST_HIGH_BYTES), data[end:]


def _inflated(frame: bytes, most: int) -> bytes:
    """Undo Zstandard for a frame that names its size, at most `most`."""
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
