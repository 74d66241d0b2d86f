"""Plant time: real time, or a past that runs faster until it meets the present."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


def real_now() -> datetime:
    """Give the present, aware."""
    return datetime.now(tz=UTC)


@dataclass(slots=True)
class PlantClock:
    """Starts at `start` and runs `speed` times as fast as the world, never ahead of it."""

    start: datetime
    speed: float = 1.0
    _began: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """Give the plant's present."""
        run = timedelta(seconds=(time.monotonic() - self._began) * self.speed)
        return min(self.start + run, real_now())

    @property
    def pace(self) -> float:
        """Give how many plant seconds pass in a real one: 1 once the present is reached."""
        return self.speed if self.now() < real_now() - timedelta(seconds=2) else 1.0
