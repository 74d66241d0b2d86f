"""The coal unit as a whole: what its stack and its control system show (ST 31 and 51)."""

from datetime import datetime
from typing import NamedTuple

import numpy as np

from edge_greengrass.twin import noise
from edge_greengrass.twin.calendar import Calendar, Column, Times
from edge_greengrass.twin.coal import absorber, boiler, precipitator, scr, stack
from edge_greengrass.twin.coal.absorber import PUMP_AMPERES, PUMPS, SLURRY_SOLIDS, Upset
from edge_greengrass.twin.coal.boiler import DRAUGHT, REFERENCE_OXYGEN
from edge_greengrass.twin.coal.precipitator import FIELDS
from edge_greengrass.twin.episode import Happening
from edge_greengrass.twin.gas import thinning
from edge_greengrass.twin.plant import Channel, Samples, Sight, opacity_of

TOWER_LEAKAGE = stack.LEAKAGE - stack.SMALL_LEAKAGE
STEAM_PER_MEGAWATT = 3.05
SOURING_SECONDS = 7200
"""How long the slurry takes to turn sour without limestone, and to recover [s]."""
BYPASS_SHARE = 0.4


class _Gas(NamedTuple):
    fire: boiler.Fire
    reduced: scr.Reduced
    precipitated: precipitator.Precipitated
    scrubbed: absorber.Scrubbed


