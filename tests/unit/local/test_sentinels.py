"""The demo's sentinels know what the platform knows of their outlets."""

from pathlib import Path

from edge_greengrass.sentinel.configuration import configuration
from infra.local import demo_region
from infra.local.plants import plants
from infra.local.sentinels import sentinel_settings
from plume.model.facility import Facility


def test_every_outlet_is_watched_by_the_limits_it_is_registered_with(tmp_path: Path) -> None:
    watched, limits = set(), []
    for plant in plants():
        law = configuration(sentinel_settings(plant, {"home": str(tmp_path)})).law
        watched |= {(outlet.id, outlet.thing) for outlet in law.outlets.values()}
        limits += [limit for each in law.limits.values() for limit in each]
    assert watched == {(outlet.id, outlet.thing) for outlet in demo_region.outlets()}
    assert sorted(limits, key=repr) == sorted(demo_region.limits(), key=repr)


def test_a_facility_is_watched_by_channels_that_its_control_system_has(tmp_path: Path) -> None:
    found: list[Facility] = []
    for plant in plants():
        law = configuration(sentinel_settings(plant, {"home": str(tmp_path)})).law
        channels = {
            (outlet.outlet, one["channel"]) for outlet in plant.outlets for one in outlet.registers
        }
        for facility in law.facilities:
            found.append(facility)
            for signal in facility.signals:
                assert (signal.subject, signal.channel) in channels
    assert found
    assert found == list(demo_region.facilities()), "site and platform watch the same"
