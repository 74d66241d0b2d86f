"""The simulated cameras: one program that plays them all, and how each device films its own."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from infra.local.plants import Plant
from infra.local.settings import HOST
from infra.local.written import write_whole

MEBIBYTE = 1 << 20
RING_BYTES, RING_HOURS = 64 * MEBIBYTE, 1


def filming(plant: Plant, port: int) -> Mapping[str, Any]:
    """Give what the camera component of a plant must know of its cameras."""
    return {
        "thing": plant.thing,
        "cameras": [
            {
                "cameraId": camera.camera,
                "outletId": outlet.outlet,
                "label": f"{plant.name} {camera.name}",
                "url": f"rtsp://{HOST}:{port}/{camera.camera}",
            }
            for outlet in plant.outlets
            for camera in outlet.cameras
        ],
        "ringBytes": RING_BYTES,
        "ringHours": RING_HOURS,
    }


def write_scenes(config: Path, plants: Iterable[Plant], port: int, twins: Path) -> None:
    """Write what the program that plays the cameras must know: the scene before each.

    `twins` is the file of the twins' settings: cameras show what their plants do.
    """
    scenes = [
        {"cameraId": camera.camera, "scene": camera.scene, "outletId": outlet.outlet}
        for plant in plants
        for outlet in plant.outlets
        for camera in outlet.cameras
    ]
    told = {"host": HOST, "port": port, "cameras": scenes, "plants": str(twins)}
    write_whole(config, json.dumps(told, indent=1))
