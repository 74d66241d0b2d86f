"""A sewage works with anaerobic, anoxic and aerobic zones (A2O): its water and its machines.

The effluent and the influent are those of `sewage.py`. Treatment follows from them (rule W-03,
GB 50014), with Q [m3/d], BOD = 0.45 COD, 8 mg/L of BOD left, and a yield of 0.40:

* oxygen [kg/d] = 1.47 Q dBOD - 1.42 dX + 4.57 (Q dN - 0.12 dX) - 2.83 (Q dTN - 0.12 dX)
* air [m3/h] = oxygen / 24 / (0.28 EA alpha), EA 0.20, alpha 0.65; blowers draw 0.021 kWh/m3
* coagulant [mg/L of Al] = 2 (27/31) of the phosphorus that bacteria leave: 40 % of the inlet's
* return sludge 0.8 Q, lift pumps as many as the flow needs, press from 8 to 18 o'clock

Without air the nitrification dies within six hours and the zones turn anaerobic; without
coagulant the phosphorus that bacteria leave goes out.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from edge_greengrass.twin import noise
from edge_greengrass.twin.calendar import Calendar, Column, Times
from edge_greengrass.twin.episode import Happening
from edge_greengrass.twin.plant import Channel, Samples, Sight
from edge_greengrass.twin.sewage import Sewage

BOD_OF_COD, BOD_LEFT, YIELD = 0.45, 8.0, 0.40
TRANSFER_EFFICIENCY, ALPHA = 0.20, 0.65
BLOWER_KILOWATT_HOURS = 0.021
OTHER_KILOWATT_HOURS = 0.16
"""Pumps, mixers, press and light, for a cubic metre of water [kWh/m3]."""
AMPERES_PER_KILOWATT = 1 / (3**0.5 * 0.38 * 0.85)
LIFT_PUMPS, BLOWERS = 4, 3
ALUMINIUM_PER_PHOSPHORUS = 2 * 27 / 31
DYING_SECONDS = 6 * 3600
_DAY_SECONDS = 86400


@dataclass(frozen=True, slots=True)
class Load:
    """What comes in and what has to go: flow [m3/d], differences [mg/L]; shape (n,)."""

    flow: Column
    bod: Column
    ammonia: Column
    nitrogen: Column


def sludge_of(load: Load) -> Column:
    """Give the excess sludge [kg/d of solids]."""
    return YIELD * load.flow * load.bod * 1e-3


def oxygen_of(load: Load, sludge: Column) -> Column:
    """Give the oxygen needed [kg/d] (rule W-03)."""
    bound = 0.12 * sludge
    return (
        1.47 * load.flow * load.bod * 1e-3
        - 1.42 * sludge
        + 4.57 * (load.flow * load.ammonia * 1e-3 - bound)
        - 2.83 * (load.flow * load.nitrogen * 1e-3 - bound)
    )


def air_of(oxygen: Column) -> Column:
    """Give the air [m3/h] that brings so much oxygen [kg/d]."""
    return oxygen / 24 / (0.28 * TRANSFER_EFFICIENCY * ALPHA)


class A2oWorks:
    """One sewage works with its control system (ST 32 and 52).

    Args:
        calendar: its stops and upsets; one that never stops when None.
        seed: shifts the beginning within the data, and makes the noise.
        scale: multiplies the flow [-].
        strain: multiplies what the removal leaves over [-].
    """

    channels = Sewage.channels
    process = (
        *(Channel(f"e10{at}01", 2) for at in range(1, 7)),
        *(Channel(f"e301{at:02}", 1) for at in range(1, LIFT_PUMPS + 1)),
        *(Channel(f"e302{at:02}", 1) for at in range(1, BLOWERS + 1)),
        *(Channel(f"e30{at}01", 1) for at in (3, 6, 7, 8)),
        *(Channel(f"e{code}01", 2) for code in (310, 313, 502, 505, 506, 507, 508)),
        *(Channel(f"e{code}01", 0) for code in (504, 513, 514)),
        Channel("i33200", 1),
    )
    reference_oxygen = None
    flow_to_cubic_metres = Sewage.flow_to_cubic_metres
    mass_to_kilograms = Sewage.mass_to_kilograms

    def __init__(
        self,
        calendar: Calendar | None = None,
        seed: int = 1,
        scale: float = 1.0,
        strain: float = 1.0,
    ) -> None:
        self._calendar = calendar or Calendar(seed)
        self._seed, self._scale = seed, scale
        self._water = Sewage(seed, scale, strain)

    def samples(self, times: Times) -> Samples:
        """Read the outlet and the control system."""
        inlet = self._inlet(times)
        breathless, undosed = self._upsets(times)
        shown = self._water.samples(times)
        shown["w00000"] = shown["w00000"] * self._calendar.output(times)
        shown["w21003"] = shown["w21003"] + 0.6 * breathless * inlet["e10301"]
        shown["w21001"] = shown["w21001"] + 0.5 * breathless * inlet["e10301"]
        shown["w21011"] = shown["w21011"] + 0.4 * undosed * inlet["e10401"]
        return shown | inlet | self._machines(inlet, times) | self._zones(times)

    def sight(self, at: datetime) -> Sight:
        """Tell what a camera would see: basins that bubble while the blowers turn."""
        times = np.array([int(at.timestamp())], dtype=np.int64)
        return Sight(0.0, 0.0, running=float(self._aeration(times)[0]) > 0)

    def _upsets(self, times: Times) -> tuple[Column, Column]:
        share = self._calendar.share
        breathless = share(
            Happening.BLOWER_OFF,
            Happening.BLOWER_OFF_HIDDEN,
            times=times,
            easing_in=DYING_SECONDS,
            easing_out=DYING_SECONDS,
        )
        return breathless, share(Happening.DOSING_OFF_HIDDEN, times=times, easing_in=3600)

    def _aeration(self, times: Times) -> Column:
        """Give 1 while the blowers turn, else 0."""
        off = self._calendar.share(Happening.BLOWER_OFF, Happening.BLOWER_OFF_HIDDEN, times=times)
        return 1 - off

    def _inlet(self, times: Times) -> Samples:
        water = self._water
        cod = water.influent("cod", times)
        flow = self._scale * 1000 / _DAY_SECONDS * water.influent("flow", times)
        return {
            "e10101": flow * self._calendar.output(times),
            "e10201": cod,
            "e10301": water.influent("ammonia", times),
            "e10401": water.phosphorus(cod),
            "e10501": water.influent("nitrogen", times),
            "e10601": 7.4 + 0.1 * noise.drift(self._seed, "inlet-ph", times, 7200),
        }

    def load(self, times: Times) -> Load:
        """Give the load of the aeration, over the eight hours that water takes."""
        water = self._water
        return Load(
            flow=self._scale * water.past("flow", times) * self._calendar.output(times),
            bod=BOD_OF_COD * water.past("cod", times) - BOD_LEFT,
            ammonia=water.past("ammonia", times) - 1.0,
            nitrogen=0.75 * water.past("nitrogen", times),
        )

    def _machines(self, inlet: Samples, times: Times) -> Samples:
        load, seed = self.load(times), self._seed
        sludge = sludge_of(load)
        turning = self._aeration(times)
        air = air_of(oxygen_of(load, sludge)) * noise.about(seed, "air", times, 0.04) * turning
        hourly = inlet["e10101"] * 3.6
        power = BLOWER_KILOWATT_HOURS * air + OTHER_KILOWATT_HOURS * hourly
        hour = (times / 3600 + 8) % 24
        dosing = ALUMINIUM_PER_PHOSPHORUS * 0.4 * inlet["e10401"]
        dosed = 1 - self._calendar.share(Happening.DOSING_OFF_HIDDEN, times=times)
        blower_amperes = BLOWER_KILOWATT_HOURS * air * AMPERES_PER_KILOWATT
        return {
            **self._shared("e301", LIFT_PUMPS, 0.03 * hourly * AMPERES_PER_KILOWATT, times),
            **self._shared("e302", BLOWERS, blower_amperes, times),
            "e30301": air,
            "e30601": 6 + 0.002 * sludge,
            "e30701": 0.02 * hourly,
            "e30801": 0.8 * hourly * noise.about(seed, "return", times, 0.02),
            "e31001": np.where((hour >= 8) & (hour < 18), 24 + noise.wobble(seed, "p", times), 0),  # noqa: PLR2004, o'clock
            "e31301": dosing * dosed * noise.about(seed, "dosing", times, 0.03),
            "e50201": blower_amperes,
            "e50801": 0.035 * hourly,
            "i33200": power * AMPERES_PER_KILOWATT,
        }

    def _shared(self, code: str, many: int, amperes: Column, times: Times) -> Samples:
        """Share a current among machines of which as many turn as are needed."""
        rated = self._scale * (12.0 if code == "e301" else 50.0)
        turning = np.clip(np.ceil(amperes / rated), 1, many) * (amperes > 0)
        return {
            f"{code}{at + 1:02}": np.where(turning > at, amperes / np.maximum(turning, 1), 0)
            * noise.about(self._seed, f"{code}-{at}", times, 0.01)
            for at in range(many)
        }

    def _zones(self, times: Times) -> Samples:
        seed = self._seed
        breath = 1 - self._calendar.share(
            Happening.BLOWER_OFF, Happening.BLOWER_OFF_HIDDEN, times=times, easing_in=1800
        )
        slow = noise.drift(seed, "do", times, 1800)
        return {
            "e50401": 3800 + 250 * noise.drift(seed, "mlss", times, _DAY_SECONDS),
            "e50501": 0.10 + 0.03 * noise.wobble(seed, "do-1", times),
            "e50601": 0.30 + 0.06 * noise.wobble(seed, "do-2", times),
            "e50701": breath * (2.3 + 0.5 * slow) + 0.05 + 0.03 * noise.wobble(seed, "d", times),
            "e51301": -310 + 20 * noise.wobble(seed, "orp-1", times),
            "e51401": -120 + 20 * noise.wobble(seed, "orp-2", times),
        }
