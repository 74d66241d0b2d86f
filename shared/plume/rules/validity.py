"""Whether a reported value may be used to judge."""

from decimal import Decimal

from plume.model.outlet import Medium
from plume.model.reading import Flag

NORMAL_FLAGS = {
    # HJ 212-2017, table 8: N alone says that the instrument measured in normal state. HJ/T
    # 212-2005 sends no flag with its means; reading "none" as N is our choice.
    Medium.GAS: frozenset({Flag.NORMAL.value, ""}),
    Medium.WATER: frozenset({Flag.NORMAL.value, ""}),
}


def is_number(value: Decimal | None) -> bool:
    """Say whether there is a finite number; "not said", NaN and infinity are none."""
    return value is not None and value.is_finite()


def is_valid(flag: str, mean: Decimal | None, medium: Medium) -> bool:
    """Say whether a mean with this flag counts as measured in normal state.

    Args:
        flag: the letter as sent; one outside table 8 (St, Sd, Md of HJ 76) never counts.
        mean: in the factor's unit; the sign is left to the rules about plausible values.
        medium: what the outlet discharges; both media have the one normal letter today.

    Source:
        HJ 212-2017, table 8; HJ 75-2017, 12.1 (data of abnormal states are invalid).
    """
    return flag.strip().upper() in NORMAL_FLAGS[medium] and is_number(mean)
