"""Which segments of the outbox still wait for the cloud: 18 bytes each, never their content.

Pure: no disk, no network, no clock. Sequences of one chain rise by one, so a segment's place here
is its sequence less the first one's. A number that is missing was lost on the disk.
"""

from array import array
from collections.abc import Iterator, Sequence
from enum import IntEnum

from edge_greengrass.outbox.log import Position
from plume.model.segment import Acknowledgement

TRIM = 1 << 16


class Kind(IntEnum):
    """What a segment holds, in the order in which segments that have waited are sent."""

    URGENT = 0
    """Frames and events: never given up."""
    TELEMETRY = 1
    """Point blocks: thinned when space is short."""


class State(IntEnum):
    """How one segment stands; the kind is the lowest bit beside it."""

    WAITING = 0
    UNDER_WAY = 2
    DONE = 4
    LOST = 6


_WAITING = {kind: bytes([State.WAITING | kind]) for kind in Kind}
_OVER = State.DONE
"""From here on a segment is nobody's business any more."""


class Ledger:
    """The states of all segments between the oldest that is not acknowledged and the newest."""

    def __init__(self) -> None:
        self._base = 0
        self._low = 0
        self._files, self._ends = array("Q"), array("Q")
        self._codes = bytearray()

    @property
    def newest(self) -> int:
        """The highest sequence; one less than the lowest when there is none."""
        return self._base + len(self._codes) - 1

    @property
    def waiting(self) -> int:
        """How many segments nobody carries just now."""
        return sum(self._codes.count(code, self._low) for code in _WAITING.values())

    @property
    def owed(self) -> int:
        """How many segments the cloud has not acknowledged."""
        over = sum(
            self._codes.count(bytes([state]), self._low) for state in (State.DONE, State.LOST)
        )
        return len(self._codes) - self._low - over

    def add(self, sequence: int, kind: Kind, position: Position) -> int:
        """Enter the newest segment; give how many numbers before it are missing."""
        if not self._codes:
            self._base = sequence
        missing = sequence - self.newest - 1
        for _ in range(missing):
            self._append(State.LOST, Position(self._files[-1], self._ends[-1]))
        self._append(State.WAITING | kind, position)
        return missing

    def before(self, sequence: int) -> Position | None:
        """Give the position behind which a segment lies; None is the beginning."""
        index = sequence - self._base - 1
        return Position(self._files[index], self._ends[index]) if index >= 0 else None

    def oldest(self, kind: Kind, most: int, *, since: int = 0, until: int) -> list[int]:
        """Give at most `most` waiting segments of a kind in `[since, until)`, oldest first."""
        found: list[int] = []
        index, stop = max(self._low, since - self._base), until - self._base
        while len(found) < most:
            index = self._codes.find(_WAITING[kind], index, stop)
            if index < 0:
                break
            found.append(self._base + index)
            index += 1
        return found

    def take(self, sequences: Sequence[int]) -> None:
        """Note that these are under way."""
        for index in self._places(sequences):
            if self._codes[index] < State.UNDER_WAY:
                self._codes[index] |= State.UNDER_WAY

    def put_back(self, sequences: Sequence[int]) -> None:
        """Note that these are not under way any more; what is acknowledged stays so."""
        for index in self._places(sequences):
            if self._codes[index] < _OVER:
                self._codes[index] &= ~State.UNDER_WAY

    def lose(self, sequences: Sequence[int]) -> None:
        """Note that the disk does not give these any more."""
        for index in self._places(sequences):
            self._codes[index] = State.LOST

    def acknowledge(self, told: Acknowledgement) -> Position | None:
        """Note what is stored; give the position up to which nothing is owed, if that moved."""
        self._close(self._base + self._low, told.sequence)
        for first, last in told.above:
            self._close(first, last)
        before = self._low
        while self._low < len(self._codes) and self._codes[self._low] >= _OVER:
            self._low += 1
        if self._low == before:
            return None
        position = Position(self._files[self._low - 1], self._ends[self._low - 1])
        self._trim()
        return position

    def owes(self, upto: int) -> bool:
        """Whether any segment up to this one is not acknowledged."""
        return self._base + self._low <= min(upto, self.newest)

    def is_over(self, sequence: int) -> bool:
        """Whether a segment is acknowledged, or lost, or from before our time."""
        index = sequence - self._base
        return index < self._low or self._codes[index] >= _OVER

    def _close(self, first: int, last: int) -> None:
        low = max(first - self._base, self._low)
        high = min(last - self._base + 1, len(self._codes))
        if low < high:
            self._codes[low:high] = bytes([State.DONE]) * (high - low)

    def _places(self, sequences: Sequence[int]) -> Iterator[int]:
        for sequence in sequences:
            index = sequence - self._base
            if self._low <= index < len(self._codes):
                yield index

    def _append(self, code: int, position: Position) -> None:
        self._files.append(position.file)
        self._ends.append(position.end)
        self._codes.append(code)

    def _trim(self) -> None:
        """Let go of what is over, save the last of it: the next one lies behind it."""
        over = self._low - 1
        if over < TRIM:
            return
        del self._files[:over], self._ends[:over], self._codes[:over]
        self._base, self._low = self._base + over, 1
