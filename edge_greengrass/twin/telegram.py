"""What the data logger of a plant says: CP of HJ 212 frames, at an instant or over an interval."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum

import numpy as np

from edge_greengrass.twin.channel import Channel, Plant

BEIJING = timezone(timedelta(hours=8))
MINUTE = timedelta(minutes=1)
GRAMS_TO_KILOGRAMS = 1e-3
MILLIGRAMS_TO_KILOGRAMS = 1e-6


class Kind(StrEnum):
    """Commands that carry data (HJ 212-2017 table 9)."""

    REAL_TIME = "2011"
    MINUTE = "2051"
    HOUR = "2061"
    DAY = "2031"


LENGTHS = {
    Kind.MINUTE: timedelta(minutes=10),
    Kind.HOUR: timedelta(hours=1),
    Kind.DAY: timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Telegram:
    """One thing to say: about the instant, or the interval that starts, at `about`."""

    kind: Kind
    about: datetime

    @property
    def due(self) -> datetime:
        """Give when it can be said: at the instant, or once the interval is over."""
        return self.about + LENGTHS.get(self.kind, timedelta())


def data_of(telegram: Telegram, plant: Plant) -> str:
    """Give the data area between `&&` and `&&`; DataTime is Beijing time, the interval's start."""
    when = f"DataTime={telegram.about.astimezone(BEIJING):%Y%m%d%H%M%S}"
    if telegram.kind is Kind.REAL_TIME:
        items = _instant(plant, telegram.about)
    else:
        items = _interval(plant, telegram.about, LENGTHS[telegram.kind])
    return ";".join([when, *items])


def _instant(plant: Plant, at: datetime) -> Iterator[str]:
    sample = plant.sample(at)
    factor = plant.factor(sample)
    for channel in plant.channels:
        values = {"Rtd": sample[channel.code]}
        if channel.converted:
            values["ZsRtd"] = sample[channel.code] * factor
        yield _item(channel, values)


def _interval(plant: Plant, start: datetime, length: timedelta) -> Iterator[str]:
    samples = [plant.sample(start + i * MINUTE) for i in range(length // MINUTE)]
    factors = np.array([plant.factor(sample) for sample in samples])
    flow = float(np.mean([sample[plant.flow] for sample in samples]))
    volume = plant.cubic_metres(flow, length.total_seconds())
    for channel in plant.channels:
        measured = np.array([sample[channel.code] for sample in samples])
        values = _spread("", measured)
        if channel.converted:
            values |= _spread("Zs", measured * factors)
        yield _item(channel, _discharge(channel, plant, measured, volume) | values)


def _spread(prefix: str, values: np.ndarray) -> dict[str, float]:
    low, mean, high = float(values.min()), float(values.mean()), float(values.max())
    return {f"{prefix}Min": low, f"{prefix}Avg": mean, f"{prefix}Max": high}


def _discharge(
    channel: Channel, plant: Plant, measured: np.ndarray, volume: float
) -> dict[str, float]:
    if channel.code == plant.flow:
        return {"Cou": volume}
    if not channel.mass:
        return {}
    to_kilograms = MILLIGRAMS_TO_KILOGRAMS if plant.st == "31" else GRAMS_TO_KILOGRAMS
    return {"Cou": float(measured.mean()) * volume * to_kilograms}


def _item(channel: Channel, values: Mapping[str, float]) -> str:
    said = [
        f"{channel.code}-{name}={value:.{channel.decimals}f}" for name, value in values.items()
    ]
    return ",".join([*said, f"{channel.code}-Flag=N"])


def intervals(kind: Kind, since: datetime, until: datetime) -> Iterator[Telegram]:
    """Give the telegrams of one kind whose intervals end in `(since, until]`, oldest first."""
    length = LENGTHS[kind]
    local = since.astimezone(BEIJING)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight + (local - midnight) // length * length
    while start + length <= until:
        if start + length > since:
            yield Telegram(kind, start)
        start += length
