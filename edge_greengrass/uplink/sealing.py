"""From the upward logs to sealed segments: how much goes into one, and when it closes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.uplink.ledger import Kind
from edge_greengrass.uplink.merging import merged
from edge_greengrass.uplink.reading import READ_AHEAD, Reader, Taken, readers
from edge_greengrass.uplink.spool import Spool
from edge_greengrass.uplink.thinning import thinned
from plume.evidence import payload
from plume.evidence.envelope import Sealer, sealed_size
from plume.model.identity import ThingName
from plume.model.segment import CHAIN_START, Payload, SegmentHeader
from plume.wire.names import (
    MAX_FRAME_AGE_SECONDS,
    MAX_SEGMENT_AGE_SECONDS,
    MAX_SEGMENT_BYTES,
)

UNHEARD_SECONDS = 60.0
"""While nobody listens a segment closes after this long: a minute of a large plant fills it."""
UNHEARD_SEGMENT_BYTES = 3 * MAX_SEGMENT_BYTES
"""While nobody listens: IoT Core meters by units of 5 KB, so that three in one cost what three
cost, and what a block says of its channels is said once for a minute of a large plant."""
THIN_FROM = 0.80
"""From this share of the outbox on, telemetry is sealed as minute means."""
HOLD_FROM = 0.95
"""From here on it waits in its own log: the rest of the outbox is for frames and events."""
THIN_SECONDS = 600.0
"""Means of so long fill a segment."""


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
    """Moves records from the upward logs into the spool, one segment at a time.

    Frames and events share segments; telemetry has its own, so that after an outage the former
    need not wait for the latter. While nobody listens, all close as late as they may: then fewer
    and fuller segments wait. When the outbox is nearly full, telemetry is thinned; frames and
    events are not, and when there is no room for them, whoever wrote them must stop to promise.

    Attributes:
        listened: whether the cloud hears us now.
    """

    def __init__(self, logs: Mapping[str, AppendLog], spool: Spool, author: Author) -> None:
        self._spool, self._author = spool, author
        self._readers = readers(logs, spool.consumed)
        self._since = dict.fromkeys(self._readers, 0.0)
        self._fitted = dict.fromkeys(self._readers, 0)
        self.listened = True

    @property
    def unreadable(self) -> int:
        """How many records made no sense."""
        return sum(one.unreadable for group in self._readers.values() for one in group)

    @property
    def _most_bytes(self) -> int:
        return MAX_SEGMENT_BYTES if self.listened else UNHEARD_SEGMENT_BYTES

    def step(self) -> bool:
        """Seal at most one segment; whether one was sealed.

        Raises:
            OutboxFull: the spool has no room; nothing was consumed.
        """
        return any(self._step(kind, group) for kind, group in self._readers.items())

    def _step(self, kind: Kind, group: Sequence[Reader]) -> bool:
        taken = self._taken(kind, group)
        if not taken:
            return False
        if kind is Kind.TELEMETRY and (fill := self._spool.fill) >= THIN_FROM:
            return fill < HOLD_FROM and self._thin(taken, fill)
        ripe = self._ripe(kind)
        if not ripe and (len(taken) == self._fitted[kind] or self._surely_fits(taken)):
            return False
        count, body = _fitting(self._header(), [one.payload for one in taken], self._most_bytes)
        if count == len(taken) and not ripe:
            self._fitted[kind] = count
            return False
        self._seal(kind, taken[:count], body)
        return True

    def _thin(self, taken: Sequence[Taken], fill: float) -> bool:
        """Seal minute means of telemetry, and with them what was given up."""
        waited = self._author.clock() - self._since[Kind.TELEMETRY]
        if len(taken) < READ_AHEAD and waited < THIN_SECONDS:
            return False
        now, reason = self._author.now(), f"the outbox is {fill:.0%} full"
        count, body = _fitting(
            self._header(),
            [one.payload for one in taken],
            self._most_bytes,
            lambda some: thinned(some, now, reason),
        )
        self._seal(Kind.TELEMETRY, taken[:count], body)
        return True

    def _taken(self, kind: Kind, group: Sequence[Reader]) -> list[Taken]:
        """Give what waits for sealing, frames before events, after a look into the logs."""
        waited = any(one.taken for one in group)
        now = self._author.now()
        found = [one.read(now) for one in group]
        if any(found) and not waited:
            self._since[kind] = self._author.clock()
        return [taken for one in group for taken in one.taken]

    def _ripe(self, kind: Kind) -> bool:
        """Whether what waits is old enough; frames are to be seen at once where anybody looks."""
        hurried = MAX_FRAME_AGE_SECONDS if kind is Kind.URGENT else MAX_SEGMENT_AGE_SECONDS
        most = hurried if self.listened else UNHEARD_SECONDS
        return self._author.clock() - self._since[kind] >= most

    def _surely_fits(self, taken: Sequence[Taken]) -> bool:
        bound = sum(payload.size_bound(one.payload) for one in taken)
        return sealed_size(self._header(), bound) <= self._most_bytes

    def _seal(self, kind: Kind, taken: Sequence[Taken], body: bytes) -> None:
        """Seal, keep, and only then let go of what was sealed."""
        header = self._header(taken)
        raw = self._author.sealer.seal_body(header, body)
        consumed = {one.log: one.position for one in taken}
        self._spool.add(raw, header.sequence, kind, consumed)
        self._since[kind], self._fitted[kind] = self._author.clock(), 0
        for reader in self._readers[kind]:
            if reader.name in consumed:
                reader.sealed(consumed[reader.name])

    def _header(self, taken: Sequence[Taken] = ()) -> SegmentHeader:
        """Head the next segment of the chain; a new chain starts at the time of its making."""
        now, end = self._author.now(), self._spool.end
        number = self._spool.next_sequence
        times = [frame.received_at for one in taken for frame in one.payload.frames] or [now]
        return SegmentHeader(
            thing=self._author.thing,
            boot=self._author.boot,
            sequence=int(now.timestamp() * 1000) if number is None else number,
            previous=end.digest if end else CHAIN_START,
            first_at=min(times),
            last_at=max(times),
        )


def _joined(payloads: Sequence[Payload]) -> Payload:
    return Payload(
        blocks=merged([block for one in payloads for block in one.blocks]),
        frames=tuple(frame for one in payloads for frame in one.frames),
        events=tuple(event for one in payloads for event in one.events),
    )


def _fitting(
    header: SegmentHeader,
    payloads: Sequence[Payload],
    most_bytes: int,
    join: Callable[[Sequence[Payload]], Payload] = _joined,
) -> tuple[int, bytes]:
    """Give the longest beginning that fits into one segment, at least one, and its encoding.

    What compresses better than the rest may let a longer beginning fit than the one found by
    halving; that costs a few bytes of room, never a byte too many.
    """
    best, encoded = 1, payload.encode(join(payloads[:1]))
    low, high = 2, len(payloads)
    while low <= high:
        middle = (low + high + 1) // 2 if high < len(payloads) else high
        tried = payload.encode(join(payloads[:middle]))
        if sealed_size(header, len(tried)) <= most_bytes:
            best, encoded, low = middle, tried, middle + 1
        else:
            high = middle - 1
    return best, encoded
