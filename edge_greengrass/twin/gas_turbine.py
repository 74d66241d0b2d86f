"""A gas-turbine unit with a heat-recovery boiler: real hours, replayed as stack data (ST 31).

NOX, CO, energy yield (TEY), exhaust temperature (TAT), exhaust pressure (GTEP) and ambient
humidity (AH) are measured; one row is one hour, and the hour's mean is the row. What was not
measured at the stack is derived by declared formulas, linear in load:

* oxygen [%] = 14.0 + 0.020 (180 - TEY): lean at part load, about 14.9 at the usual 134 MWh
* dry flow at standard state [m3/s] = scale (150 + 1.5 TEY): 420 at the full 180 MWh
* flue temperature [°C] behind the boiler = 88 + 0.12 (TEY - 100) + 0.5 (TAT - 546)
* flue pressure [kPa] = GTEP / 100, humidity [%] = 6.5 + 0.02 AH
* velocity [m/s] = wet actual flow over a duct of 33 m2 (HJ 212-2017, annex D, formulas 9 and 10)

Reference oxygen of gas turbines: 15 % (GB 13223-2011, table 1 and formula 1).
"""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from edge_greengrass.twin import noise, replay
from edge_greengrass.twin.plant import Channel, Samples, Sight

HOUR_SECONDS = 3600
DUCT_SQUARE_METRES = 33.0
_ZERO_CELSIUS = 273.0
YEARS = ("2011", "2012", "2013", "2014")


class GasTurbine:
    """One gas-turbine unit.

    Args:
        year: whose hours are replayed: text that holds one of YEARS; the last when empty.
        seed: shifts the beginning within the year, and makes the noise.
        scale: multiplies the flow [-].
    """

    channels = (
        Channel("a00000", 2, flow=True),
        Channel("a19001", 2),
        Channel("a21002", 2, mass=True, converted=True),
        Channel("a21005", 2, mass=True, converted=True),
        Channel("a01011", 2),
        Channel("a01012", 1),
        Channel("a01013", 3),
        Channel("a01014", 2),
    )
    process: tuple[Channel, ...] = ()
    reference_oxygen = 15.0
    flow_to_cubic_metres = 1.0
    mass_to_kilograms = 1e-6

    def __init__(self, year: str = "", seed: int = 1, scale: float = 1.0) -> None:
        self._rows = replay.columns(f"gas_turbine_{_year(year)}")
        self._seed, self._scale = seed, scale
        self._shift = seed * 1009

    def samples(self, times: NDArray[np.int64]) -> Samples:
        """Read the stack analysers."""
        load = self._measured("TEY", times, 0.004)
        oxygen = 14.0 + 0.020 * (180.0 - load) + 0.04 * noise.wobble(self._seed, "o2", times)
        flow = self._scale * (150.0 + 1.5 * load)
        temperature = (
            88.0 + 0.12 * (load - 100.0) + 0.5 * (self._measured("TAT", times, 0.0005) - 546.0)
        )
        humidity = 6.5 + 0.02 * self._measured("AH", times, 0.01)
        wet = flow * (_ZERO_CELSIUS + temperature) / _ZERO_CELSIUS / (1 - humidity / 100)
        return {
            "a00000": flow,
            "a19001": oxygen,
            "a21002": self._measured("NOX", times, 0.02),
            "a21005": self._measured("CO", times, 0.05),
            "a01011": wet / (DUCT_SQUARE_METRES * self._scale),
            "a01012": temperature,
            "a01013": self._measured("GTEP", times, 0.005) / 100.0,
            "a01014": humidity,
        }

    def sight(self, at: datetime) -> Sight:
        """Tell what a camera would see: hot, dry gas, nothing but shimmer."""
        del at
        return Sight(opacity=0.0, steam=0.1, running=True)

    def _measured(
        self, column: str, times: NDArray[np.int64], spread: float
    ) -> NDArray[np.float64]:
        rows = self._rows[column]
        hours = (times // HOUR_SECONDS + self._shift) % len(rows)
        return rows[hours] * (1.0 + spread * noise.wobble(self._seed, column, times))


def _year(text: str) -> str:
    for year in YEARS:
        if year in text:
            return year
    if text:
        raise ValueError(f"no hours of {text!r}; there are {YEARS}")
    return YEARS[-1]
