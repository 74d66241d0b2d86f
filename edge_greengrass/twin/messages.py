"""What the data logger has to say: which message of which time, and its frames."""

from dataclasses import dataclass
from datetime import datetime

from edge_greengrass.twin import intervals
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.gas_turbine import GasTurbine
from edge_greengrass.twin.habits import CALIBRATION, Habits
from edge_greengrass.twin.plant import Plant
from edge_greengrass.twin.sewage import Sewage
from plume.hj212 import encode
from plume.hj212.moments import written

REAL_TIME, MINUTE, HOUR, DAY = "2011", "2051", "2061", "2031"
SECONDS = {MINUTE: 600, HOUR: 3600, DAY: 86400}
"""Lengths of the intervals [s]; minute data come every ten minutes unless the host says else."""
FLAGS = {"2017": 5, "2025": 9}


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """One upload: `at` is its DataTime, `due` when it was first to be sent. Aware.

    `seconds` is the length of its interval, 0 for that of its CN.
    """

    due: datetime
    cn: str
    at: datetime
    seconds: int = 0


def plant_of(settings: PlantSettings) -> Plant:
    """Build the plant."""
    if settings.kind == "gas_turbine":
        return GasTurbine(settings.data, settings.seed, settings.scale)
    return Sewage(settings.seed, settings.scale, settings.strain)


class Station:
    """The data logger of one plant: turns messages into frames, always the same ones.

    Args:
        settings: the plant.
        plant: its analysers.
        habits: what the host has changed: PW, key, a calibration under way.
    """

    def __init__(
        self, settings: PlantSettings, plant: Plant, habits: Habits | None = None
    ) -> None:
        self._settings = settings
        self._plant = plant
        self._habits = habits or Habits.of(settings)

    @property
    def channels(self) -> tuple[str, ...]:
        """The factors that are measured."""
        return tuple(one.code for one in self._plant.channels)

    def frames(self, message: Message, qn: str, *, late: bool) -> list[bytes]:
        """Build the frames of a message; `late` marks it as sent again (2025: RF=1)."""
        settings = self._settings
        return encode.split(
            self._items(message),
            data_time=written(message.at),
            flag=FLAGS[settings.edition],
            resent=late and settings.edition == "2025",
            qn=qn,
            st=settings.st,
            cn=message.cn,
            password=self._habits.password,
            mn=settings.mn,
            key=self._habits.key,
        )

    def _items(self, message: Message) -> list[str]:
        at = int(message.at.timestamp())
        if message.cn == REAL_TIME:
            items = intervals.real_time_items(self._plant, at)
            return [self._marked(item, message.at) for item in items]
        return intervals.interval_items(self._plant, at, message.seconds or SECONDS[message.cn])

    def _marked(self, item: str, at: datetime) -> str:
        """Mark a value that the analyser showed while it was being calibrated (Flag C)."""
        code = item.partition("-")[0]
        until = self._habits.calibrating.get(code)
        if until is None or not until - CALIBRATION <= at < until:
            return item
        return item.replace(f"{code}-Flag=N", f"{code}-Flag=C")
