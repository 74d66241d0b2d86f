"""The data logger of one plant (数采仪): says what is due, and forgets nothing unanswered."""

import asyncio
from datetime import datetime, timedelta

from edge_greengrass.journal import Journal
from edge_greengrass.twin import schedule
from edge_greengrass.twin.cast import instruments_of
from edge_greengrass.twin.clock import PlantClock
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.habits import Habits
from edge_greengrass.twin.instruments import Instruments
from edge_greengrass.twin.line import Line, LineBroken
from edge_greengrass.twin.messages import REAL_TIME, Message, Station
from edge_greengrass.twin.obedience import Obedience
from edge_greengrass.twin.pending import FRESH, Pending
from edge_greengrass.twin.revision import Shaved, revisions
from plume.hj212.frame import decode
from plume.hj212.moments import request_number

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""How long to wait before connecting anew [s]: doubled each time, and bounded."""
MOST_PACKETS = 9
"""Each packet of a message takes a QN of its own (HJ 212-2025: nine at most)."""


def clock_of(settings: PlantSettings) -> PlantClock:
    """Give the plant's clock: late by the backfill where time is compressed."""
    behind = timedelta(hours=settings.backfill_hours if settings.compression > 1 else 0)
    return PlantClock(behind, settings.compression, ahead=settings.clock_offset)


class DataLogger:
    """Lives until it is cancelled.

    Args:
        settings: the plant.
        journal: told of every connection won and lost.
        clock: the plant's clock; made from the settings when None.
        instruments: what it reads; made from the settings when None.
    """

    def __init__(
        self,
        settings: PlantSettings,
        journal: Journal,
        clock: PlantClock | None = None,
        instruments: Instruments | None = None,
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._clock = clock or clock_of(settings)
        self.habits = Habits.of(settings)
        instruments = instruments or instruments_of(settings)
        forged = Instruments(Shaved(instruments.plant), instruments.calendar)
        self._station = Station(settings, instruments, forged, self.habits)
        self._calendar = instruments.calendar
        self._process_interval = settings.process_interval if instruments.plant.process else 0
        self.pending = Pending()
        self._obedience = Obedience(
            settings, self._clock, self.habits, self._station, lambda one: self.pending.add([one])
        )
        self._last_at = self._clock.now()
        self.acknowledged = 0

    async def run(self) -> None:
        """Say what becomes due, and deliver what is owed, side by side."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._owe())
            tasks.create_task(self._deliver())

    async def _owe(self) -> None:
        now = self._clock.now()
        if self._settings.compression == 1:
            past = self._settings.backfill_hours
            process = self._process_interval > 0
            missed = schedule.backfill(now, past, process=process)
            self.pending.add_old(one for one in missed if self._station.tells(one))
            began = now - timedelta(hours=past)
            self.pending.add_old(revisions(self._calendar, began, now))
        while True:
            steps = (self.habits.interval, self._process_interval, self.habits.minute * 60)
            at = schedule.next_instant(now, *steps)
            await asyncio.sleep(self._clock.seconds_until(at))
            if self._clock.now() < at:
                continue
            due = schedule.due_at(at, *steps)
            self.pending.add(one for one in due if self._tells(one))
            self.pending.add_old(revisions(self._calendar, now, at))
            now = at

    def _tells(self, message: Message) -> bool:
        wanted = self.habits.real_time or message.cn != REAL_TIME
        return wanted and self._station.tells(message)

    async def _deliver(self) -> None:
        pause = FIRST_PAUSE
        while True:
            before = self.acknowledged
            try:
                await self._session()
            except (LineBroken, OSError) as fault:
                self._journal.tell(
                    "line_broken",
                    outlet=self._settings.outlet,
                    reason=str(fault),
                    owed=len(self.pending),
                )
            pause = FIRST_PAUSE if self.acknowledged > before else min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(min(pause, self._settings.patience))

    async def _session(self) -> None:
        """Deliver over one connection until it breaks."""
        settings = self._settings
        reader, writer = await asyncio.open_connection(settings.host, settings.port)
        line = Line(reader, writer, settings.patience, self._obedience)
        self._journal.tell("connected", outlet=settings.outlet, owed=len(self.pending))
        try:
            await self._introduce(line)
            while True:
                message = await line.meanwhile(self._next())
                await self._say(line, message)
                self.pending.settle(message)
                self.acknowledged += 1
        finally:
            await line.close()

    async def _next(self) -> Message:
        """Give what is to be said next: of the past no more than one message in each pace."""
        message = await self.pending.next(self._clock.now())
        pace = self._settings.backfill_pace
        while pace and self._clock.now() - message.due > FRESH:
            if not await self.pending.hears_within(pace):
                break
            message = await self.pending.next(self._clock.now())
        return message

    async def _introduce(self, line: Line) -> None:
        """Ask for an MN until there is one."""
        while not self.habits.mn:
            raw = self._obedience.announcement()
            await line.deliver(raw, decode(raw).qn)
            await asyncio.sleep(self._settings.patience)

    async def _say(self, line: Line, message: Message) -> None:
        now = self._clock.now()
        late = now - message.due > FRESH
        # A day of samples takes most of a second: other plants must not stand still meanwhile.
        told = self._station.frames
        for raw in await asyncio.to_thread(told, message, self._next_qn(now), late=late):
            await line.deliver(raw, decode(raw, keys=self.habits.keys).qn)

    def _next_qn(self, now: datetime) -> str:
        """Give a QN that was never used before, even within one millisecond."""
        shown = now + self._station.clock_offset(now)
        later = self._last_at + MOST_PACKETS * timedelta(milliseconds=1)
        was_set_back = later - shown > timedelta(minutes=1)
        self._last_at = shown if was_set_back else max(shown, later)
        return request_number(self._last_at)
