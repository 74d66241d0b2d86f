"""An object of the backlog: many sealed segments, as they are (断网续传数据包).

`PLUMEBL1`, then each segment behind its length (4 bytes, big-endian). Nothing is compressed, so
nothing can unfold: an object is never larger inside than outside.
"""

from collections.abc import Sequence
from hashlib import sha256

from plume.errors import Refused

CONTENT_TYPE = "application/vnd.plume.backlog"
MOST_BYTES = 5 << 20
"""The edge closes an object here [bytes], and the cloud reads none that is larger."""
MOST_SEGMENT_BYTES = 128 << 10
"""What AWS IoT Core would have carried at most; a segment is some kilobytes."""
_MAGIC = b"PLUMEBL1"
_LENGTH_BYTES = 4


class BadBacklog(Refused):
    """Not a whole object of segments."""


def fitting(segments: Sequence[bytes]) -> int:
    """Give how many of the segments, from the first on, fit into one object."""
    size = len(_MAGIC)
    for count, segment in enumerate(segments):
        size += _LENGTH_BYTES + len(segment)
        if size > MOST_BYTES:
            return count
    return len(segments)


def write(segments: Sequence[bytes]) -> bytes:
    """Write an object."""
    parts = [_MAGIC]
    for segment in segments:
        parts += [len(segment).to_bytes(_LENGTH_BYTES, "big"), segment]
    return b"".join(parts)


def name(content: bytes) -> str:
    """Name an object by its content: put twice, it is one object."""
    return f"{sha256(content).hexdigest()}.plume"


def read(content: bytes) -> list[bytes]:
    """Read an object.

    Raises:
        BadBacklog: too large, cut short, or something else; nothing of it is given.
    """
    if len(content) > MOST_BYTES:
        raise BadBacklog(f"{len(content)} bytes, {MOST_BYTES} allowed")
    if not content.startswith(_MAGIC):
        raise BadBacklog("not an object of segments")
    found, at = [], len(_MAGIC)
    while at < len(content):
        length = int.from_bytes(content[at : at + _LENGTH_BYTES], "big")
        at += _LENGTH_BYTES
        if length > MOST_SEGMENT_BYTES:
            raise BadBacklog(f"claims a segment of {length} bytes at {at}")
        if at + length > len(content):
            raise BadBacklog(f"cut short: {length} bytes claimed at {at} of {len(content)}")
        found.append(content[at : at + length])
        at += length
    return found
