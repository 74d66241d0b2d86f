"""A sewage works driven by a dry-weather influent, with a plain model of what it removes.

The influent is BSM1's (data/SOURCES.md): 15-minute rows of state variables. The effluent model:

    COD  = 0.8 SI + share of the biodegradable COD left by an A2O works
    NH3N = 0.3 + share of the influent's SNH that nitrification leaves at this load
    TN   = NH3N + nitrate left by denitrification
    TP   = what simultaneous precipitation leaves of an influent COD:P of 100:1

Concentrations change on the hour, as an analyser's composite sample does; flow and pH move freely.
"""

from collections.abc import Mapping
from datetime import datetime

import numpy as np

from edge_greengrass.twin.channel import Channel
from edge_greengrass.twin.replay import Replay, Ripple, table

INERT, PARTS, AMMONIA, FLOW = 1, slice(1, 8), 10, 15
"""Columns SI, SI..XP (their sum is COD) and SNH [g/m3], Q [m3/d]."""

SECONDS_PER_DAY = 86_400
LITRES = 1_000
COD_LEFT, AMMONIA_LEFT, NITRATE, PHOSPHORUS_LEFT = 0.045, 0.055, 7.5, 0.075
COD_PER_PHOSPHORUS = 100
RIPPLES = {"w00000": 0.04, "w01001": 0.012}


class SewageWorks:
    """One works, ST 32; `scale` multiplies the flow, `strain` what treatment leaves."""

    st = "32"
    flow = "w00000"
    channels = (
        Channel("w01018", 1, mass=True),
        Channel("w21003", 3, mass=True),
        Channel("w21011", 3, mass=True),
        Channel("w21001", 2, mass=True),
        Channel("w01001", 2),
        Channel("w00000", 2),
    )

    def __init__(self, *, data: str, seed: int, scale: float = 1.0, strain: float = 1.0) -> None:
        rows = table(data, header=False)
        self._replay = Replay(rows, step=900, phase=seed * 96 % len(rows))
        self._mean_flow = float(np.mean(rows[:, FLOW]))
        self._ripple = Ripple(seed, RIPPLES)
        self._scale, self._strain = scale, strain

    def sample(self, at: datetime) -> Mapping[str, float]:
        """Give the six channels at an instant."""
        composite = self._effluent(at.replace(minute=0, second=0, microsecond=0))
        flow = self._replay.row(at)[FLOW] / SECONDS_PER_DAY * LITRES * self._scale
        moving = {"w01001": 7.25, "w00000": float(flow)}
        return composite | {c: value * self._ripple.of(c, at) for c, value in moving.items()}

    def _effluent(self, hour: datetime) -> dict[str, float]:
        row = self._replay.row(hour)
        cod, load = float(row[PARTS].sum()), float(row[FLOW]) / self._mean_flow
        left = self._strain * load
        ammonia = 0.3 + AMMONIA_LEFT * float(row[AMMONIA]) * left
        return {
            "w01018": 0.8 * float(row[INERT]) + COD_LEFT * (cod - float(row[INERT])) * left,
            "w21003": ammonia,
            "w21011": PHOSPHORUS_LEFT * cod / COD_PER_PHOSPHORUS * left,
            "w21001": ammonia + NITRATE * self._strain,
        }

    def cubic_metres(self, flow: float, seconds: float) -> float:
        """Flow in [L/s]."""
        return flow * seconds / LITRES

    def factor(self, sample: Mapping[str, float]) -> float:
        """Water is not converted."""
        del sample
        return 1.0
