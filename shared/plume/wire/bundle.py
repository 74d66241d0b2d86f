"""A bundle: the verbatim segments of one batch in one object (原始数据包).

A CBOR sequence (RFC 8742) of `[thing, received_at, raw]`, received_at in unix milliseconds. The
segment is the last field of its item, so it lies in the object as one byte range.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO

import cbor2

from plume.errors import Refused
from plume.model.identity import ThingName
from plume.model.segment import Arrival

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class BadBundle(Refused):
    """Not a whole CBOR sequence of arrivals."""


def write(arrivals: Sequence[Arrival]) -> bytes:
    """Write a bundle; receive times are kept to the millisecond."""
    return b"".join(
        cbor2.dumps([a.thing, (a.received_at - _EPOCH) // _MILLISECOND, a.raw]) for a in arrivals
    )


def read(data: bytes) -> list[Arrival]:
    """Read a bundle, in the order it was written.

    Raises:
        BadBundle: damaged or cut short.
    """
    return [arrival for arrival, _ in _items(data)]


def ranges(data: bytes) -> list[tuple[int, int]]:
    """Give (offset, length) of each verbatim segment within the bundle, in order.

    Raises:
        BadBundle: damaged or cut short.
    """
    return [(end - len(arrival.raw), len(arrival.raw)) for arrival, end in _items(data)]


def key(data: bytes, at: datetime) -> str:
    """Name the object by its content, under the UTC day of `at`, the first receive time within."""
    return f"bundles/{at.astimezone(UTC):%Y/%m/%d}/{sha256(data).hexdigest()}.plume"


def _items(data: bytes) -> Iterator[tuple[Arrival, int]]:
    """Yield each arrival with the offset behind it."""
    stream = BytesIO(data)
    decoder = cbor2.CBORDecoder(stream, read_size=1)
    while stream.tell() < len(data):
        try:
            yield _arrival(*decoder.decode()), stream.tell()
        except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError) as fault:
            raise BadBundle(f"item at {stream.tell()}: {fault}") from fault


def _arrival(thing: object, received_at: object, raw: object) -> Arrival:
    if not (isinstance(thing, str) and isinstance(received_at, int) and isinstance(raw, bytes)):
        raise TypeError("not [text, integer, bytes]")
    return Arrival(ThingName(thing), raw, _EPOCH + received_at * _MILLISECOND)
