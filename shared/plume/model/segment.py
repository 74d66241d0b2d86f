"""Segments: what an edge device sends, and how it is known in the cloud."""

from dataclasses import dataclass
from datetime import datetime

from plume.model.frame import FrameRecord
from plume.model.identity import ThingName

CHAIN_START = bytes(32)
"""`previous` of the first segment of a chain."""


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """The signed header of one segment (数据段).

    Identity is (thing, sequence). `sequence` rises by one; a new chain (a new or lost outbox)
    starts at the unix time [ms] of its making with `previous` = CHAIN_START, so that a number is
    never used twice. `previous` is the SHA-256 of the segment before, as sent. `[first_at,
    last_at]` is the range of receive times within, aware.
    """

    thing: ThingName
    boot: str
    sequence: int
    previous: bytes
    first_at: datetime
    last_at: datetime
    schema: int = 1


@dataclass(frozen=True, slots=True)
class Payload:
    """What one segment carries: columnar point blocks (still encoded), frames and events."""

    blocks: tuple[bytes, ...] = ()
    frames: tuple[FrameRecord, ...] = ()
    events: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """One opened and verified segment; `raw` is what came over the wire."""

    header: SegmentHeader
    payload: Payload
    raw: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Arrival:
    """One segment as the IoT rule hands it over, still closed. `received_at` is the broker's."""

    thing: ThingName
    raw: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What is stored of a device's chain (存储确认): all up to `sequence`, and more `above` it.

    `above` holds closed ranges of numbers that came before their predecessors did: new data go
    first, and the device may forget each segment by itself. They name what was stored just now,
    not all there is.
    """

    sequence: int
    above: tuple[tuple[int, int], ...] = ()

    def covers(self, sequence: int) -> bool:
        """Whether a segment is stored."""
        return sequence <= self.sequence or any(a <= sequence <= b for a, b in self.above)


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """Where one segment lies: `[offset, offset + length)` of the bundle object `bundle`."""

    thing: ThingName
    sequence: int
    digest: bytes
    previous: bytes
    bundle: str
    offset: int
    length: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Tail:
    """All segments of a device numbered above `above`, as the index had them at one moment."""

    above: int
    entries: tuple[SegmentEntry, ...]
