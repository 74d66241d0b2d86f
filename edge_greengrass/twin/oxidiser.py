"""A coating line whose solvents go through a regenerative oxidiser and a bed of carbon.

* the line works from 7 to 23 o'clock; it gives 800 mg/m3 of hydrocarbons, in batches
* collected gas 40,000 m3/h while the fan turns
* chambers at 820 °C, a valve turns every 120 s; what the flame leaves is 1 / (1 + e^((T-720)/22))
* fuel gas [m3/h] = 45 (1 - inlet / 2,000), never under 0.15 of it: solvents burn for themselves
* carbon 3,000 kg, taking up 10 % of itself, is changed every 40 days; fresh it lets 0.4 through,
  spent all of it (rule V-04: 3000 0.10 / (c 1e-6 Q t) days)

Source: domain rules V-01 to V-09; ceiling of GB 16297-1996, table 2.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from edge_greengrass.twin import noise
from edge_greengrass.twin.calendar import DAY_SECONDS, Calendar, Column, Times
from edge_greengrass.twin.chimney import Chimney, Leaving
from edge_greengrass.twin.episode import Happening
from edge_greengrass.twin.plant import Channel, Samples, Sight

GAS = 40_000.0
CHAMBERS = 3
SET_CELSIUS, COLD_CELSIUS = 820.0, 640.0
VALVE_SECONDS = 120
CARBON_KILOGRAMS, UPTAKE = 3000.0, 0.10
CARBON_DAYS, OVERDUE_DAYS = 40, 70
LINE_STARTS, LINE_STOPS = 7, 23
NORMAL_FUEL, SELF_BURNING = 45.0, 2000.0


@dataclass(frozen=True, slots=True)
class Stream:
    """Gas on its way; shape (n,): line in [0, 1], flow [m3/h], NMHC [mg/m3], chamber [°C]."""

    line: Column
    flow: Column
    inlet: Column
    celsius: Column
    burnt: Column
    days: Column


def carbon_life(kilograms: float, uptake: float, milligrams: float, daily_gas: float) -> float:
    """Give the days [d] a bed lasts (rule V-04).

    Args:
        kilograms: carbon.
        uptake: what it takes up, as a share of itself.
        milligrams: NMHC taken out of a cubic metre [mg/m3].
        daily_gas: gas of a day [m3/d].
    """
    return kilograms * uptake / (milligrams * 1e-6 * daily_gas)


class Oxidiser:
    """One treatment line for volatile organic compounds (ST 31 and 51).

    Args:
        calendar: its stops and upsets; none when None.
        seed: makes batches and noise.
    """

    channels = (
        Channel("a24088", 2, mass=True, ceiling=120),
        Channel("a00000", 3, flow=True),
        Channel("a01011", 2),
        Channel("a01012", 1),
        Channel("a01013", 3),
        Channel("a01014", 2),
    )
    process = (
        *(Channel(f"g76{at}01", 1) for at in (1, 2)),
        *(Channel(f"g763{at:02}", 1) for at in range(1, CHAMBERS + 1)),
        Channel("g76401", 2),
        Channel("g76501", 0),
        *(Channel(f"g76{at}01", 1) for at in range(6, 10)),
        Channel("g77001", 1),
        Channel("g77101", 2),
    )
    reference_oxygen = None
    flow_to_cubic_metres = 1.0
    mass_to_kilograms = 1e-6
    chimney = Chimney(1.1)

    def __init__(self, calendar: Calendar | None = None, seed: int = 1) -> None:
        self._calendar = calendar or Calendar(seed)
        self._seed = seed

    def samples(self, times: Times) -> Samples:
        """Read the stack and the control system."""
        seed, stream = self._seed, self._stream(times)
        vented = self._calendar.share(Happening.VENT_OPEN, times=times)
        passed = 0.4 + 0.6 * np.clip((stream.days - CARBON_DAYS) / 10, 0, 1)
        outlet = 1.5 + stream.burnt * passed
        flow = stream.flow * (1 - 0.7 * vented)
        leaving = Leaving(flow / 3600, 60 + 0.06 * (stream.celsius - 600), 3.0 + 0 * flow)
        return {
            "a24088": outlet * noise.about(seed, "a24088", times, 0.04),
            **self.chimney.points(seed, leaving, times),
            **self._points(stream, times),
            "g76701": 100 * vented,
        }

    def sight(self, at: datetime) -> Sight:
        """Tell what a camera would see: hot, clear gas."""
        times = np.array([int(at.timestamp())], dtype=np.int64)
        running = float(self._stream(times).line[0]) > 0
        return Sight(opacity=0.0, steam=0.05 if running else 0.0, running=running)

    def _stream(self, times: Times) -> Stream:
        seed, share = self._seed, self._calendar.share
        hour = (times / 3600 + 8) % 24
        working = (hour >= LINE_STARTS) & (hour < LINE_STOPS)
        line = working * self._calendar.output(times)
        fan = 1 - share(Happening.FAN_OFF, times=times, easing_in=60)
        flow = GAS * fan * np.where(line > 0, 1.0, 0.25) * noise.about(seed, "fan", times, 0.01)
        batch = 0.75 + 0.25 * noise.drift(seed, "batch", times, 2700)
        inlet = 20 + 780 * line * batch
        cold = share(Happening.RTO_COLD, Happening.RTO_COLD_HIDDEN, times=times, easing_in=1200)
        celsius = SET_CELSIUS + 8 * noise.drift(seed, "rto", times, 600)
        celsius = celsius + cold * (COLD_CELSIUS - celsius)
        overdue = share(Happening.CARBON_SPENT, times=times)
        age = times / DAY_SECONDS % CARBON_DAYS
        return Stream(
            line=line,
            flow=np.maximum(flow, 0.01 * GAS),
            inlet=inlet,
            celsius=celsius,
            burnt=inlet / (1 + np.exp((celsius - 720) / 22)),
            days=np.where(overdue > 0, OVERDUE_DAYS, age),
        )

    def _points(self, stream: Stream, times: Times) -> Samples:
        seed = self._seed
        fuel = NORMAL_FUEL * np.maximum(0.15, 1 - stream.inlet / SELF_BURNING)
        lit = stream.celsius > 760  # noqa: PLR2004, the least of rule V-01
        chambers = {
            f"g763{at + 1:02}": stream.celsius + 12 * _turn(times, at) for at in range(CHAMBERS)
        }
        return chambers | {
            "g76101": 180 * stream.line * noise.about(seed, "line", times, 0.03),
            "g76201": 96 * stream.flow / GAS * (stream.flow > 0.05 * GAS),
            "g76401": fuel * lit,
            "g76501": (times // VALVE_SECONDS % 2).astype(np.float64),
            "g76601": stream.inlet,
            "g76801": 32 + 3 * noise.drift(seed, "carbon", times, 3600),
            "g76901": 900 * (stream.flow / GAS) ** 2,
            "g77001": stream.days,
            "g77101": stream.burnt,
        }


def _turn(times: Times, chamber: int) -> Column:
    """Give how a chamber swings with the valve, in [-1, 1]."""
    return np.sin(2 * np.pi * (times / (2 * VALVE_SECONDS) + chamber / CHAMBERS))
