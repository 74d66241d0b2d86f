"""The clock of a plant: it may run late and fast; it runs ahead only when it is told to."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class PlantClock:
    """Starts `behind` the present and runs `compression` times faster until it has caught up.

    Args:
        behind: how far in the past the clock starts.
        compression: how many seconds of the plant pass in one second [-], at least 1.
        present: gives the unix time [s].
        ahead: how far the clock goes wrong [s]: ahead of the plant, or behind when negative.
    """

    def __init__(
        self,
        behind: timedelta,
        compression: float,
        present: Callable[[], float] = time.time,
        ahead: float = 0.0,
    ) -> None:
        self._present = present
        self._real_start = present()
        self._start = self._real_start - behind.total_seconds()
        self._compression = compression
        self._lag = -ahead

    def now(self) -> datetime:
        """Give the time of the plant, aware."""
        present = self._present()
        run = self._start + (present - self._real_start) * self._compression
        return datetime.fromtimestamp(min(run, present) - self._lag, tz=UTC)

    def seconds_until(self, at: datetime) -> float:
        """How long to sleep [s] until the clock shows `at`."""
        left = (at - self.now()).total_seconds()
        present = self._present()
        run = self._start + (present - self._real_start) * self._compression
        return max(0.0, left / (self._compression if run < present else 1.0))

    def set(self, given: datetime) -> None:
        """Obey CN 1012, however wrong the host is."""
        self._lag = 0.0
        self._lag = (self.now() - given).total_seconds()
