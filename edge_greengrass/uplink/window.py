"""Segments on their way as messages: which to send, which to send again, and which to forget.

Pure: time comes in as a monotonic clock [s], nothing here touches disk or network.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge_greengrass.uplink.spool import Spooled
from plume.model.segment import Acknowledgement

MOST_IN_FLIGHT = 20
"""Half of what 100 publishes/s would allow at 0.4 s to the acknowledgement (IoT Core's limit)."""
KEPT_FOR_LIVE = 5
"""So many of them are never given to the backlog."""
FIRST_PATIENCE = 20.0
LONGEST_PATIENCE = 80.0
USUAL_TIMES = 3.0
"""A segment is sent again after so many times the usual wait: a slow cloud is not made slower."""
MOST_USUAL = 320.0
_SHARE = 1 / 8
"""How much one acknowledgement moves what is usual (RFC 6298, 2.3, alpha)."""


@dataclass(slots=True)
class _Flight:
    spooled: Spooled
    due: float
    patience: float = FIRST_PATIENCE
    sent_at: float | None = None
    sent_again_at: float = 0.0


class Window:
    """The segments that are under way as messages, at most `most` of them.

    Args:
        most: how many segments may be under way.
        patience: how long [s] to wait for the first acknowledgement; it doubles with every
            sending, up to `longest`.
    """

    def __init__(
        self,
        most: int = MOST_IN_FLIGHT,
        patience: float = FIRST_PATIENCE,
        longest: float = LONGEST_PATIENCE,
    ) -> None:
        self._most, self._patience, self._longest = most, patience, longest
        self._flights: dict[int, _Flight] = {}
        self._usual = 0.0

    @property
    def room(self) -> int:
        """How many more segments may be admitted."""
        return self._most - len(self._flights)

    @property
    def room_for_backlog(self) -> int:
        """How many of them may be old ones."""
        return self.room - KEPT_FOR_LIVE

    @property
    def waiting(self) -> int:
        """How many segments wait for their acknowledgement."""
        return len(self._flights)

    @property
    def unanswered_since(self) -> float | None:
        """When the segment was first sent that has waited longest; None when none waits."""
        sent = (flight.sent_at for flight in self._flights.values())
        return min((at for at in sent if at is not None), default=None)

    def admit(self, spooled: Sequence[Spooled], now: float) -> None:
        """Take segments in; they are due at once."""
        patience = max(self._patience, min(USUAL_TIMES * self._usual, MOST_USUAL))
        for one in spooled:
            self._flights[one.sequence] = _Flight(one, due=now, patience=patience)

    def due(self, now: float) -> list[Spooled]:
        """Give what must be sent now, newest first, and take it as sent."""
        flights = [self._flights[number] for number in sorted(self._flights, reverse=True)]
        flights = [flight for flight in flights if flight.due <= now]
        for flight in flights:
            flight.due = now + flight.patience
            flight.patience = max(flight.patience, min(2 * flight.patience, self._longest))
            flight.sent_at = now if flight.sent_at is None else flight.sent_at
            flight.sent_again_at = now
        return [flight.spooled for flight in flights]

    def next_due(self) -> float | None:
        """When something must be sent at the latest; None when nothing is under way."""
        return min((flight.due for flight in self._flights.values()), default=None)

    def emptied(self) -> list[int]:
        """Give up everything that is under way, by its number: the connection has changed."""
        given_up = list(self._flights)
        self._flights.clear()
        return given_up

    def acknowledged(self, told: Acknowledgement, now: float) -> None:
        """Drop what is stored, and learn how long the cloud usually takes.

        Counted from the last sending: counted from the first, whatever was lost on the way would
        make the cloud look slow, and what is lost next would wait for longer still.
        """
        for number, flight in self._flights.items():
            if flight.sent_at is not None and told.covers(number):
                self._usual += _SHARE * (now - flight.sent_again_at - self._usual)
        self._flights = {
            number: flight for number, flight in self._flights.items() if not told.covers(number)
        }
