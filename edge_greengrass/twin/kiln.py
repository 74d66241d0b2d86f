"""A cement kiln with preheater: SNCR by ammonia water, raw mill, bag filter (ST 31 and 51).

* clinker 208 t/h at full output (5,000 t/d), raw meal 1.55 t/t, coal 3.2 GJ/t at 23 MJ/kg
* gas at 10 % O2, dry [m3/h] = 2,200 for each tonne of clinker
* nitrogen oxides without ammonia [mg/m3 at 10 %] = 640 + 1.5 (burning zone - 1,420 °C)
* ammonia water (20 %, 0.923 kg/L) [L/h]: 1.6 times what the removed NOX needs, 0.370 kg/kg
* the raw mill rests from 17 to 21 o'clock: the stack rises from 100 to 150 °C, SO2 from 22 to 60
* the bag filter: 8 mg/m3, 1,100 Pa; a burst bag lets ten times as much through and loses pressure

Source: domain rules C-01 to C-06, T-11; limits of GB 4915-2013.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from edge_greengrass.twin import noise
from edge_greengrass.twin.calendar import Calendar, Column, Times
from edge_greengrass.twin.chimney import Chimney, Leaving
from edge_greengrass.twin.coal.scr import AMMONIA_PER_NITROGEN_OXIDES
from edge_greengrass.twin.episode import Happening
from edge_greengrass.twin.gas import AIR_OXYGEN, thinning
from edge_greengrass.twin.plant import Channel, Samples, Sight, opacity_of

RATED_CLINKER = 208.0
MEAL_PER_CLINKER = 1.55
GAS_PER_CLINKER = 2200.0
REFERENCE_OXYGEN = 10.0
SET_POINT = 250.0
EXCESS = 1.6
"""Ammonia that SNCR needs over what reacts [-]."""
AMMONIA_WATER_SHARE, AMMONIA_WATER_DENSITY = 0.20, 0.923
COAL_SHARE = 3.2 / 23.0
MILL_RESTS, MILL_TURNS = 17, 21
WARMING_SECONDS = 2400


@dataclass(frozen=True, slots=True)
class Kiln:
    """The kiln; shape (n,): output [-], clinker [t/h], gas at 10 % O2 [m3/h], passing gas."""

    share: Column
    clinker: Column
    gas: Column
    passing: Column
    oxygen: Column
    burning_celsius: Column
    raw: Column
    resting: Column


def ammonia_water(removed: Column) -> Column:
    """Give the ammonia water [L/h] that takes so much NOX [kg/h] out."""
    needed = AMMONIA_PER_NITROGEN_OXIDES * removed * EXCESS
    return needed / AMMONIA_WATER_SHARE / AMMONIA_WATER_DENSITY


class CementKiln:
    """One kiln line.

    Args:
        calendar: its stops and upsets; one that never stops when None.
        seed: makes drift and noise.
    """

    channels = (
        Channel("a21002", 2, mass=True, converted=True, ceiling=320),
        Channel("a21026", 2, mass=True, converted=True, ceiling=100),
        Channel("a34013", 2, mass=True, converted=True, ceiling=20),
        Channel("a21001", 2, mass=True, converted=True, ceiling=8),
        Channel("a19001", 2),
        Channel("a00000", 2, flow=True),
        Channel("a01011", 2),
        Channel("a01012", 1),
        Channel("a01013", 3),
        Channel("a01014", 2),
    )
    process = (
        *(Channel(f"g74{at}01", 1) for at in range(1, 6)),
        Channel("g74601", 0),
        *(Channel(f"g74{at}01", 1) for at in (7, 8, 9)),
        Channel("g75001", 2),
        Channel("g72701", 0),
    )
    reference_oxygen = REFERENCE_OXYGEN
    flow_to_cubic_metres = 1.0
    mass_to_kilograms = 1e-6
    chimney = Chimney(16.0)

    def __init__(self, calendar: Calendar | None = None, seed: int = 1) -> None:
        self._calendar = calendar or Calendar(seed)
        self._seed = seed

    def samples(self, times: Times) -> Samples:
        """Read the stack and the control system."""
        seed, kiln = self._seed, self._kiln(times)
        share = self._calendar.share
        blocked = share(Happening.AMMONIA_OFF, Happening.AMMONIA_OFF_HIDDEN, times=times)
        burst = share(Happening.BAG_BURST, times=times)
        target = SET_POINT * noise.about(seed, "nox", times, 0.08)
        removed = np.maximum(0, kiln.raw - target) * (1 - blocked) * (kiln.share > 0.3)  # noqa: PLR2004, hot enough
        leaving = self._leaving(kiln, times)
        return {
            **self._pollutants(kiln, removed, burst, times),
            **self.chimney.points(seed, leaving, times),
            **self._points(kiln, burst, times),
            "g74501": ammonia_water(removed * kiln.gas * 1e-6),
        }

    def sight(self, at: datetime) -> Sight:
        """Tell what a camera would see: little, unless a bag has burst."""
        times = np.array([int(at.timestamp())], dtype=np.int64)
        dust = float(self.samples(times)["a34013"][0])
        share = float(self._calendar.output(times)[0])
        return Sight(opacity_of(dust), 0.25 * share, running=share > 0)

    def _kiln(self, times: Times) -> Kiln:
        seed, output = self._seed, self._calendar.output(times)
        share = output * (0.94 + 0.04 * noise.drift(seed, "feed", times, 7200))
        clinker = RATED_CLINKER * share
        gas = GAS_PER_CLINKER * clinker * noise.about(seed, "gas", times, 0.01)
        wanted = 9.0 + 0.5 * noise.drift(seed, "oxygen", times, 5400)
        least = np.where(output > 0, 0.2, 0.002) * GAS_PER_CLINKER * RATED_CLINKER
        passing = np.maximum(gas / thinning(wanted, REFERENCE_OXYGEN), least)
        burning = 1420 + 35 * noise.drift(seed, "zone", times, 3600)
        hour = (times / 3600 + 8) % 24
        rest = np.clip((hour - MILL_RESTS) * 3600 / WARMING_SECONDS, 0, 1)
        back = np.clip((hour - MILL_TURNS) * 3600 / WARMING_SECONDS, 0, 1)
        return Kiln(
            share=share,
            clinker=clinker,
            gas=gas,
            passing=passing,
            oxygen=AIR_OXYGEN - gas / passing * (AIR_OXYGEN - REFERENCE_OXYGEN),
            burning_celsius=burning * np.clip(output * 3, 0, 1),
            raw=640 + 1.5 * (burning - 1420),
            resting=rest - back,
        )

    def _leaving(self, kiln: Kiln, times: Times) -> Leaving:
        warm = np.clip(kiln.share * 3, 0, 1)
        celsius = 30 + warm * (
            70 + 50 * kiln.resting + 2 * noise.drift(self._seed, "t", times, 900)
        )
        return Leaving(kiln.passing / 3600, celsius, 2 + warm * (7 - 3 * kiln.resting))

    def _pollutants(self, kiln: Kiln, removed: Column, burst: Column, times: Times) -> Samples:
        seed, thin = self._seed, thinning(kiln.oxygen, REFERENCE_OXYGEN)
        slip = np.where(removed > 0, 2.5 + removed / 200, 0.2)
        values = {
            "a21002": kiln.raw - removed,
            "a21026": 22 + 38 * kiln.resting,
            "a34013": 8 * (1 + 9 * burst),
            "a21001": slip,
        }
        shown = {
            code: thin * value * noise.about(seed, code, times, 0.03)
            for code, value in values.items()
        }
        return shown | {"a19001": kiln.oxygen + 0.02 * noise.wobble(seed, "a19001", times)}

    def _points(self, kiln: Kiln, burst: Column, times: Times) -> Samples:
        seed, on = self._seed, (kiln.share > 0) * 1.0
        hour = (times / 3600 + 8) % 24
        resting = (hour >= MILL_RESTS) & (hour < MILL_TURNS)
        drawn = kiln.passing / (GAS_PER_CLINKER * RATED_CLINKER)
        zone = (kiln.burning_celsius - 1420) * on
        return {
            "g74101": MEAL_PER_CLINKER * kiln.clinker,
            "g74201": on * (420 + 60 * kiln.share + 0.3 * zone),
            "g74301": kiln.burning_celsius,
            "g74401": 30 + on * (300 + 10 * noise.drift(seed, "preheater", times, 1800)),
            "g74601": on * (1 - resting),
            "g74701": 30 + on * (90 + 60 * kiln.resting),
            "g74801": kiln.clinker,
            "g74901": on * 150 * drawn * noise.about(seed, "fan", times, 0.01),
            "g75001": COAL_SHARE * kiln.clinker,
            "g72701": on
            * (1100 + 40 * noise.wobble(seed, "dp", times))
            * drawn
            * (1 - 0.8 * burst),
        }
