"""Means of an interval as a data logger makes them: minimum, mean, maximum, amount."""

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from edge_greengrass.twin.plant import Channel, Plant, Samples

STEP_SECONDS = 10
"""The analysers are read every ten seconds, whatever is uploaded."""
_FULL_SCALE = 21.0


def printed(value: float, decimals: int) -> str:
    """Print a value as the data logger does: fixed digits, halves to even."""
    return str(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals)))


def real_time_items(plant: Plant, at: int) -> list[str]:
    """Give `x-Rtd, [x-ZsRtd,] x-Flag` of every channel at a unix time [s]."""
    shown = _shown(plant, np.array([at], dtype=np.int64))
    items = []
    for channel in plant.channels:
        values = [f"{channel.code}-Rtd={printed(shown[channel.code][0], channel.decimals)}"]
        if channel.converted:
            converted = _converted(plant, channel, shown)[0]
            values.append(f"{channel.code}-ZsRtd={printed(converted, channel.decimals)}")
        items.append(",".join([*values, f"{channel.code}-Flag=N"]))
    return items


def interval_items(plant: Plant, start: int, seconds: int) -> list[str]:
    """Give `x-Cou, x-Min, x-Avg, x-Max, x-Zs.., x-Flag` over `[start, start + seconds)`.

    Source:
        HJ 212-2017, annex D: formulas 7 (converted, from the means), 11 (mass of gas) and 12
        (mass of water, means weighted by flow).
    """
    shown = _shown(plant, np.arange(start, start + seconds, STEP_SECONDS, dtype=np.int64))
    return [_interval_item(plant, channel, shown) for channel in plant.channels]


def _shown(plant: Plant, times: NDArray[np.int64]) -> Samples:
    """Read the analysers with the digits they show."""
    samples = plant.samples(times)
    return {one.code: np.round(samples[one.code], one.decimals) for one in plant.channels}


def _interval_item(plant: Plant, channel: Channel, shown: Samples) -> str:
    values = shown[channel.code]
    said = {"Cou": _amount(plant, channel, shown)} if channel.mass or channel.flow else {}
    said |= {"Min": values.min(), "Avg": _mean(plant, channel, shown), "Max": values.max()}
    if channel.converted:
        converted = _converted(plant, channel, shown)
        said |= {
            "ZsMin": converted.min(),
            "ZsAvg": _converted_mean(plant, channel, shown),
            "ZsMax": converted.max(),
        }
    texts = [f"{channel.code}-{name}={_text(name, v, channel)}" for name, v in said.items()]
    return ",".join([*texts, f"{channel.code}-Flag=N"])


def _text(name: str, value: float, channel: Channel) -> str:
    return printed(value, 3 if name == "Cou" else channel.decimals)


def _flow(plant: Plant, shown: Samples) -> NDArray[np.float64]:
    """Give cubic metres of each step."""
    code = next(one.code for one in plant.channels if one.flow)
    return shown[code] * plant.flow_to_cubic_metres * STEP_SECONDS


def _amount(plant: Plant, channel: Channel, shown: Samples) -> float:
    """Give the volume [m3] of the flow channel, the mass [kg] of any other."""
    flow = _flow(plant, shown)
    if channel.flow:
        return float(flow.sum())
    return float((shown[channel.code] * flow).sum() * plant.mass_to_kilograms)


def _mean(plant: Plant, channel: Channel, shown: Samples) -> float:
    """Give the mean, weighted by flow where water carries a mass."""
    values = shown[channel.code]
    if channel.mass and plant.reference_oxygen is None:
        flow = _flow(plant, shown)
        return float((values * flow).sum() / flow.sum())
    return float(values.mean())


def _converted(plant: Plant, channel: Channel, shown: Samples) -> NDArray[np.float64]:
    return shown[channel.code] * _factor(plant, shown["a19001"])


def _converted_mean(plant: Plant, channel: Channel, shown: Samples) -> float:
    """Convert the mean by the mean oxygen, both with the digits they are reported with."""
    oxygen = np.round(shown["a19001"].mean(keepdims=True), 2)
    mean = np.round(shown[channel.code].mean(), channel.decimals)
    return float(mean * _factor(plant, oxygen)[0])


def _factor(plant: Plant, oxygen: NDArray[np.float64]) -> NDArray[np.float64]:
    if plant.reference_oxygen is None:
        raise ValueError("no reference oxygen to convert to")
    return (_FULL_SCALE - plant.reference_oxygen) / (_FULL_SCALE - oxygen)
