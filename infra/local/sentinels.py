"""The sentinels of all simulated devices, which share one process to spare this machine."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from infra.local import demo_region
from infra.local.plants import DEMO, Plant
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
        "facilities": list(_facilities(plant)),
    }


def _facilities(plant: Plant) -> Iterator[Mapping[str, Any]]:
    """Give what must run in plants of this kind; a pump of 62 A turns above 30 % (T-04)."""
    by_kind = json.loads((DEMO / "facilities.json").read_text(encoding="utf-8"))
    for outlet in plant.outlets:
        kind = outlet.twin["kind"] if outlet.twin else ""
        for facility in by_kind.get(kind, ()):
            yield {"outletId": outlet.outlet, **facility}


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
