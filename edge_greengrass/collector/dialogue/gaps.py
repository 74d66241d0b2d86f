"""What is missing of one kind of data of one data logger: the holes between what was seen.

Times are DataTime as unix time [s]. What was asked for and did not come is closed for good: a data
logger is never asked twice for what it has not got.
"""

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

MOST_RANGES = 256
"""Ranges remembered [1]; beyond them the oldest holes are closed unasked."""
MINUTE_STEPS = frozenset(60 * minutes for minutes in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30))
"""Spacings that MinInterval allows [s] (HJ 212-2017, table 4)."""
HOUR_STEPS = frozenset({3600})
SILENCE_STEPS = frozenset({120})
"""Real-time data have no fixed spacing worth keeping: a silence above two minutes is a hole."""
_WITNESSES = 3


@dataclass(frozen=True, slots=True, order=True)
class Hole:
    """DataTime in `[first, last]` is missing, ends included [s]; `count` is how many."""

    first: int
    last: int
    count: int


class Seen:
    """The DataTimes of one kind of data, as ranges without holes.

    Args:
        steps: the spacings there can be [s]; with one alone it is known from the start.
        step: the spacing known so far [s], 0 for none.
        ranges: `[first, last]` pairs, in order, not touching.
        margin: how far a hole stays away from what was seen [s]; the spacing when 0.
    """

    def __init__(
        self,
        steps: frozenset[int],
        step: int = 0,
        ranges: Iterable[tuple[int, int]] = (),
        margin: int = 0,
    ) -> None:
        self._steps, self._margin = steps, margin
        self.step = step or (min(steps) if len(steps) == 1 else 0)
        self.ranges = sorted(ranges)
        self._latest: deque[int] = deque(maxlen=8)

    def saw(self, at: int) -> bool:
        """Take one DataTime; whether it filled a hole or came before all that is known."""
        self._learn(at)
        place = bisect_right(self.ranges, (at, 1 << 62))
        if place and self.ranges[place - 1][1] >= at:
            return False
        late = place < len(self.ranges)
        insort(self.ranges, (at, at))
        self._join(max(0, place - 1), place + 1)
        self._bound()
        return late

    def holes(self, since: int) -> list[Hole]:
        """Give what is missing after `since`, oldest first; none while the spacing is unknown."""
        if not self.step:
            return []
        found = []
        for (_, before), (after, _) in pairwise(self.ranges):
            margin = self._margin or self.step
            first, last = before + margin, after - margin
            if after - before > self.step and first >= since:
                found.append(Hole(first, last, (last - first) // self.step + 1))
        return found

    def missing(self, hole: Hole) -> int:
        """Give how many of a hole are still missing."""
        step = self.step or 1
        return sum(not self._has(at) for at in range(hole.first, hole.last + 1, step))

    def close(self, hole: Hole) -> None:
        """Remember that no more of this hole will come."""
        low, high = hole.first - self.step, hole.last + self.step
        kept = [one for one in self.ranges if one[1] < low or one[0] > high]
        inside = [one for one in self.ranges if not (one[1] < low or one[0] > high)]
        first = min([hole.first, *(one[0] for one in inside)])
        last = max([hole.last, *(one[1] for one in inside)])
        insort(kept, (first, last))
        self.ranges = kept

    def _has(self, at: int) -> bool:
        place = bisect_right(self.ranges, (at, 1 << 62))
        return bool(place) and self.ranges[place - 1][1] >= at

    def _join(self, low: int, high: int) -> None:
        """Join neighbours among `ranges[low : high + 1]` that touch."""
        joined: list[tuple[int, int]] = []
        for one in self.ranges[low : high + 1]:
            if joined and one[0] - joined[-1][1] <= self.step:
                joined[-1] = (joined[-1][0], max(one[1], joined[-1][1]))
            else:
                joined.append(one)
        self.ranges[low : high + 1] = joined

    def _learn(self, at: int) -> None:
        """Take the spacing that frames in a row have agreed upon."""
        if len(self._steps) == 1:
            return
        self._latest.append(at)
        spans = [later - earlier for earlier, later in pairwise(self._latest)]
        if len(spans) >= _WITNESSES and len(set(spans[-_WITNESSES:])) == 1:
            step = spans[-1]
            if step in self._steps and step != self.step:
                self.step = step
                self._join(0, len(self.ranges))

    def _bound(self) -> None:
        while len(self.ranges) > MOST_RANGES:
            (first, _), (_, last) = self.ranges[:2]
            self.ranges[:2] = [(first, last)]
