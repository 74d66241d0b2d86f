"""The twins of the demo region: playable, in step with the registry, and full of labels."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_greengrass.twin import configuration, labels
from edge_greengrass.twin.cast import instruments_of
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.registers import registers_of
from infra.local import demo_region, plants
from infra.local.settings import settings_of

NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)


@pytest.fixture
def played(tmp_path: Path) -> list[PlantSettings]:
    file = tmp_path / "twins.json"
    told = [
        {
            **one.twin,
            "outletId": one.outlet,
            "mn": one.mn,
            "st": one.st,
            "password": one.password,
            "host": "h",
            "port": 1,
        }
        for plant in plants.plants()
        for one in plant.outlets
        if one.twin
    ]
    file.write_text(json.dumps({"plants": told}))
    return list(configuration.read(file))


def test_every_kind_of_plant_is_played(played: list[PlantSettings]) -> None:
    kinds = {"gas_turbine", "coal_unit", "sewage_works", "potline", "cement_kiln", "oxidiser"}
    assert {one.kind for one in played} == kinds


def test_a_twin_reports_the_factors_of_its_outlet_and_knows_its_limits(
    played: list[PlantSettings],
) -> None:
    outlets = {outlet.id: outlet for outlet in demo_region.outlets()}
    limits = {(one.outlet, one.factor): float(one.ceiling) for one in demo_region.limits()}
    for one in played:
        plant = instruments_of(one).plant
        assert {channel.code for channel in plant.channels} == set(outlets[one.outlet].factors)
        oxygen = outlets[one.outlet].reference_oxygen
        assert plant.reference_oxygen == (None if oxygen is None else float(oxygen))
        for channel in plant.channels:
            if channel.ceiling:
                assert channel.ceiling == limits[one.outlet, channel.code], channel.code


@pytest.mark.parametrize("days", range(0, 30, 5))
def test_any_day_has_sixteen_labels_of_many_kinds(played: list[PlantSettings], days: int) -> None:
    until = NOW + timedelta(days=days)
    found = [
        label
        for one in played
        for label in labels.labels_of(one, until - timedelta(days=1), until)
    ]
    assert len(found) >= 16
    assert len({label.kind for label in found}) >= 8


def test_every_control_system_has_a_port_of_its_own() -> None:
    outlets = [one for plant in plants.plants() for one in plant.outlets]
    many = plants.number_of_control_systems()
    assert many == len([one for one in outlets if one.registers]) >= 8
    for one in outlets:
        kind = one.twin["kind"] if one.twin else ""
        assert len(one.registers) == len(registers_of(kind))
    chosen = settings_of({}, plants.number_of_things(), many)
    assert len(set(chosen.control_ports)) == many
    assert not set(chosen.control_ports) & set(chosen.collector_ports)
    assert settings_of({"PLUME_TWINS": "0"}, 1, many).control_ports == ()