class CoalUnit:
    """One 300 MW unit.

    Args:
        calendar: its stops and upsets; one that never stops when None.
        seed: makes its load, its coal and its noise.
    """

    channels = (
        Channel("a21026", 2, mass=True, converted=True, ceiling=35),
        Channel("a21002", 2, mass=True, converted=True, ceiling=50),
        Channel("a34013", 2, mass=True, converted=True, ceiling=10),
        Channel("a19001", 2),
        Channel("a00000", 2, flow=True),
        Channel("a01011", 2),
        Channel("a01012", 1),
        Channel("a01013", 3),
        Channel("a01014", 2),
    )
    process = (
        *(Channel(f"g70{at}01", 2) for at in range(1, 10)),
        *(Channel(f"g710{at:02}", 1) for at in range(1, FIELDS + 1)),
        *(Channel(f"g711{at:02}", 0) for at in range(1, FIELDS + 1)),
        *(Channel(f"g103{at:02}", 0) for at in range(1, PUMPS + 1)),
        *(Channel(f"g104{at:02}", 1) for at in range(1, PUMPS + 1)),
        *(Channel(f"g{code}01", 2) for code in (110, 111, 115, 116, 118, 119, 121, 123)),
        *(Channel(f"g{code}01", 1) for code in (122, 208, 303, 712, 713)),
    )
    reference_oxygen = REFERENCE_OXYGEN
    flow_to_cubic_metres = 1.0
    mass_to_kilograms = 1e-6

    def __init__(self, calendar: Calendar | None = None, seed: int = 1) -> None:
        self._calendar = calendar or Calendar(seed)
        self._seed = seed

    def samples(self, times: Times) -> Samples:
        """Read the stack and the control system."""
        gas = self._gas(times)
        shown = stack.emit(self._seed, gas.fire, gas.scrubbed, gas.reduced.nitrogen_oxides, times)
        shown |= self._boiler(gas, times) | self._tower(gas, times)
        return shown | self._electrical(gas, times)

    def sight(self, at: datetime) -> Sight:
        """Tell what a camera would see: white steam above a wet stack, grey dust in it."""
        times = np.array([int(at.timestamp())], dtype=np.int64)
        gas = self._gas(times)
        dust, share = float(gas.scrubbed.dust[0]), float(gas.fire.share[0])
        wet = float(gas.scrubbed.humidity[0]) > 9.0  # noqa: PLR2004, dry gas carries 7.5 %
        return Sight(
            opacity=opacity_of(dust) if share > 0 else 0.0,
            steam=0.4 + 0.6 * min(1.0, share) if wet and share > 0 else 0.0,
            running=share > 0,
        )

    def _gas(self, times: Times) -> _Gas:
        """Follow the gas through every step."""
        seed, share = self._seed, self._calendar.share
        half_hour = times // absorber.DECISION_SECONDS * absorber.DECISION_SECONDS
        fire = boiler.burn(seed, self._calendar, times)
        planned = boiler.burn(seed, self._calendar, half_hour)
        blocked = share(
            Happening.AMMONIA_OFF, Happening.AMMONIA_OFF_HIDDEN, times=times, easing_in=300
        )
        tripped = share(Happening.FIELD_TRIP, Happening.FIELD_TRIP_HIDDEN, times=times)
        reduced = scr.reduce(seed, fire, blocked, times)
        precipitated = precipitator.precipitate(seed, fire, tripped, times)
        upset = self._upset(times)
        scrubbed = absorber.scrub(seed, fire, planned, precipitated, upset, times)
        return _Gas(fire, reduced, precipitated, scrubbed)

    def _upset(self, times: Times) -> Upset:
        share = self._calendar.share
        starved = (Happening.REAGENT_OFF, Happening.REAGENT_OFF_HIDDEN)
        sour = share(
            *starved,
            times=times,
            easing_in=SOURING_SECONDS,
            easing_out=SOURING_SECONDS,
        )
        damper = share(Happening.BYPASS_OPEN, Happening.BYPASS_HIDDEN, times=times, easing_in=120)
        return Upset(
            pumps=share(Happening.PUMPS_OFF, Happening.PUMPS_OFF_HIDDEN, times=times),
            pump=share(Happening.PUMP_TRIP, times=times),
            feed=share(*starved, times=times),
            sourness=sour,
            bypass=BYPASS_SHARE * damper,
        )

    def _boiler(self, gas: _Gas, times: Times) -> Samples:
        fire, reduced = gas.fire, gas.reduced
        thin = thinning(fire.oxygen, REFERENCE_OXYGEN)
        return {
            "g70101": fire.megawatts,
            "g70201": fire.coal,
            "g70301": STEAM_PER_MEGAWATT * fire.megawatts,
            "g70401": fire.oxygen,
            "g70501": reduced.celsius,
            "g70601": thin * fire.nitrogen_oxides,
            "g70701": thin * reduced.nitrogen_oxides,
            "g70801": reduced.ammonia,
            "g70901": reduced.slip,
            "g20801": _fan(fire) * (1 + 0.01 * noise.wobble(self._seed, "fan", times)),
            "g30301": reduced.fan_amperes,
        }

    def _tower(self, gas: _Gas, times: Times) -> Samples:
        fire, scrubbed = gas.fire, gas.scrubbed
        inlet = stack.duct(fire, TOWER_LEAKAGE)
        thin = thinning(inlet.oxygen, REFERENCE_OXYGEN)
        burning = (fire.share > 0) * 1.0
        wobble = noise.wobble(self._seed, "tower-points", times)
        return {
            "g11001": scrubbed.limestone / SLURRY_SOLIDS,
            "g11101": scrubbed.acidity,
            "g11501": scrubbed.density,
            "g11601": scrubbed.damper,
            "g11801": (scrubbed.gypsum > 0) * (28 + 0.5 * wobble),
            "g11901": scrubbed.removal * burning,
            "g12101": inlet.oxygen,
            "g12201": inlet.flow,
            "g12301": np.where(fire.share > 0, absorber.RAW_CELSIUS + wobble, 30.0),
            "g71201": thin * fire.sulphur_dioxide * burning,
            "g71301": burning * (55 + 0.6 * wobble),
        }

    def _electrical(self, gas: _Gas, times: Times) -> Samples:
        fields, pumps = gas.precipitated, gas.scrubbed.pumps
        shown = {f"g710{at + 1:02}": fields.kilovolts[at] for at in range(FIELDS)}
        shown |= {f"g711{at + 1:02}": fields.milliamperes[at] for at in range(FIELDS)}
        for at in range(PUMPS):
            amperes = PUMP_AMPERES + 0.8 * noise.wobble(self._seed, f"pump-{at}", times)
            shown[f"g103{at + 1:02}"] = pumps[at]
            shown[f"g104{at + 1:02}"] = amperes * pumps[at]
        return shown


def _fan(fire: boiler.Fire) -> Column:
    """Give the current of an induced-draught fan [A]: 60 when idle, with the cube of the gas."""
    share = fire.passing / precipitator.FULL_GAS
    return np.where(share > 2 * DRAUGHT, 60 + 190 * share**3, 0.0)
