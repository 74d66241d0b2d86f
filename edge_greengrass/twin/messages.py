"""What the data logger has to say: which message of which time, and its frames."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from edge_greengrass.twin import intervals
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.episode import Happening
from edge_greengrass.twin.habits import Habits
from edge_greengrass.twin.instruments import Instruments
from plume.hj212 import encode
from plume.hj212.moments import written

REAL_TIME, MINUTE, HOUR, DAY = "2011", "2051", "2061", "2031"
SECONDS = {MINUTE: 600, HOUR: 3600, DAY: 86400}
"""Lengths of the intervals [s]; minute data come every ten minutes unless the host says else."""
FLAGS = {"2017": 5, "2025": 9}
CLOCK_OFFSET = timedelta(minutes=-17)
"""How far a clock is off that was set wrong: late, so that nothing comes from the future."""
PROCESS_SYSTEMS = {"31": "51", "32": "52"}
"""The system (ST) of the points of production and treatment, by that of the outlet."""


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """One upload: `at` is its DataTime, `due` when it was first to be sent. Aware.

    `process` says that it tells of production and treatment (ST 51, 52), not of the outlet;
    `revised` that it was told before, otherwise. `seconds` is the length of its interval, 0 for
    the usual one of its CN.
    """

    due: datetime
    cn: str
    at: datetime
    process: bool = False
    revised: bool = False
    seconds: int = 0


class Station:
    """The data logger of one plant: turns messages into frames, always the same ones.

    Args:
        settings: the plant.
        instruments: what it reads.
        forged: what it reads for messages that are revised.
        habits: what the host may change: PW and key.
    """

    def __init__(
        self,
        settings: PlantSettings,
        instruments: Instruments,
        forged: Instruments | None = None,
        habits: Habits | None = None,
    ) -> None:
        self._settings = settings
        self._habits = habits or Habits.of(settings)
        self.instruments = instruments
        self._forged = forged or instruments

    def frames(self, message: Message, qn: str, *, late: bool) -> list[bytes]:
        """Build the frames of a message; `late` marks it as sent again (2025: RF=1)."""
        settings = self._settings
        offset = self.clock_offset(message.at) if message.cn == REAL_TIME else timedelta(0)
        return encode.split(
            self._items(message),
            data_time=written(message.at + offset),
            flag=FLAGS[settings.edition],
            resent=late and settings.edition == "2025" and not message.revised,
            qn=qn,
            st=PROCESS_SYSTEMS[settings.st] if message.process else settings.st,
            cn=message.cn,
            password=self._habits.password,
            mn=self._habits.mn,
            key=self._habits.key,
        )

    def tells(self, message: Message) -> bool:
        """Whether the message is sent at all: what a blackout touches is never told."""
        calendar = self.instruments.calendar
        moments = (message.at, message.due - timedelta(seconds=1))
        return not any(
            calendar.during(Happening.BLACKOUT, int(one.timestamp())) for one in moments
        )

    def clock_offset(self, at: datetime) -> timedelta:
        """Give how far the logger's clock is off."""
        calendar = self.instruments.calendar
        off = calendar.during(Happening.CLOCK_SHIFT, int(at.timestamp()))
        return CLOCK_OFFSET if off else timedelta(0)

    def _items(self, message: Message) -> list[str]:
        at = int(message.at.timestamp())
        if message.process:
            return intervals.process_items(self.instruments, at)
        if message.cn == REAL_TIME:
            return intervals.real_time_items(self.instruments, at)
        told = self._forged if message.revised else self.instruments
        return intervals.interval_items(told, at, message.seconds or SECONDS[message.cn])
