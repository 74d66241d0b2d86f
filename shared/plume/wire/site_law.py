"""The law of one outlet on its way to the site, and as it is kept there: plain JSON.

Numbers are text, so that digits stay; times carry an offset.
"""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

from plume.errors import Refused
from plume.model.finding import RuleVersion
from plume.model.identity import FactorCode, OutletId
from plume.model.limit import Basis, Limit
from plume.model.reading import Span
from plume.model.site_law import SiteLaw
from plume.wire import resource_of
from plume.wire.facility_of import facility_of
from plume.wire.instants import instant_of

Fields = Mapping[str, Any]


class BadLaw(Refused):
    """It is no law of an outlet; the message names the field."""


def law_fields(law: SiteLaw) -> dict[str, object]:
    """Write the law of one outlet; two that say the same are written alike."""
    limits = sorted(law.limits, key=lambda one: (one.id, one.version))
    facilities = sorted(law.facilities, key=lambda one: one.id)
    return {
        "outletId": law.outlet,
        "version": law.version,
        "referenceOxygen": None if law.reference_oxygen is None else str(law.reference_oxygen),
        "limits": [{**resource_of.limit(one), "version": one.version} for one in limits],
        "facilities": [resource_of.facility(one) for one in facilities],
    }


def digest_of(law: SiteLaw) -> str:
    """Give the SHA-256 [hex] of what a law says, whatever its version."""
    said = {**law_fields(law), "version": 0}
    return sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def law_of(fields: Fields, *, rules: Mapping[str, RuleVersion]) -> SiteLaw:
    """Read the law of one outlet.

    Args:
        fields: as they were written.
        rules: those on treatment that are known here, by id.

    Raises:
        BadLaw: a field is missing or malformed, or a rule is not known here.
    """
    try:
        outlet, version = OutletId(str(fields["outletId"])), fields["version"]
        oxygen = fields["referenceOxygen"]
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise BadLaw(f"version: {version!r}")
        return SiteLaw(
            outlet,
            version,
            tuple(_limit(one, outlet) for one in fields["limits"]),
            tuple(facility_of(one, outlet, rules=rules) for one in fields["facilities"]),
            None if oxygen is None else _number(oxygen),
        )
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as fault:
        raise BadLaw(f"{type(fault).__name__} {fault}") from fault


def _limit(one: Fields, outlet: OutletId) -> Limit:
    return Limit(
        id=str(one["limitId"]),
        outlet=outlet,
        factor=FactorCode(str(one["factor"])),
        ceiling=_number(one["ceiling"]),
        unit=str(one["unit"]),
        basis=Basis(one["basis"]),
        span=Span(one["span"]),
        standard=str(one["standard"]),
        clause=str(one["clause"]),
        valid_from=instant_of(one["validFrom"]),
        valid_to=instant_of(one["validTo"]) if one.get("validTo") else None,
        floor=None if one.get("floor") is None else _number(one["floor"]),
        version=int(one.get("version", 1)),
    )


def _number(said: object) -> Decimal:
    number = Decimal(str(said))
    if not number.is_finite():
        raise ValueError(f"{said} is no number")
    return number
