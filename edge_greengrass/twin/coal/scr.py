"""Selective catalytic reduction: ammonia over a catalyst turns nitrogen oxides into nitrogen.

* the gas [°C] = 20 + (275 + 85 share^0.7) warmth: 380 at full load, 320 at the least
* ammonia is injected from 300 °C on; it holds 36 mg/m3 at 6 % O2, and never takes over 92 %
* ammonia [kg/h] = 0.370 NOX removed + what slips through (NOX counts as NO2: 17/46)

Source: domain rules T-11 to T-13.
"""

from dataclasses import dataclass

import numpy as np

from edge_greengrass.twin import noise
from edge_greengrass.twin.calendar import Column, Times
from edge_greengrass.twin.coal.boiler import Fire

LEAST_CELSIUS = 300.0
AMMONIA_PER_NITROGEN_OXIDES = 17.0 / 46.0
SET_POINT = 36.0
HIGHEST_EFFICIENCY = 0.92


@dataclass(frozen=True, slots=True)
class Reduced:
    """Behind the catalyst; NOX at 6 % O2 [mg/m3], ammonia [kg/h], slip [mg/m3]; shape (n,)."""

    celsius: Column
    nitrogen_oxides: Column
    ammonia: Column
    slip: Column
    fan_amperes: Column


def reduce(seed: int, fire: Fire, blocked: Column, times: Times) -> Reduced:
    """Reduce what the fire made; `blocked` in [0, 1] is how far the ammonia is shut off."""
    warmth = np.clip(fire.share / 0.2, 0, 1) ** 0.4
    celsius = 20 + (275 + 85 * fire.share**0.7) * warmth + noise.wobble(seed, "scr", times)
    target = SET_POINT * (1 + 0.10 * noise.wobble(seed, "scr-nox", times))
    lowest = np.maximum(target, fire.nitrogen_oxides * (1 - HIGHEST_EFFICIENCY))
    injecting = (celsius >= LEAST_CELSIUS) * (1 - blocked)
    removed = injecting * np.maximum(0, fire.nitrogen_oxides - lowest)
    slip = injecting * (0.5 + 1.2 * (removed / fire.nitrogen_oxides) ** 6)
    return Reduced(
        celsius=celsius,
        nitrogen_oxides=fire.nitrogen_oxides - removed,
        ammonia=ammonia_needed(removed * fire.gas * 1e-6, slip * fire.passing * 1e-6),
        slip=slip,
        fan_amperes=np.where(fire.share > 0, 42 + noise.wobble(seed, "dilution", times), 0.0),
    )


def ammonia_needed(removed: Column, slipped: Column) -> Column:
    """Give the ammonia [kg/h] that removes so much NOX [kg/h], with what slips [kg/h]."""
    return AMMONIA_PER_NITROGEN_OXIDES * removed + slipped
