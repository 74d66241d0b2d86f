"""From the intake log to sealed segments: how much goes into one, and when it closes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge_greengrass.outbox.log import AppendLog, Position
from edge_greengrass.uplink.spool import Spool
from plume.errors import Refused
from plume.evidence import payload
from plume.evidence.envelope import Sealer, sealed_size
from plume.model.frame import FrameRecord
from plume.model.identity import ThingName
from plume.model.segment import CHAIN_START, Payload, SegmentHeader
from plume.wire.names import (
    MAX_FRAME_AGE_SECONDS,
    MAX_SEGMENT_AGE_SECONDS,
    MAX_SEGMENT_BYTES,
)

READ_AHEAD = 512
"""Intake records held at once [1]; well above what fits into one segment."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One intake record, decoded, and where it lay."""

    position: Position
    payload: Payload


@dataclass(frozen=True, slots=True)
class Author:
    """Who seals: the thing, this run of the uplink, the keys, and the two clocks.

    `now` gives the time, aware; `clock` is monotonic [s].
    """

    thing: ThingName
    boot: str
    sealer: Sealer
    now: Callable[[], datetime]
    clock: Callable[[], float]


class Sealing:
    """Moves records from the intake log into the spool, one segment at a time."""

    def __init__(self, intake: AppendLog, spool: Spool, author: Author) -> None:
        self._intake, self._spool, self._author = intake, spool, author
        self._taken: list[Taken] = []
        self._since = 0.0
        self._read_to = spool.end.intake if spool.end else None
        self.unreadable = 0
        if self._read_to is not None:
            self._intake.forget(self._read_to)

    def step(self) -> bool:
        """Seal at most one segment; whether one was sealed.

        Raises:
            OutboxFull: the spool has no room; nothing was consumed.
        """
        self._read()
        if not self._taken:
            return False
        header = self._header()
        count, body = _fitting(header, [one.payload for one in self._taken])
        if count == len(self._taken) and not self._ripe():
            return False
        self._seal(count, body)
        return True

    def _read(self) -> None:
        """Take in what the collector has added since, up to READ_AHEAD."""
        found = self._intake.read(self._read_to, READ_AHEAD - len(self._taken))
        if found and not self._taken:
            self._since = self._author.clock()
        for position, record in found:
            self._read_to = position
            self._take(position, record)

    def _take(self, position: Position, record: bytes) -> None:
        try:
            self._taken.append(Taken(position, payload.decode(record)))
        except Refused as fault:
            self.unreadable += 1
            lost = {"type": "INTAKE_UNREADABLE", "reason": str(fault), "bytes": len(record)}
            self._taken.append(Taken(position, Payload(events=(lost,))))

    def _ripe(self) -> bool:
        holds_frames = any(one.payload.frames for one in self._taken)
        most = MAX_FRAME_AGE_SECONDS if holds_frames else MAX_SEGMENT_AGE_SECONDS
        return self._author.clock() - self._since >= most

    def _seal(self, count: int, body: bytes) -> None:
        """Seal, keep, and only then let go of what was sealed."""
        first, rest = self._taken[:count], self._taken[count:]
        header = self._header(first)
        raw = self._author.sealer.seal_body(header, body)
        self._spool.add(raw, header.sequence, first[-1].position)
        self._taken, self._since = rest, self._author.clock()
        self._intake.forget(first[-1].position)

    def _header(self, taken: Sequence[Taken] = ()) -> SegmentHeader:
        """Head the next segment of the chain; a new chain starts at the time of its making."""
        now = self._author.now()
        end = self._spool.end
        times = [frame.received_at for one in taken for frame in one.payload.frames] or [now]
        return SegmentHeader(
            thing=self._author.thing,
            boot=self._author.boot,
            sequence=end.sequence + 1 if end else int(now.timestamp() * 1000),
            previous=end.digest if end else CHAIN_START,
            first_at=min(times),
            last_at=max(times),
        )


def _fitting(header: SegmentHeader, payloads: Sequence[Payload]) -> tuple[int, bytes]:
    """Give the longest beginning that fits into one segment, at least one, and its encoding.

    What compresses better than the rest may let a longer beginning fit than the one found by
    halving; that costs a few bytes of room, never a byte too many.
    """
    best, encoded = 1, payload.encode(_joined(payloads[:1]))
    low, high = 2, len(payloads)
    while low <= high:
        middle = (low + high + 1) // 2 if high < len(payloads) else high
        tried = payload.encode(_joined(payloads[:middle]))
        if sealed_size(header, len(tried)) <= MAX_SEGMENT_BYTES:
            best, encoded, low = middle, tried, middle + 1
        else:
            high = middle - 1
    return best, encoded


def _joined(payloads: Sequence[Payload]) -> Payload:
    return Payload(
        blocks=tuple(block for one in payloads for block in one.blocks),
        frames=tuple(frame for one in payloads for frame in one.frames),
        events=tuple(event for one in payloads for event in one.events),
    )


def frames_of(record: bytes) -> tuple[FrameRecord, ...]:
    """Give the frames of one intake record."""
    return payload.decode(record).frames
