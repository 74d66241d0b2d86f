"""What the local platform tells the camera components is what they understand."""

from pathlib import Path

from edge_greengrass.camera.configuration import configuration
from edge_greengrass.twin.video.scenery import SCENES
from infra.local import demo_region
from infra.local.camera_site import filming
from infra.local.plants import plants


def test_every_registered_camera_is_filmed_by_the_device_it_stands_behind(tmp_path: Path) -> None:
    filmed = {
        (camera, one.outlet, found.thing)
        for plant in plants()
        if plant.filmed
        for found in [configuration({"home": str(tmp_path), **filming(plant, 8554)})]
        for camera, one in found.cameras.items()
    }
    assert filmed == {(one.id, one.outlet, one.thing) for one in demo_region.cameras()}


def test_every_camera_looks_at_a_scene_that_the_twins_play() -> None:
    scenes = {camera.scene for plant in plants() for o in plant.outlets for camera in o.cameras}
    assert scenes <= set(SCENES)
