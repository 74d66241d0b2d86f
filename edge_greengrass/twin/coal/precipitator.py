"""The electrostatic precipitator: five fields in a row, each takes its share (Deutsch, 1922).

Penetration = exp(-sum of 1.5 (full gas / gas)^0.5 over the fields that are energised). A field
in order shows about 55 kV and 600 mA; a tripped one 4 kV and nothing.

Source: domain rule T-14.
"""

from dataclasses import dataclass

import numpy as np

from edge_greengrass.twin import noise
from edge_greengrass.twin.calendar import Column, Times
from edge_greengrass.twin.coal.boiler import GAS_PER_MEGAJOULE, RATED_MEGAWATTS, Fire

FIELDS = 5
PER_FIELD = 1.5
FULL_GAS = GAS_PER_MEGAJOULE * RATED_MEGAWATTS * 1000 * 9.0 * 14.9 / (20.9 - 3.2)


@dataclass(frozen=True, slots=True)
class Precipitated:
    """Behind the fields: dust at 6 % O2 [mg/m3]; per field voltage [kV] and current [mA]."""

    dust: Column
    kilovolts: tuple[Column, ...]
    milliamperes: tuple[Column, ...]


def precipitate(seed: int, fire: Fire, tripped: Column, times: Times) -> Precipitated:
    """Take out dust; `tripped` in [0, 1] is how far the last two fields are lost."""
    burning = (fire.share > 0) * 1.0
    powers = [burning * (1 - tripped if at >= FIELDS - 2 else 1.0) for at in range(FIELDS)]
    strength = PER_FIELD * np.sqrt(FULL_GAS / np.maximum(fire.passing, 0.3 * FULL_GAS))
    wobble = [noise.wobble(seed, f"field-{at}", times) for at in range(FIELDS)]
    return Precipitated(
        dust=fire.dust * np.exp(-strength * sum(powers)),
        kilovolts=tuple(
            np.asarray(4 * burning + on * (51 + 2 * w))
            for on, w in zip(powers, wobble, strict=True)
        ),
        milliamperes=tuple(
            np.asarray(on * (600 - 40 * at + 25 * w))
            for at, (on, w) in enumerate(zip(powers, wobble, strict=True))
        ),
    )
