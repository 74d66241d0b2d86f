"""The outbox of sealed segments: each lies on the disk until the cloud has told it back.

A record holds the segment and how far into the upward logs it reaches. One append therefore moves
the chain and the logs forward together: after a crash at any moment they agree. The newest record
is never forgotten, not even when it is acknowledged: it is where the chain goes on.

A record is `[sequence, {log: [file, end]}, segment, kind]`; an older uplink wrote `[sequence,
[file, end], segment]` and knew one log, that of frames.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cbor2

from edge_greengrass.home import FRAMES
from edge_greengrass.outbox.log import AppendLog, Position
from edge_greengrass.uplink.ledger import Kind, Ledger
from plume.evidence import envelope

READ_AT_ONCE = 256
LEAST_RECORD_BYTES = 256
"""No record is smaller: signature, keys and heads alone are more."""

Positions = Mapping[str, Position]
"""By the name of an upward log, behind which record it has been sealed."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """One sealed segment in the outbox, and the logs' positions after its last records."""

    position: Position
    sequence: int
    raw: bytes
    consumed: Positions
    kind: Kind = Kind.URGENT


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """The newest segment: what the next one joins on to."""

    sequence: int
    digest: bytes


class Spool:
    """Segments in the order of their chain; one process opens it, one thread at a time uses it.

    Attributes:
        ledger: how each segment stands; all that is found here waits at first.
        missing: how many numbers have no segment any more, because the disk has rotted.
        consumed: how far each log is sealed, as far as the records here tell; a log that is
            missing stands where its own cursor says.
    """

    def __init__(self, log: AppendLog) -> None:
        self._log = log
        self._end: ChainEnd | None = None
        self._newest: Position | None = None
        self._before_newest: Position | None = None
        self._skip = 0
        self.ledger = Ledger()
        self.missing = 0
        self.consumed: dict[str, Position] = {}
        self._recover()

    @property
    def end(self) -> ChainEnd | None:
        """Where the chain stands; None for a new or lost outbox."""
        return self._end

    @property
    def fill(self) -> float:
        """The share [0, 1] of its room that the outbox uses."""
        return self._log.fill

    @property
    def next_sequence(self) -> int | None:
        """The number of the next segment; None for a new or lost outbox.

        Numbers that rotten records at the very end may have had are never used again: the cloud
        would take the second segment of a number for that of another machine.
        """
        return None if self._end is None else self._end.sequence + 1 + self._skip

    def add(self, sealed: bytes, sequence: int, kind: Kind, consumed: Positions) -> None:
        """Keep one sealed segment durably.

        Raises:
            OutboxFull: nothing was kept; acknowledgements will make room.
        """
        positions = {name: list(position) for name, position in consumed.items()}
        record = cbor2.dumps([sequence, positions, sealed, int(kind)])
        position = self._log.append([record])
        self._enter(Spooled(position, sequence, sealed, consumed, kind))
        self._end = ChainEnd(sequence, envelope.digest(sealed))

    def after(self, position: Position | None, most: int) -> Sequence[Spooled]:
        """Give at most `most` segments that lie behind `position`; None is the beginning."""
        return [_spooled(at, record) for at, record in self._log.read(position, most)]

    def forget(self, upto: Position) -> None:
        """Let go of segments up to a position, save the newest."""
        if self._newest is not None and upto >= self._newest:
            if self._before_newest is not None:
                self._log.forget(self._before_newest)
            return
        self._log.forget(upto)

    def _recover(self) -> None:
        newest: Spooled | None = None
        while found := self.after(newest.position if newest else None, READ_AT_ONCE):
            for one in found:
                self._enter(one)
            newest = found[-1]
        if newest:
            self._end = ChainEnd(newest.sequence, envelope.digest(newest.raw))
        rotten = [one for one in self._log.damage if self._is_behind(Position(one.file, one.end))]
        self._skip = sum((one.end - one.start) // LEAST_RECORD_BYTES + 1 for one in rotten)

    def _is_behind(self, position: Position) -> bool:
        return self._newest is not None and position > self._newest

    def _enter(self, one: Spooled) -> None:
        self._before_newest, self._newest = self._newest, one.position
        self.missing += self.ledger.add(one.sequence, one.kind, one.position)
        self._skip = 0
        self.consumed.update(one.consumed)


def _spooled(position: Position, record: bytes) -> Spooled:
    sequence, consumed, raw, *kind = cbor2.loads(record)
    if not isinstance(consumed, dict):
        consumed = {FRAMES: consumed}
    positions = {name: Position(*place) for name, place in consumed.items()}
    return Spooled(position, sequence, raw, positions, Kind(*kind or [Kind.URGENT]))
