"""The demo region as facts: what the files say is what the registry gets."""

from infra.local import demo_region


def test_every_camera_is_named_by_its_outlet_and_stands_behind_its_device() -> None:
    outlets = {outlet.id: outlet for outlet in demo_region.outlets()}
    cameras = list(demo_region.cameras())
    assert len({camera.id for camera in cameras}) == len(cameras) >= 8
    for camera in cameras:
        owner = outlets[camera.outlet]
        assert camera.id.rpartition("-cam")[0] == owner.id
        assert (camera.enterprise, camera.thing) == (owner.enterprise, owner.thing)
