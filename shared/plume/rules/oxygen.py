"""Conversion to the reference oxygen content (折算)."""

from decimal import Decimal

from plume.model.identity import FactorCode

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
