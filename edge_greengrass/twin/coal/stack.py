"""The stack of the coal unit: what the analysers on it see of the scrubbed gas.

Air leaks in between economiser and stack: oxygen grows by 2.3 points of what the gas lacks. The
duct is 30 m2; ambient pressure 101.3 kPa; a wet stack draws 0.05 to 0.15 kPa below it.

Source: HJ 212-2017, annex D (formulas 9 and 10); domain rules T-01, T-02, G-09.
"""

from dataclasses import dataclass

from edge_greengrass.twin import noise
from edge_greengrass.twin.calendar import Column, Times
from edge_greengrass.twin.chimney import AMBIENT_KILOPASCALS
from edge_greengrass.twin.coal.absorber import Scrubbed
from edge_greengrass.twin.coal.boiler import REFERENCE_OXYGEN, Fire, oxygen_of
from edge_greengrass.twin.gas import thinning, wet_actual
from edge_greengrass.twin.plant import Samples

DUCT_SQUARE_METRES = 30.0
LEAKAGE = 0.15
"""Air that leaks in, as a share of the gas behind the economiser [-]."""
SMALL_LEAKAGE = 0.01
"""Of it, what comes in behind the inlet of the tower (oxidation air) [-]."""


@dataclass(frozen=True, slots=True)
class Duct:
    """Dry gas at the standard state [m3/h] and its oxygen [%]; shape (n,)."""

    flow: Column
    oxygen: Column


def duct(fire: Fire, leakage: float) -> Duct:
    """Give the gas after air has leaked in."""
    flow = fire.passing * (1 + leakage)
    return Duct(flow, oxygen_of(fire.gas, flow))


def emit(
    seed: int, fire: Fire, scrubbed: Scrubbed, nitrogen_oxides: Column, times: Times
) -> Samples:
    """Read the analysers at the stack."""
    leaving = duct(fire, LEAKAGE)
    thin = thinning(leaving.oxygen, REFERENCE_OXYGEN)
    flow = leaving.flow / 3600
    pressure = -0.05 - 0.10 * fire.share + 0.005 * noise.wobble(seed, "pressure", times)
    wet = wet_actual(flow, scrubbed.celsius, AMBIENT_KILOPASCALS + pressure, scrubbed.humidity)
    return {
        "a21026": thin * scrubbed.sulphur_dioxide * noise.about(seed, "a21026", times, 0.03),
        "a21002": thin * nitrogen_oxides * noise.about(seed, "a21002", times, 0.02),
        "a34013": thin * scrubbed.dust * noise.about(seed, "a34013", times, 0.05),
        "a19001": leaving.oxygen + 0.02 * noise.wobble(seed, "a19001", times),
        "a00000": flow * noise.about(seed, "a00000", times, 0.004),
        "a01011": wet / DUCT_SQUARE_METRES * noise.about(seed, "a00000", times, 0.004),
        "a01012": scrubbed.celsius + 0.1 * noise.wobble(seed, "a01012", times),
        "a01013": pressure,
        "a01014": scrubbed.humidity * noise.about(seed, "a01014", times, 0.01),
    }
