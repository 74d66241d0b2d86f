"""How far the clock of one data logger is off, from the QNs of its frames and its own answers.

A QN is the time of sending by the clock of the data logger; what it lags behind the time of
receipt is the error of that clock and the delay of the network together. Delays only ever make a
clock look late. So the median of many is taken, half of the shortest round trip is added, frames
sent again are left out, and more witnesses are asked for a clock that seems to have gone back.

Source:
    HJ 212-2017, table 3 (QN); CN 1011 gives the time in whole seconds.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

MOST_SAMPLES = 61
LEAST_SAMPLES = 3
"""Fewer measurements than this say nothing."""
LEAST_JUMP = 5.0
"""A clock is set when it differs by this much [s] (our choice, above all usual delays)."""
WITNESSES_AHEAD, WITNESSES_BEHIND = 3, 5
AGREEMENT = 2.0
"""So close [s] must witnesses of one jump lie."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The offset [s], positive when the clock of the data logger is ahead, from `samples`."""

    offset: float
    samples: int
    jumped: bool = False


class LoggerClock:
    """Measurements of one data logger's clock, and what they say together."""

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=MOST_SAMPLES)
        self._suspects: list[float] = []
        self._shortest_trip: float | None = None
        self._was_set = False

    def tripped(self, seconds: float) -> None:
        """Take the time between a request and its answer [s]."""
        shortest = self._shortest_trip
        self._shortest_trip = seconds if shortest is None else min(shortest, seconds)

    def measured(self, offset: float) -> Estimate | None:
        """Take the difference of a time told and the time of its receipt [s].

        Gives an estimate when it shows that the clock was set; None otherwise.
        """
        if len(self._samples) < LEAST_SAMPLES or abs(offset - median(self._samples)) < LEAST_JUMP:
            self._suspects.clear()
            self._samples.append(offset)
            return None
        return self._suspected(offset)

    def was_set(self) -> None:
        """The clock was set, and we know it: what was measured before says nothing any more."""
        self._begin_anew(())

    def told(self) -> None:
        """That the clock was set is told; what follows is the same clock."""
        self._was_set = False

    def shifted(self, seconds: float) -> None:
        """The clock of the edge itself was set ahead by so much; no data logger is to blame."""
        self._samples = deque((one - seconds for one in self._samples), MOST_SAMPLES)
        self._suspects.clear()

    def estimate(self) -> Estimate | None:
        """Give what the measurements say so far."""
        if len(self._samples) < LEAST_SAMPLES:
            return None
        delay = (self._shortest_trip or 0.0) / 2
        offset = median(self._samples) + delay
        return Estimate(offset, len(self._samples), jumped=self._was_set)

    def _suspected(self, offset: float) -> Estimate | None:
        if self._suspects and abs(offset - median(self._suspects)) > AGREEMENT:
            self._suspects.clear()
        self._suspects.append(offset)
        ahead = offset > median(self._samples)
        if len(self._suspects) < (WITNESSES_AHEAD if ahead else WITNESSES_BEHIND):
            return None
        self._begin_anew(self._suspects)
        return self.estimate()

    def _begin_anew(self, samples: Sequence[float]) -> None:
        self._samples = deque(samples, MOST_SAMPLES)
        self._suspects = []
        self._was_set = True
