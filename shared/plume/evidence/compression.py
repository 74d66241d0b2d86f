"""Zstandard with a ceiling: a claimed size is checked before a byte of memory is spent on it."""

from threading import local

import zstandard

from plume.errors import Refused

LEVEL = 9
"""Payloads are a few kilobytes: a high level costs microseconds and saves uplink bytes."""

QUICK_LEVEL = 1
"""For what is unfolded again in seconds: a tenth of the work for some bytes more."""

_WRAP_LEVEL = -5
"""For what is compressed already: next to no work."""

_thread = local()


class BadCompression(Refused):
    """Not one whole Zstandard frame, or one that claims more than it may."""


def compress(data: bytes) -> bytes:
    """Compress into one frame that names its content size."""
    return _compressor(LEVEL).compress(data)


def compress_quickly(data: bytes) -> bytes:
    """Compress like `compress`, for speed."""
    return _compressor(QUICK_LEVEL).compress(data)


def wrap(data: bytes) -> bytes:
    """Put what is compressed already into a frame like that of `compress`."""
    return _compressor(_WRAP_LEVEL).compress(data)


def decompress(data: bytes, *, most: int) -> bytes:
    """Undo `compress` for content of at most `most` bytes.

    Raises:
        BadCompression: not a frame, more than one, damaged, or of a size unnamed or above `most`.
    """
    try:
        claimed = zstandard.frame_content_size(data)
        if not 0 <= claimed <= most:
            raise BadCompression(f"claims {claimed} bytes, {most} allowed")
        return _decompressor().decompress(data, max_output_size=most, allow_extra_data=False)
    except zstandard.ZstdError as fault:
        raise BadCompression(str(fault)) from fault


def _compressor(level: int) -> zstandard.ZstdCompressor:
    """Give this thread's compressor: making one costs more than using it."""
    if not hasattr(_thread, "compressors"):
        _thread.compressors = {}
    compressors: dict[int, zstandard.ZstdCompressor] = _thread.compressors
    if level not in compressors:
        compressors[level] = zstandard.ZstdCompressor(level=level, write_content_size=True)
    return compressors[level]


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_thread, "decompressor"):
        _thread.decompressor = zstandard.ZstdDecompressor(max_window_size=1 << 24)
    decompressor: zstandard.ZstdDecompressor = _thread.decompressor
    return decompressor
