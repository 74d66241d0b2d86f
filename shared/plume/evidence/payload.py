"""The body of a segment: point blocks, frames and events as one compressed CBOR array.

Frames lie as columns, so that what repeats from frame to frame costs next to nothing. Schema 1 is
`[blocks, frame columns, events]`; the schema number stands in the signed header.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import cbor2

from plume.errors import Refused
from plume.evidence.compression import BadCompression, compress, compress_quickly, decompress, wrap
from plume.model.frame import FrameRecord, Verdict
from plume.model.segment import Payload

MAX_PAYLOAD_BYTES = 8 << 20
"""A segment is a few kilobytes; one that claims to unfold further than this is refused."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

_T = TypeVar("_T")


class BadPayload(Refused):
    """The body does not follow the schema."""


def encode(payload: Payload) -> bytes:
    """Write a payload; receive times are kept to the millisecond.

    A block that travels alone is compressed already, and nothing is gained by trying again.
    """
    alone = len(payload.blocks) == 1 and not payload.frames and not payload.events
    return (wrap if alone else compress)(_packed(payload))


def encode_quickly(payload: Payload) -> bytes:
    """Write a payload for a log that is read within seconds; `decode` reads it as well."""
    return compress_quickly(_packed(payload))


def decode(data: bytes) -> Payload:
    """Read a payload.

    Raises:
        BadPayload: damaged, of a claimed size above MAX_PAYLOAD_BYTES, or not of the schema.
    """
    try:
        blocks, columns, events = cbor2.loads(decompress(data, most=MAX_PAYLOAD_BYTES))
        return Payload(
            blocks=tuple(_typed(block, bytes) for block in blocks),
            frames=_frames(columns),
            events=tuple(_typed(event, dict) for event in events),
        )
    except BadCompression as fault:
        raise BadPayload(str(fault)) from fault
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError) as fault:
        raise BadPayload(f"not a payload: {fault}") from fault


def size_bound(payload: Payload) -> int:
    """Give a cheap upper bound of `len(encode(payload))` [bytes], without compressing."""
    frames = sum(_frame_bound(frame) for frame in payload.frames)
    blocks = sum(len(block) + 5 for block in payload.blocks)
    events = len(cbor2.dumps(payload.events)) if payload.events else 1
    return frames + blocks + events + 128


def _frame_bound(frame: FrameRecord) -> int:
    texts = (frame.peer, frame.mn, frame.reason, *frame.warnings)
    return len(frame.raw) + sum(3 * len(text) + 3 for text in texts) + 48


def _packed(payload: Payload) -> bytes:
    return cbor2.dumps([payload.blocks, _columns(payload.frames), payload.events])


def _columns(frames: Sequence[FrameRecord]) -> list[list[object]]:
    """Turn frames into columns; times as milliseconds since the frame before."""
    times = [(frame.received_at - _EPOCH) // _MILLISECOND for frame in frames]
    return [
        [later - earlier for earlier, later in zip([0, *times], times, strict=False)],
        [frame.peer for frame in frames],
        [frame.verdict.value for frame in frames],
        [frame.mn for frame in frames],
        [frame.warnings for frame in frames],
        [frame.reason for frame in frames],
        [frame.acknowledged for frame in frames],
        [frame.raw for frame in frames],
    ]


def _frames(columns: list[list[object]]) -> tuple[FrameRecord, ...]:
    steps, *others = columns
    received, frames = 0, []
    for step, *fields in zip(steps, *others, strict=True):
        received += _typed(step, int)
        frames.append(_frame(_EPOCH + received * _MILLISECOND, fields))
    return tuple(frames)


def _frame(received_at: datetime, fields: list[object]) -> FrameRecord:
    peer, verdict, mn, warnings, reason, acknowledged, raw = fields
    return FrameRecord(
        received_at=received_at,
        raw=_typed(raw, bytes),
        verdict=Verdict(_typed(verdict, str)),
        mn=_typed(mn, str),
        warnings=tuple(_typed(warning, str) for warning in _typed(warnings, list)),
        reason=_typed(reason, str),
        acknowledged=_typed(acknowledged, bool),
        peer=_typed(peer, str),
    )


def _typed(value: object, kind: type[_T]) -> _T:
    if not isinstance(value, kind):
        raise TypeError(f"{type(value).__name__} where {kind.__name__} belongs")
    return value
