"""One plant at work: what is new goes first, the past follows when there is time."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import merge

from edge_greengrass.twin.channel import Plant
from edge_greengrass.twin.data_logger import DataLogger
from edge_greengrass.twin.plant_clock import PlantClock
from edge_greengrass.twin.telegram import LENGTHS, Kind, Telegram, data_of, intervals

PAUSE_SECONDS = 0.2
"""Between two looks at the clock; also what back-filling leaves to the new data."""


@dataclass(slots=True)
class Performance:
    """Plays a plant through its data logger, for ever.

    `interval` is that of real-time data in plant time; `backfill` how much of the past is told
    after the start.
    """

    plant: Plant
    logger: DataLogger
    clock: PlantClock
    interval: timedelta
    backfill: timedelta
    told: int = 0
    _seen: datetime = field(init=False)
    _past: Iterator[Telegram] = field(init=False)

    def __post_init__(self) -> None:
        """Divide time into what is past and what is yet to come."""
        self._seen = self.clock.now()
        self._past = past(self._seen - self.backfill, self._seen)

    async def play(self) -> None:
        """Say what is due, new before old, until cancelled."""
        while True:
            await self._tell_new()
            await self._tell_old()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _tell_new(self) -> None:
        now = self.clock.now()
        for telegram in due(self._seen, now, self.interval):
            await self._tell(telegram)
        self._seen = now

    async def _tell_old(self) -> None:
        telegram = next(self._past, None)
        if telegram is not None:
            await self._tell(telegram)

    async def _tell(self, telegram: Telegram) -> None:
        data = await asyncio.to_thread(data_of, telegram, self.plant)
        await self.logger.say(telegram.kind, data)
        self.told += 1


def past(since: datetime, until: datetime) -> Iterator[Telegram]:
    """Give the interval data of a stretch of the past: hours and days first, then minutes."""
    yield from merge(
        intervals(Kind.HOUR, since, until),
        intervals(Kind.DAY, since, until),
        key=lambda telegram: telegram.due,
    )
    yield from intervals(Kind.MINUTE, since, until)


def due(since: datetime, until: datetime, interval: timedelta) -> Iterator[Telegram]:
    """Give what falls due in `(since, until]`: samples of the present, and finished intervals.

    Only the newest sample is given: a sample is a look at the present, and there is one present.
    """
    step = interval.total_seconds()
    newest = datetime.fromtimestamp(until.timestamp() // step * step, tz=until.tzinfo)
    if newest > since:
        yield Telegram(Kind.REAL_TIME, newest)
    yield from merge(
        *(intervals(kind, since, until) for kind in LENGTHS), key=lambda telegram: telegram.due
    )
