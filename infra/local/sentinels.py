"""The sentinels of all simulated devices, which share one process to spare this machine."""

from collections.abc import Mapping
from typing import Any

from infra.local import demo_region
from infra.local.plants import Plant
from plume.model.outlet import Outlet

RELOAD_SECONDS = 10
"""Sooner than in a plant: whoever registers a facility here waits for its site to have it."""


def sentinel_settings(plant: Plant, device: Mapping[str, Any]) -> dict[str, Any]:
    """Give one site's settings: its outlets; by what they are judged, the platform tells."""
    outlets = [one for one in demo_region.outlets() if one.thing == plant.thing]
    cameras = {one.outlet: [each.camera for each in one.cameras] for one in plant.outlets}
    return {
        **device,
        "thing": plant.thing,
        "reloadSeconds": RELOAD_SECONDS,
        "outlets": [{**_outlet(one), "cameras": cameras.get(one.id, [])} for one in outlets],
    }


def _outlet(outlet: Outlet) -> dict[str, Any]:
    return {
        "outletId": outlet.id,
        "name": {"zh": outlet.name.zh, "en": outlet.name.en},
        "mn": outlet.mn,
        "st": outlet.st,
        "password": outlet.password,
        "medium": outlet.medium.value,
    }
