"""Conversion to the reference oxygen content (折算)."""

from dataclasses import replace
from decimal import Decimal

from plume.model.identity import FactorCode
from plume.model.outlet import Outlet
from plume.model.reading import Origin, Reading
from plume.rules.wording import kept

OXYGEN = FactorCode("a19001")  # HJ 524: oxygen content of the flue gas [%]
AIR = Decimal(21)  # HJ 212-2017, annex D, formula 7: 21, not 20.9 [%]
LEAST_DIFFERENCE = Decimal(1)
"""[%] Below this distance from air the factor grows without bound: our choice, domain 2.1."""


def at_reference_oxygen(
    measured: Decimal | None, *, oxygen: Decimal | None, reference: Decimal | None
) -> Decimal | None:
    """Convert a dry standard-state concentration to the reference oxygen content.

    Args:
        measured: concentration [any unit], None when not said.
        oxygen: dry oxygen content of the same interval [%].
        reference: reference oxygen content [%]; None where the limit names none.

    Returns:
        The converted concentration in the unit of `measured`, unrounded; `measured` itself when
        no reference is named; None when there is no number to give: it may not be judged.

    Source:
        HJ 212-2017, annex D, formulas 7 and 8; 21 - O2 < 1 is never divided by.
    """
    if measured is None or not measured.is_finite():
        return None
    if reference is None:
        return measured
    if oxygen is None or not oxygen.is_finite() or AIR - oxygen < LEAST_DIFFERENCE:
        return None
    return measured * (AIR - reference) / (AIR - oxygen)


def is_convertible(unit: str) -> bool:
    """Say whether a factor in this unit is a concentration in gas, which oxygen dilutes."""
    return unit.replace("³", "3").endswith("/m3")


def converted_reading(reading: Reading, oxygen: Reading | None, outlet: Outlet) -> Reading:
    """Give our own conversion of a reading, as a computed reading of the same interval.

    Where the oxygen of the interval is missing, abnormal or too close to air there is no
    converted value, and the computed reading is not valid: it may not be judged.
    """
    content = oxygen.mean if oxygen is not None and oxygen.valid else None
    value = at_reference_oxygen(reading.mean, oxygen=content, reference=outlet.reference_oxygen)
    return replace(
        reading,
        source=Origin.COMPUTED,
        converted=None if value is None else kept(value, like=reading.mean),
        converted_minimum=None,
        converted_maximum=None,
        valid=reading.valid and value is not None,
        known_at=max(reading.known_at, oxygen.known_at) if oxygen else reading.known_at,
        version=1,
    )
