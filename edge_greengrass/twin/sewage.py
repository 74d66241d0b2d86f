"""A sewage works: influent by the hour of the day and by real days, a simple removal (ST 32).

The influent is the dry fortnight of the benchmark model BSM1 (every 15 minutes), each of its
days scaled by the real days of a full-scale works (flow, COD, ammonia, total nitrogen, each over
its own mean). Total phosphorus of the influent is taken as 1.1 % of COD. Then, with the means of
the last eight hours (the water's way through the works) and q = flow over mean flow:

* COD [mg/L] = 12 + 0.05 COD (0.7 + 0.3 q)
* ammonia nitrogen [mg/L] = 0.2 + 0.03 NH q²   (nitrification weakens with load)
* total nitrogen [mg/L] = 1.5 + 0.20 TN + ammonia nitrogen
* total phosphorus [mg/L] = 0.05 + 0.06 TP (0.7 + 0.3 q)
* pH = 7.2 + 0.15 by drift over hours
* what is left over, the terms after the first, grows with the strain of the works
* flow [L/s] = scale 0.116 Q, Q the influent of two hours ago
"""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from edge_greengrass.twin import noise, replay
from edge_greengrass.twin.plant import Channel, Samples, Sight

STEP_SECONDS = 900
STEPS_PER_DAY = 96
RESIDENCE_STEPS = 32
DELAY_STEPS = 8
PHOSPHORUS_OF_COD = 0.011
_LITRES_PER_SECOND = 1000.0 / 86400.0


class Sewage:
    """One sewage works.

    Args:
        seed: shifts the beginning within the data, and makes the noise.
        scale: multiplies the flow [-].
        strain: multiplies what the removal leaves over [-]; above 1 the works is overloaded.
    """

    channels = (
        Channel("w00000", 2, flow=True),
        Channel("w01001", 2),
        Channel("w01018", 1, mass=True, ceiling=50),
        Channel("w21003", 3, mass=True, ceiling=5),
        Channel("w21011", 3, mass=True, ceiling=0.5),
        Channel("w21001", 2, mass=True, ceiling=15),
    )
    process: tuple[Channel, ...] = ()
    reference_oxygen = None
    flow_to_cubic_metres = 1e-3
    mass_to_kilograms = 1e-3

    def __init__(self, seed: int = 1, scale: float = 1.0, strain: float = 1.0) -> None:
        self._fortnight = replay.columns("influent_dry")
        days = replay.columns("influent_melbourne")
        self._days = {name: days[name] / days[name].mean() for name in days}
        self._seed, self._scale, self._strain = seed, scale, strain
        self._mean_flow = float(self._fortnight["flow"].mean())

    def samples(self, times: NDArray[np.int64]) -> Samples:
        """Read the analysers at the outlet."""
        load = self.past("flow", times) / self._mean_flow
        slope = self._strain * (0.7 + 0.3 * load)
        cod = self.past("cod", times)
        ammonia = 0.2 + 0.03 * self._strain * self.past("ammonia", times) * load**2
        flow = self.influent("flow", times - DELAY_STEPS * STEP_SECONDS)
        values = {
            "w00000": self._scale * _LITRES_PER_SECOND * flow,
            "w01018": 12.0 + 0.05 * cod * slope,
            "w21003": ammonia,
            "w21011": 0.05 + 0.06 * PHOSPHORUS_OF_COD * cod * slope,
            "w21001": 1.5 + 0.20 * self._strain * self.past("nitrogen", times) + ammonia,
        }
        shown = {
            code: value * (1 + 0.01 * noise.wobble(self._seed, code, times))
            for code, value in values.items()
        }
        shown["w01001"] = 7.2 + 0.15 * noise.drift(self._seed, "ph", times, 7200)
        return shown

    def sight(self, at: datetime) -> Sight:
        """Tell what a camera would see: water under the open sky."""
        del at
        return Sight(opacity=0.0, steam=0.0, running=True)

    def phosphorus(self, cod: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the total phosphorus of the influent [mg/L]."""
        return PHOSPHORUS_OF_COD * cod

    def past(self, name: str, times: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the mean of the last eight hours."""
        first, last = int(times.min()), int(times.max())
        start = first // STEP_SECONDS - RESIDENCE_STEPS
        steps = np.arange(start, last // STEP_SECONDS + 2, dtype=np.int64)
        total = np.concatenate(([0.0], np.cumsum(self.influent(name, steps * STEP_SECONDS))))
        mean = (total[RESIDENCE_STEPS:] - total[:-RESIDENCE_STEPS]) / RESIDENCE_STEPS
        return np.interp(times, steps[RESIDENCE_STEPS - 1 :] * STEP_SECONDS, mean)

    def influent(self, name: str, times: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the influent, linear between its quarters of an hour."""
        step, part = times // STEP_SECONDS, (times % STEP_SECONDS) / STEP_SECONDS
        before, after = self._quarter(name, step), self._quarter(name, step + 1)
        return before + (after - before) * part

    def _quarter(self, name: str, step: NDArray[np.int64]) -> NDArray[np.float64]:
        rows, days = self._fortnight[name], self._days[name]
        local = step + 8 * 4  # the fortnight begins at midnight of the plant, UTC+8
        day = (local // STEPS_PER_DAY + self._seed * 37) % len(days)
        value: NDArray[np.float64] = rows[local % len(rows)] * days[day]
        return value
