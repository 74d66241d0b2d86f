"""The outbox of sealed segments: each lies on the disk until the cloud has told it back.

A record holds the segment and how far into the intake log it reaches. One append therefore moves
the chain and the intake forward together: after a crash at any moment the two agree. The newest
record is never forgotten, not even when it is acknowledged: it is where the chain goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cbor2

from edge_greengrass.outbox.log import AppendLog, Position
from plume.evidence import envelope

READ_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Spooled:
    """One sealed segment in the outbox, and the intake position after its last frame."""

    position: Position
    sequence: int
    raw: bytes
    intake: Position


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """The newest segment: what the next one joins on to, and what it has consumed."""

    sequence: int
    digest: bytes
    intake: Position


class Spool:
    """Segments in the order of their chain; one process opens it, one thread at a time uses it."""

    def __init__(self, log: AppendLog) -> None:
        self._log = log
        self._end: ChainEnd | None = None
        self._newest: Position | None = None
        self._before_newest: Position | None = None
        self._recover()

    @property
    def end(self) -> ChainEnd | None:
        """Where the chain stands; None for a new or lost outbox."""
        return self._end

    def add(self, raw: bytes, sequence: int, intake: Position) -> None:
        """Keep one sealed segment durably.

        Raises:
            OutboxFull: nothing was kept; acknowledgements will make room.
        """
        record = cbor2.dumps([sequence, list(intake), raw])
        self._note(Spooled(self._log.append([record]), sequence, raw, intake))

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
        position: Position | None = None
        while found := self.after(position, READ_AT_ONCE):
            for one in found:
                self._note(one)
            position = found[-1].position

    def _note(self, one: Spooled) -> None:
        self._before_newest, self._newest = self._newest, one.position
        self._end = ChainEnd(one.sequence, envelope.digest(one.raw), one.intake)


def _spooled(position: Position, record: bytes) -> Spooled:
    sequence, intake, raw = cbor2.loads(record)
    return Spooled(position, sequence, raw, Position(*intake))
