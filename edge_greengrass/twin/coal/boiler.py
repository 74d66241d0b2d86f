"""The boiler of a 300 MW unit: load, coal, and the raw gas that leaves the economiser.

* load [MW]: two peaks a day between half and full load, drifting; stops and starts by calendar
* heat rate [MJ/kWh] = 9.0 (1 + 0.04 (1 - load share))
* flue gas, dry, at 6 % O2 [m3/h] = 0.3437 heat [MJ/h]  (F-factor 0.245 m3/MJ at 0 % O2, 0 °C)
* oxygen at the economiser [%] = 3.2 + 3.0 (1 - load share), more when the fans are at their least
* sulphur dioxide at 6 % [mg/m3] = S 2 0.9 10^6 / (LHV 0.3437), S the share of sulphur by mass
* nitrogen oxides at 6 % [mg/m3] = 280 + 60 (1 - load share), drifting by 20
* dust at 6 % [mg/m3] = 0.85 of the ash (25 % of the coal) in the gas

Source: domain rules T-01 to T-03 (domain.md 4.4); its figures are the expected values of tests.
"""

from dataclasses import dataclass

import numpy as np

from edge_greengrass.twin import noise
from edge_greengrass.twin.calendar import Calendar, Column, Times
from edge_greengrass.twin.gas import AIR_OXYGEN, thinning

RATED_MEGAWATTS = 300.0
REFERENCE_OXYGEN = 6.0
GAS_PER_MEGAJOULE = 0.3437
"""Dry flue gas of bituminous coal at 6 % O2 [m3/MJ]."""
SULPHUR_RELEASED = 0.9
ASH_SHARE, FLY_ASH_SHARE = 0.25, 0.85
LEAST_AIR_SHARE = 0.28
"""Fans never give less than this share of the full-load gas while the fire burns [-]."""
DRAUGHT = 0.002
"""What a stopped unit draws through its stack, as a share of the full-load gas [-]."""
HOURS_OF_A_BATCH = 6


@dataclass(frozen=True, slots=True)
class Fire:
    """The state of the boiler; shape (n,) each.

    `gas` is dry at the standard state and at 6 % oxygen [m3/h]; `sulphur_dioxide`,
    `nitrogen_oxides` and `dust` likewise [mg/m3]. `passing` is the dry gas at its own `oxygen`
    [%] behind the economiser [m3/h].
    """

    share: Column
    megawatts: Column
    coal: Column
    heating_value: Column
    sulphur: Column
    gas: Column
    oxygen: Column
    passing: Column
    sulphur_dioxide: Column
    nitrogen_oxides: Column
    dust: Column


def burn(seed: int, calendar: Calendar, times: Times) -> Fire:
    """Give the state of the boiler at each time."""
    share = load_share(seed, calendar, times)
    megawatts = share * RATED_MEGAWATTS
    heat = megawatts * 1000 * 9.0 * (1 + 0.04 * (1 - share))
    batch = times // (HOURS_OF_A_BATCH * 3600)
    heating_value = 20.0 + 0.8 * noise.uniform(seed, "lhv", batch)
    sulphur = 0.70 + 0.12 * noise.drift(seed, "sulphur", times, HOURS_OF_A_BATCH * 3600)
    gas = GAS_PER_MEGAJOULE * heat
    oxygen = 3.2 + 3.0 * (1 - share) + 0.15 * noise.wobble(seed, "o2", times)
    passing = np.maximum(gas / thinning(oxygen, REFERENCE_OXYGEN), _least(calendar, times))
    drifting = 20 * noise.drift(seed, "nox", times, 3600) + 6 * noise.wobble(seed, "nox", times)
    return Fire(
        share=share,
        megawatts=megawatts,
        coal=heat / heating_value / 1000,
        heating_value=heating_value,
        sulphur=sulphur,
        gas=gas,
        oxygen=oxygen_of(gas, passing),
        passing=passing,
        sulphur_dioxide=raw_sulphur_dioxide(sulphur, heating_value),
        nitrogen_oxides=280 + 60 * (1 - share) + drifting,
        dust=1e6 * ASH_SHARE * FLY_ASH_SHARE / heating_value / GAS_PER_MEGAJOULE,
    )


def load_share(seed: int, calendar: Calendar, times: Times) -> Column:
    """Give the load over the rated load [-]."""
    hour = (times / 3600 + 8) % 24
    wave = 0.16 * np.cos((hour - 11) / 24 * 2 * np.pi) + 0.08 * np.cos((hour - 19) / 12 * np.pi)
    slow = 0.07 * noise.drift(seed, "load", times, 5400)
    wanted = np.clip(0.73 + wave + slow, 0.45, 1.0)
    return calendar.output(times) * (wanted + 0.004 * noise.wobble(seed, "load", times))


def raw_sulphur_dioxide(sulphur: Column, heating_value: Column) -> Column:
    """Give SO2 at 6 % O2 [mg/m3] from sulphur [% by mass] and LHV [MJ/kg] (rule T-03)."""
    return sulphur / 100 * 2 * SULPHUR_RELEASED * 1e6 / (heating_value * GAS_PER_MEGAJOULE)


def oxygen_of(gas: Column, passing: Column) -> Column:
    """Give the oxygen [%] of a flow that carries `gas` (at 6 %) thinned by air."""
    return AIR_OXYGEN - gas / passing * (AIR_OXYGEN - REFERENCE_OXYGEN)


def _least(calendar: Calendar, times: Times) -> Column:
    full = GAS_PER_MEGAJOULE * RATED_MEGAWATTS * 1000 * 9.0
    turning = calendar.output(times) > 0
    return full * np.where(turning, LEAST_AIR_SHARE, DRAUGHT)
