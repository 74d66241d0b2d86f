"""What leaves the outbox next: new before old, and of the old what is urgent before the rest.

A segment sealed while the line stands is live and goes at once. All others are backlog: frames and
events first, then telemetry, each oldest first, so that the outbox empties from its end.
"""

from collections.abc import Callable, Iterator, Sequence

from edge_greengrass.uplink.ledger import Kind, Ledger
from edge_greengrass.uplink.spool import Spool, Spooled
from plume.model.segment import Acknowledgement

MOST_LIVE = 100
"""More live segments than this do not wait their turn: the line is too slow for all of them."""
STILL_LIVE = 20
NEAR = 8
"""Segments so close together [numbers] are read in one go, what lies between them as well."""


def _untold(_count: int) -> None:
    """Tell nobody."""


class Outgoing:
    """Chooses segments and keeps account of them; one thread at a time uses it.

    Args:
        spool: the outbox.
        lost: is told how many segments the disk does not give any more, found now or at the start.
    """

    def __init__(self, spool: Spool, lost: Callable[[int], None] = _untold) -> None:
        self._spool, self._lost = spool, lost
        if spool.missing:
            lost(spool.missing)
        self._live_from = self.ledger.newest + 1

    @property
    def ledger(self) -> Ledger:
        """How each segment stands."""
        return self._spool.ledger

    def line_mended(self, lost: Sequence[int]) -> None:
        """Take everything that was sealed until now for backlog, and what was lost on the way."""
        self.ledger.put_back(lost)
        self._live_from = self.ledger.newest + 1

    def live(self, most: int) -> list[Spooled]:
        """Take the live segments that wait, oldest first; they are under way now."""
        waiting = self._live_waiting()
        if len(waiting) > MOST_LIVE:
            self._live_from = self.ledger.newest + 1 - STILL_LIVE
            waiting = self._live_waiting()
        return self._taken(waiting[:most])

    def _live_waiting(self) -> list[int]:
        end = self.ledger.newest + 1
        return sorted(
            each
            for kind in Kind
            for each in self.ledger.oldest(kind, MOST_LIVE + 1, since=self._live_from, until=end)
        )

    def backlog(self, most: int) -> list[Spooled]:
        """Take segments of the backlog, all of one kind; they are under way now."""
        for kind in Kind:
            found = self.ledger.oldest(kind, most, until=self._live_from)
            if found and (taken := self._taken(found)):
                return taken
        return []

    @property
    def backlog_waiting(self) -> int:
        """How many segments wait that nobody carries just now, nearly all of them backlog."""
        return self.ledger.waiting

    def acknowledged(self, told: Acknowledgement) -> bool:
        """Note what the cloud has, and forget what nobody needs any more; False: not believed.

        Beyond our own chain another machine speaks in our name, or our outbox is an old copy: to
        forget now would be to believe that the cloud has what it has never seen from us.
        """
        highest = max([told.sequence, *(last for _, last in told.above)])
        if highest > self.ledger.newest:
            return False
        over = self.ledger.acknowledge(told)
        if over is not None:
            self._spool.forget(over)
        return True

    def _taken(self, sequences: Sequence[int]) -> list[Spooled]:
        """Read segments; one that the disk does not give any more is lost, and that is noted."""
        wanted = set(sequences)
        found = [
            one
            for first, last in _runs(sequences)
            for one in self._spool.after(self.ledger.before(first), last - first + 1)
            if one.sequence in wanted
        ]
        self.ledger.take([one.sequence for one in found])
        if lost := wanted - {one.sequence for one in found}:
            self.ledger.lose(sorted(lost))
            self._lost(len(lost))
        return found


def _runs(sequences: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of groups whose members lie near one another."""
    if not sequences:
        return
    first = last = sequences[0]
    for each in sequences[1:]:
        if each - last > NEAR:
            yield first, last
            first = each
        last = each
    yield first, last
