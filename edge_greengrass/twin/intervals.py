"""Means of an interval as a data logger makes them: minimum, mean, maximum, amount."""

from collections import Counter
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from edge_greengrass.twin.instruments import Instruments, Letters, Readout
from edge_greengrass.twin.plant import Channel, Plant

STEP_SECONDS = 10
"""The analysers are read every ten seconds, whatever is uploaded."""
NORMAL = "N"
NORMAL_SHARE = 0.75
_FULL_SCALE = 21.0
_LEAST_LACK = 1.0


def printed(value: float, decimals: int) -> str:
    """Print a value as the data logger does: fixed digits, halves to even."""
    return str(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals)))


def real_time_items(instruments: Instruments, at: int) -> list[str]:
    """Give `x-Rtd, [x-ZsRtd,] x-Flag` of every outlet channel at a unix time [s]."""
    shown, plant = instruments.glance(at), instruments.plant
    items = []
    for channel in plant.channels:
        values = [_rtd(channel, shown)]
        if channel.converted and _is_convertible(shown):
            converted = _converted(plant, channel, shown)[0]
            values.append(f"{channel.code}-ZsRtd={printed(converted, channel.decimals)}")
        items.append(",".join([*values, f"{channel.code}-Flag={shown.letters[channel.code][0]}"]))
    return items


def process_items(instruments: Instruments, at: int) -> list[str]:
    """Give `x-Rtd, x-Flag` of every point of production and treatment at a unix time [s]."""
    shown = instruments.glance(at)
    return [
        f"{_rtd(channel, shown)},{channel.code}-Flag={shown.letters[channel.code][0]}"
        for channel in instruments.plant.process
    ]


def interval_items(instruments: Instruments, start: int, seconds: int) -> list[str]:
    """Give `x-Cou, x-Min, x-Avg, x-Max, x-Zs.., x-Flag` over `[start, start + seconds)`.

    Minimum, mean and maximum are over the normal values, over all where none is normal.

    Source:
        HJ 212-2017, annex D: formulas 7 (converted, from the means), 11 (mass of gas) and 12
        (mass of water, means weighted by flow); annex C for the letter of an interval.
    """
    shown, plant = _read(instruments, start, seconds), instruments.plant
    return [_interval_item(plant, channel, shown) for channel in plant.channels]


def letter_of(letters: Letters, *, water: bool) -> str:
    """Give the letter of an interval from those of its samples.

    Flue gas is normal from 75 % normal values on, water only when every value is; else the
    commonest of the other letters speaks. HJ 212-2017, annex C, says D for all of them; the
    letters of HJ 75-2017 tell more, and a logger that knows the reason reports it.
    """
    counted = Counter(letters.tolist())
    normal = counted.pop(NORMAL, 0) / len(letters)
    if not counted or (not water and normal >= NORMAL_SHARE):
        return NORMAL
    return str(counted.most_common(1)[0][0])


def _read(instruments: Instruments, start: int, seconds: int) -> Readout:
    return instruments.read(np.arange(start, start + seconds, STEP_SECONDS, dtype=np.int64))


def _rtd(channel: Channel, shown: Readout) -> str:
    return f"{channel.code}-Rtd={printed(shown.values[channel.code][0], channel.decimals)}"


def _interval_item(plant: Plant, channel: Channel, shown: Readout) -> str:
    counting = _counting(channel, shown)
    values = shown.values[channel.code][counting]
    said = {"Cou": _amount(plant, channel, shown)} if channel.mass or channel.flow else {}
    said |= {"Min": values.min(), "Avg": _mean(plant, channel, shown), "Max": values.max()}
    if channel.converted and _is_convertible(shown):
        converted = _converted(plant, channel, shown)[counting]
        said |= {
            "ZsMin": converted.min(),
            "ZsAvg": _converted_mean(plant, channel, shown),
            "ZsMax": converted.max(),
        }
    texts = [f"{channel.code}-{name}={_text(name, v, channel)}" for name, v in said.items()]
    letter = letter_of(shown.letters[channel.code], water=channel.in_water)
    return ",".join([*texts, f"{channel.code}-Flag={letter}"])


def _text(name: str, value: float, channel: Channel) -> str:
    return printed(value, 3 if name == "Cou" else channel.decimals)


def _counting(channel: Channel, shown: Readout) -> NDArray[np.bool_]:
    normal: NDArray[np.bool_] = shown.letters[channel.code] == NORMAL
    return normal if normal.any() else np.ones(len(normal), dtype=np.bool_)


def _flow(plant: Plant, shown: Readout) -> NDArray[np.float64]:
    """Give cubic metres of each step."""
    code = next(one.code for one in plant.channels if one.flow)
    return shown.values[code] * plant.flow_to_cubic_metres * STEP_SECONDS


def _amount(plant: Plant, channel: Channel, shown: Readout) -> float:
    """Give the volume [m3] of the flow channel, the mass [kg] of any other.

    What is not normal is taken to be as the normal values are.
    """
    flow = _flow(plant, shown)
    if channel.flow:
        return float(flow.sum())
    counting = _counting(channel, shown)
    carried = (shown.values[channel.code] * flow)[counting].sum()
    whole = flow.sum() / flow[counting].sum() if flow[counting].sum() > 0 else 0.0
    told = shown.accumulation[channel.code].mean()
    return float(carried * whole * plant.mass_to_kilograms * told)


def _mean(plant: Plant, channel: Channel, shown: Readout) -> float:
    """Give the mean, weighted by flow where water carries a mass."""
    counting = _counting(channel, shown)
    values = shown.values[channel.code][counting]
    if channel.mass and channel.in_water:
        flow = _flow(plant, shown)[counting]
        if flow.sum() > 0:
            return float((values * flow).sum() / flow.sum())
    return float(values.mean())


def _is_convertible(shown: Readout) -> bool:
    """Where the gas is nearly air there is nothing to divide by (HJ 212-2017, formula 7)."""
    oxygen = shown.values["a19001"]
    return bool((_FULL_SCALE - oxygen >= _LEAST_LACK).all())


def _converted(plant: Plant, channel: Channel, shown: Readout) -> NDArray[np.float64]:
    factor = _factor(plant, shown.values["a19001"]) * shown.conversion[channel.code]
    return shown.values[channel.code] * factor


def _converted_mean(plant: Plant, channel: Channel, shown: Readout) -> float:
    """Convert the mean by the mean oxygen, both with the digits they are reported with."""
    oxygen_counting = shown.letters["a19001"] == NORMAL
    oxygen = shown.values["a19001"][oxygen_counting if oxygen_counting.any() else slice(None)]
    counting = _counting(channel, shown)
    mean = np.round(shown.values[channel.code][counting].mean(), channel.decimals)
    factor = _factor(plant, np.round(oxygen.mean(keepdims=True), 2))[0]
    return float(mean * factor * shown.conversion[channel.code].mean())


def _factor(plant: Plant, oxygen: NDArray[np.float64]) -> NDArray[np.float64]:
    if plant.reference_oxygen is None:
        raise ValueError("no reference oxygen to convert to")
    return (_FULL_SCALE - plant.reference_oxygen) / (_FULL_SCALE - oxygen)
