"""What every flue gas obeys: oxygen and dilution, standard state, water vapour.

Concentrations here are dry and at the standard state (273 K, 101325 Pa). "Raw" flows are what a
furnace would give at its reference oxygen: multiplying by `thinning` gives what a probe sees.
"""

import numpy as np

from edge_greengrass.twin.calendar import Column

AIR_OXYGEN = 20.9
ZERO_CELSIUS = 273.0
STANDARD_KILOPASCALS = 101.325


def thinning(oxygen: Column, reference: float) -> Column:
    """Give the concentration at `oxygen` [%] for 1 at the reference oxygen [%]."""
    return (AIR_OXYGEN - oxygen) / (AIR_OXYGEN - reference)


def saturated_humidity(celsius: Column, kilopascals: float) -> Column:
    """Give the water vapour [%] of a gas that is saturated at a temperature and a pressure.

    Magnus' formula over water (WMO, 1996), good to 0.1 % between 0 and 60 °C.
    """
    saturation = 0.61094 * np.exp(17.625 * celsius / (celsius + 243.04))
    return np.asarray(100.0 * saturation / kilopascals)


def wet_actual(flow: Column, celsius: Column, kilopascals: Column, humidity: Column) -> Column:
    """Give the wet flow at its own state for a dry one at the standard state, same unit.

    Source:
        HJ 212-2017, annex D, formula 10, solved for the wet flow.
    """
    hot = (ZERO_CELSIUS + celsius) / ZERO_CELSIUS
    return flow * hot * (STANDARD_KILOPASCALS / kilopascals) / (1 - humidity / 100)
