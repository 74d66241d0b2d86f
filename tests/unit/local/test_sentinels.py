"""The demo's sentinels know the outlets as the platform does, and get their law from it."""

from pathlib import Path

from edge_greengrass.sentinel.configuration import configuration
from infra.local import demo_region
from infra.local.plants import plants
from infra.local.sentinels import sentinel_settings


def test_every_outlet_is_watched_and_judged_by_nothing_until_its_law_is_brought(
    tmp_path: Path,
) -> None:
    watched = set()
    for plant in plants():
        law = configuration(sentinel_settings(plant, {"home": str(tmp_path)})).law
        watched |= {(outlet.id, outlet.thing) for outlet in law.outlets.values()}
        assert (law.limits, law.facilities, law.versions) == ({}, (), {})
    assert watched == {(outlet.id, outlet.thing) for outlet in demo_region.outlets()}


def test_a_facility_is_watched_by_channels_that_its_control_system_has() -> None:
    channels = {
        (outlet.outlet, one["channel"])
        for plant in plants()
        for outlet in plant.outlets
        for one in outlet.registers
    }
    found = list(demo_region.facilities())
    assert found
    for facility in found:
        for signal in facility.signals:
            assert (signal.subject, signal.channel) in channels
