"""The sentinels of all simulated devices, which share one process to spare this machine."""

from collections.abc import Mapping
from typing import Any

from infra.local import demo_region
from infra.local.plants import Plant
from plume.model.facility import Facility, Signal
from plume.model.limit import Limit
from plume.model.outlet import Outlet


def sentinel_settings(plant: Plant, device: Mapping[str, Any]) -> dict[str, Any]:
    """Give one site's settings: its outlets, their limits in force, what must run."""
    outlets = [one for one in demo_region.outlets() if one.thing == plant.thing]
    keys = {one.id for one in outlets}
    cameras = {one.outlet: [each.camera for each in one.cameras] for one in plant.outlets}
    return {
        **device,
        "thing": plant.thing,
        "outlets": [{**_outlet(one), "cameras": cameras.get(one.id, [])} for one in outlets],
        "limits": [_limit(one) for one in demo_region.limits() if one.outlet in keys],
        "facilities": [_facility(one) for one in demo_region.facilities() if one.outlet in keys],
    }


def _facility(facility: Facility) -> dict[str, Any]:
    return {
        "rule": facility.rule.id,
        "outletId": facility.outlet,
        "name": {"zh": facility.name.zh, "en": facility.name.en},
        "demand": _signal(facility.demand),
        "running": [_signal(one) for one in facility.running],
    }


def _signal(signal: Signal) -> dict[str, str]:
    return {
        "subject": signal.subject,
        "channel": signal.channel,
        "above": str(signal.above),
        "unit": signal.unit,
    }


def _outlet(outlet: Outlet) -> dict[str, Any]:
    oxygen = outlet.reference_oxygen
    return {
        "outletId": outlet.id,
        "name": {"zh": outlet.name.zh, "en": outlet.name.en},
        "mn": outlet.mn,
        "st": outlet.st,
        "password": outlet.password,
        "medium": outlet.medium.value,
        "referenceOxygen": None if oxygen is None else str(oxygen),
    }


def _limit(limit: Limit) -> dict[str, Any]:
    return {
        "limitId": limit.id,
        "outletId": limit.outlet,
        "factor": limit.factor,
        "ceiling": str(limit.ceiling),
        "floor": None if limit.floor is None else str(limit.floor),
        "unit": limit.unit,
        "basis": limit.basis.value,
        "span": limit.span.value,
        "standard": limit.standard,
        "clause": limit.clause,
        "validFrom": limit.valid_from.isoformat(),
        "validTo": limit.valid_to.isoformat() if limit.valid_to else None,
        "version": limit.version,
    }
