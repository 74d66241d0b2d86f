"""Who may see and do what: roles and data scope (DESIGN 6)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plume.model.identity import EnterpriseId, OutletId, RegionCode


class Role(StrEnum):
    """市局监控中心, 市局执法, 旗县局, 企业, 第三方运维, 领导, and the three administrators."""

    CITY_CENTRE = "city_centre"
    CITY_ENFORCEMENT = "city_enforcement"
    COUNTY = "county"
    ENTERPRISE = "enterprise"
    OPERATOR = "operator"
    LEADER = "leader"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


REGULATORS = frozenset({Role.CITY_CENTRE, Role.CITY_ENFORCEMENT, Role.COUNTY, Role.LEADER})


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person may see: region code prefixes, enterprises, or outlets under contract.

    An object is within the scope when any of the three names it; an empty scope sees nothing.
    """

    regions: tuple[RegionCode, ...] = ()
    enterprises: tuple[EnterpriseId, ...] = ()
    outlets: tuple[OutletId, ...] = ()

    def covers(self, *, region: str, enterprise: str, outlet: str = "") -> bool:
        """Tell whether an object of this region and enterprise (and outlet) is within."""
        return (
            any(region.startswith(prefix) for prefix in self.regions)
            or enterprise in self.enterprises
            or outlet in self.outlets
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who has logged in (用户).

    `logged_in_at` is when they last proved who they are, in the session at hand; None where the
    issuer does not say. It is never stored.
    """

    id: str
    username: str
    name: str
    role: Role
    scope: Scope
    organisation: str = ""
    disabled: bool = False
    logged_in_at: datetime | None = None
