"""What is judged by on site (现场研判依据): an outlet's limits and facilities, as registered."""

from dataclasses import dataclass
from decimal import Decimal

from plume.model.facility import Facility
from plume.model.identity import OutletId
from plume.model.limit import Limit


@dataclass(frozen=True, slots=True)
class SiteLaw:
    """The limits and facilities of one outlet, all of them; an outlet may have none.

    `reference_oxygen` [%] is what concentrations are converted to; None where none are.
    `version` rises with every change, so that of two words the later counts, in whatever order
    they come.
    """

    outlet: OutletId
    version: int
    limits: tuple[Limit, ...] = ()
    facilities: tuple[Facility, ...] = ()
    reference_oxygen: Decimal | None = None
