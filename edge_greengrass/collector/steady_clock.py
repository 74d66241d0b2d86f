"""The time of receipt: it follows the clock of the device, and never goes back.

A clock that is set forward is followed at once. One that is set back is not: time runs on at half
its speed until the clock has caught up, so that records of one log keep their order in time, and
frames are not held against a clock that may be the wrong one. Only a clock set back by more than
a week is followed at once: running it off would take longer than the doubt is worth. Every step
is told.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

LEAST_STEP = timedelta(seconds=1)
"""What counts as a step; a clock that is slewed by NTP moves less (500 ppm) between two looks."""
MOST_RUN_OFF = timedelta(days=7)
SLOWED = 0.5


class SteadyClock:
    """One time for all records of a process.

    Args:
        wall: gives the unix time [s] that the device believes in.
        steady: gives a monotonic time [s].
        at_least: what an earlier run has given out last; None for none.

    Attributes:
        on_step: called with how far the clock of the device was set ahead, or back (negative).
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        at_least: datetime | None = None,
    ) -> None:
        self._wall, self._steady = wall, steady
        self._last_wall, self._last_steady = wall(), steady()
        self._given = self._last_wall
        self.on_step: Callable[[timedelta], None] = _untold
        if at_least is not None:
            earlier = at_least.timestamp()
            if 0 < earlier - self._given <= MOST_RUN_OFF.total_seconds():
                self._given = earlier

    def now(self) -> datetime:
        """Give the time, aware; never before one given out earlier, but for MOST_RUN_OFF."""
        wall, steady = self._wall(), self._steady()
        elapsed = steady - self._last_steady
        step = wall - self._last_wall - elapsed
        self._last_wall, self._last_steady = wall, steady
        self._given = self._followed(wall, elapsed)
        if abs(step) >= LEAST_STEP.total_seconds():
            self.on_step(timedelta(seconds=step))
        return datetime.fromtimestamp(self._given, tz=UTC)

    def shown(self) -> datetime:
        """Give what the device believes, aware: for what is told to others, such as their time."""
        return self.now() - self.lead()

    def lead(self) -> timedelta:
        """Give how far the time of receipt is ahead of the clock of the device now."""
        return timedelta(seconds=self.now().timestamp() - self._last_wall)

    def _followed(self, wall: float, elapsed: float) -> float:
        if self._given - wall > MOST_RUN_OFF.total_seconds():
            return wall
        return max(wall, self._given + elapsed * SLOWED)


def _untold(step: timedelta) -> None:
    del step
