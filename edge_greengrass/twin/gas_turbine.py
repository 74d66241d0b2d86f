"""A gas-turbine unit that replays the measured hours of a real one.

NOX, CO and the turbine's variables are the measured rows (data/SOURCES.md). What the series does
not hold is derived by the formulas below, each a plain function of measured columns.
"""

from collections.abc import Mapping
from datetime import datetime

from edge_greengrass.twin.channel import Channel
from edge_greengrass.twin.replay import Replay, Ripple, table

AMBIENT_HUMIDITY, EXHAUST_PRESSURE, AFTER_TURBINE, ENERGY, CO, NOX = 2, 4, 6, 7, 9, 10
"""Columns AH [%], GTEP [mbar], TAT [C], TEY [MWh], CO and NOX [mg/m3]."""

REFERENCE_OXYGEN = 15.0  # GB 13223-2011: gas turbines
AIR_OXYGEN = 21.0  # HJ 212-2017 annex D: 21, not 20.9, is used in China
FULL_OXYGEN, IDLE_OXYGEN = 13.5, 16.0
LOW_ENERGY, HIGH_ENERGY = 100.0, 180.0
CUBIC_METRES_PER_SECOND_AND_MEGAWATT = 3.1
RIPPLES = {
    "a21002": 0.04,
    "a21005": 0.12,
    "a19001": 0.01,
    "a00000": 0.01,
    "a01012": 0.01,
    "a01013": 0.05,
    "a01014": 0.02,
}


class GasTurbine:
    """One unit, ST 31; one measured row per hour, from a phase drawn from the seed."""

    st = "31"
    flow = "a00000"
    channels = (
        Channel("a21002", 2, converted=True, mass=True),
        Channel("a21005", 2, converted=True, mass=True),
        Channel("a19001", 2),
        Channel("a00000", 2),
        Channel("a01012", 1),
        Channel("a01013", 3),
        Channel("a01014", 2),
    )

    def __init__(self, *, data: str, seed: int, scale: float = 1.0) -> None:
        rows = table(data, header=True)
        self._replay = Replay(rows, step=3600, phase=seed * 997 % len(rows))
        self._ripple = Ripple(seed, RIPPLES)
        self._scale = scale

    def sample(self, at: datetime) -> Mapping[str, float]:
        """Give the seven channels at an instant."""
        row = self._replay.row(at)
        steady = {
            "a21002": row[NOX] * self._scale,
            "a21005": row[CO] * self._scale,
            "a19001": oxygen(row[ENERGY]),
            "a00000": row[ENERGY] * CUBIC_METRES_PER_SECOND_AND_MEGAWATT,
            "a01012": 90 + (row[AFTER_TURBINE] - 500) / 4,
            "a01013": row[EXHAUST_PRESSURE] / 1000,
            "a01014": 6 + row[AMBIENT_HUMIDITY] / 50,
        }
        return {code: float(value) * self._ripple.of(code, at) for code, value in steady.items()}

    def cubic_metres(self, flow: float, seconds: float) -> float:
        """Flow in [m3/s]."""
        return flow * seconds

    def factor(self, sample: Mapping[str, float]) -> float:
        """Convert to reference oxygen. Source: HJ 212-2017 annex D, rule 7."""
        return (AIR_OXYGEN - REFERENCE_OXYGEN) / (AIR_OXYGEN - sample["a19001"])


def oxygen(energy: float) -> float:
    """Give the exhaust's O2 [%]: from 16.0 at low load down to 13.5 at full load, linearly."""
    load = min(max((energy - LOW_ENERGY) / (HIGH_ENERGY - LOW_ENERGY), 0.0), 1.0)
    return IDLE_OXYGEN - load * (IDLE_OXYGEN - FULL_OXYGEN)
