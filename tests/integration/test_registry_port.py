"""One suite, two worlds: the registry."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from botocore.endpoint import Endpoint

from plume.aws.registry_table import RegistryTable
from plume.memory.world import MemoryBelated, MemoryRegistry
from plume.model.camera import Camera
from plume.model.device import Device
from plume.model.facility import Facility, Signal
from plume.model.finding import RuleVersion
from plume.model.identity import CameraId, EnterpriseId, OutletId, RegionCode, ThingName
from plume.model.outlet import Name
from plume.model.person import Scope
from plume.ports.registry import Registry, Wanted
from plume.usecases.onboard_outlets import OnboardWorld, check_outlets, onboard_outlets
from tests.component.test_onboard_outlets import CENTRE, outlet_row, row
from tests.integration.given import (
    EIGHT,
    HOUR,
    KAILU,
    ORDOS,
    TONGLIAO,
    enterprise,
    limit,
    outlet,
)
from tests.integration.worlds import aws, one_of

NORTH = EnterpriseId("ent-north")


@pytest.fixture(params=["memory", "dynamodb"])
def registry(request: pytest.FixtureRequest) -> Iterator[Registry]:
    yield from one_of(request, MemoryRegistry, lambda: RegistryTable("registry"))


@pytest.fixture
def filled(registry: Registry) -> Registry:
    for owner, region in (("north", "150523"), ("south", "150502"), ("west", "150602")):
        registry.put_enterprise(enterprise(owner, region))
    registry.put_outlet(outlet("a", "north", "150523"))
    registry.put_outlet(outlet("b", "north", "150523"))
    registry.put_outlet(outlet("c", "south", "150502"))
    registry.put_outlet(outlet("d", "west", "150602"))
    return registry


def scope(
    *regions: str, enterprises: tuple[str, ...] = (), outlets: tuple[str, ...] = ()
) -> Scope:
    return Scope(
        tuple(map(RegionCode, regions)),
        tuple(map(EnterpriseId, enterprises)),
        tuple(map(OutletId, outlets)),
    )


def test_regions_come_by_code(registry: Registry) -> None:
    for region in (ORDOS, KAILU, TONGLIAO):
        registry.put_region(region)
    assert list(registry.regions()) == [TONGLIAO, KAILU, ORDOS]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (scope(), ""),
        (scope("1505"), "abc"),
        (scope("150523"), "ab"),
        (scope("15"), "abcd"),
        (scope("1506"), "d"),
        (scope("99"), ""),
        (scope("150523", "1505"), "abc"),
        (scope(enterprises=("north", "west")), "abd"),
        (scope(outlets=("b", "d", "no-such")), "bd"),
        (scope("1506", enterprises=("south",), outlets=("a", "c")), "acd"),
    ],
)
def test_a_scope_gives_its_outlets_once_each_by_id(
    filled: Registry, asked: Scope, found: str
) -> None:
    assert [one.id for one in filled.outlets(asked)] == list(found)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (scope(), []),
        (scope("1505"), ["north", "south"]),
        (scope(enterprises=("west", "north")), ["north", "west"]),
        (scope(outlets=("b",)), ["north"]),
        (scope("1506", enterprises=("west",), outlets=("d",)), ["west"]),
    ],
)
def test_a_scope_gives_its_enterprises_and_those_of_contract_outlets(
    filled: Registry, asked: Scope, found: list[str]
) -> None:
    assert [one.id for one in filled.enterprises(asked)] == found


def test_a_province_wide_scope_finds_its_provinces_by_the_regions(filled: Registry) -> None:
    filled.put_region(TONGLIAO)
    assert [one.id for one in filled.outlets(scope("1"))] == list("abcd")


def test_what_is_entered_comes_back_whole(filled: Registry) -> None:
    assert filled.outlet(OutletId("a")) == outlet("a")
    assert filled.enterprise(EnterpriseId("north")) == enterprise("north")
    assert filled.outlet(OutletId("no-such")) is None
    assert filled.enterprise(EnterpriseId("no-such")) is None


def test_an_outlet_is_found_by_the_mn_it_has_now(filled: Registry) -> None:
    assert filled.outlet_by_mn("MN-a") == outlet("a")
    filled.put_outlet(replace(outlet("a"), mn="MN-new"))
    found = filled.outlet_by_mn("MN-new")
    assert found is not None
    assert found.id == "a"
    assert filled.outlet_by_mn("MN-a") is None


def test_an_mn_that_another_outlet_took_over_leads_to_that_one(filled: Registry) -> None:
    assert filled.outlet_by_mn("MN-a") == outlet("a")
    filled.put_outlet(replace(outlet("a"), mn="MN-new"))
    filled.put_outlet(replace(outlet("b"), mn="MN-a"))
    assert filled.outlet_by_mn("MN-a") == replace(outlet("b"), mn="MN-a")


def test_limits_live_side_by_side(filled: Registry) -> None:
    for each in (limit("so2", "a"), limit("so2", "a", 2), limit("nox", "a"), limit("so2", "b")):
        filled.put_limit(each)
    filled.put_limit(limit("nox", "a"))
    found = filled.limits(OutletId("a"))
    assert {(one.id, one.version) for one in found} == {("so2", 1), ("so2", 2), ("nox", 1)}
    assert str(found[0].ceiling) == "35.0"
    assert list(filled.limits(OutletId("c"))) == []


def test_limits_of_many_outlets_come_at_once(filled: Registry) -> None:
    filled.put_limit(limit("so2", "a"))
    found = filled.limits_of([OutletId("a"), OutletId("c")])
    assert {key: len(limits) for key, limits in found.items()} == {"a": 1, "c": 0}
    assert filled.limits_of([]) == {}


def camera(key: str, owner: str, zh: str = "排气筒") -> Camera:
    return Camera(
        id=CameraId(key),
        outlet=OutletId(owner),
        enterprise=EnterpriseId("north"),
        thing=ThingName("edge-1"),
        name=Name(zh, "Stack"),
    )


def test_cameras_of_many_outlets_come_at_once_by_id(filled: Registry) -> None:
    for each in (camera("a-cam2", "a"), camera("a-cam1", "a"), camera("b-cam1", "b")):
        filled.put_camera(each)
    filled.put_camera(camera("a-cam1", "a", "站房"))
    found = filled.cameras_of([OutletId("a"), OutletId("c")])
    assert list(found[OutletId("a")]) == [camera("a-cam1", "a", "站房"), camera("a-cam2", "a")]
    assert list(found[OutletId("c")]) == []
    assert filled.cameras_of([]) == {}


def test_an_outlet_registered_again_keeps_its_cameras(filled: Registry) -> None:
    filled.put_camera(camera("a-cam1", "a"))
    filled.put_outlet(replace(outlet("a"), process="脱硫"))
    assert filled.cameras_of([OutletId("a")])[OutletId("a")] == (camera("a-cam1", "a"),)


def facility(owner: str, demand: str, *running: str, above: str = "18.60") -> Facility:
    """The demand is told by the outlet, what runs by a unit of its own."""
    return Facility(
        rule=RuleVersion("T-04", 1),
        outlet=OutletId(owner),
        name=Name("脱硫塔循环泵", "FGD pumps"),
        demand=Signal(owner, demand, Decimal(300), "mg/m3"),
        running=tuple(Signal("unit-1", code, Decimal(above), "A") for code in running),
    )


def test_a_facility_is_found_by_every_subject_that_watches_it(registry: Registry) -> None:
    first, second = facility("a", "g71201", "g10401", "g10402"), facility("b", "g71201", "g10401")
    for each in (second, first, first):
        registry.put_facility(each)
    assert sorted(registry.facilities("unit-1"), key=lambda one: one.outlet) == [first, second]
    assert list(registry.facilities("a")) == [first]
    assert list(registry.facilities("c")) == []


def test_a_facility_entered_anew_replaces_itself_alone(registry: Registry) -> None:
    registry.put_facility(facility("a", "g71201", "g10401"))
    registry.put_facility(facility("b", "g71201", "g10401"))
    changed = facility("a", "g71201", "g10401", above="20.0")
    registry.put_facility(changed)
    found = sorted(registry.facilities("unit-1"), key=lambda one: one.outlet)
    assert found == [changed, facility("b", "g71201", "g10401")]
    assert str(found[0].running[0].above) == "20.0"


def test_a_facility_that_is_dropped_is_watched_by_nobody(registry: Registry) -> None:
    first, second = facility("a", "g71201", "g10401"), facility("b", "g71201", "g10401")
    for each in (first, second):
        registry.put_facility(each)
    for _ in range(2):
        registry.drop_facility(first)
    assert list(registry.facilities("unit-1")) == [second]
    assert list(registry.facilities("a")) == []


def test_what_another_process_enters_is_heeded_within_a_minute() -> None:
    """The facilities of a subject are asked for with every batch of points: an answer holds."""
    passed = 0.0
    with aws():
        entering = RegistryTable("registry")
        asking = RegistryTable("registry", hold=60.0, clock=lambda: passed)
        assert list(asking.facilities("a")) == []
        entering.put_facility(facility("a", "g71201", "g10401"))
        passed = 59.0
        assert list(asking.facilities("a")) == []
        passed = 60.0
        assert list(asking.facilities("a")) == [facility("a", "g71201", "g10401")]


def test_the_first_frame_is_noted_once_and_stays(filled: Registry) -> None:
    filled.mark_online(OutletId("a"), EIGHT)
    filled.mark_online(OutletId("a"), EIGHT + HOUR)
    filled.put_outlet(replace(outlet("a"), process="脱硫"))
    found = filled.outlet(OutletId("a"))
    assert found is not None
    assert (found.online_since, found.process) == (EIGHT, "脱硫")
    filled.mark_online(OutletId("no-such"), EIGHT)
    assert filled.outlet(OutletId("no-such")) is None


def test_what_is_foreseen_is_answered_as_it_would_be(filled: Registry) -> None:
    device = Device(ThingName("edge-1"), "1", EnterpriseId("north"))
    filled.put_device(device)
    seeing = filled.foresee(
        Wanted(
            (EnterpriseId("north"), EnterpriseId("nobody"), EnterpriseId("north")),
            (OutletId("a"), OutletId("no-such")),
            (outlet("a").mn, "no-such"),
            (ThingName("edge-1"), ThingName("edge-2")),
        )
    )
    assert seeing.enterprise(EnterpriseId("north")) == enterprise("north", "150523")
    assert seeing.enterprise(EnterpriseId("nobody")) is None
    assert seeing.outlet(OutletId("a")) == filled.outlet(OutletId("a"))
    assert seeing.outlet(OutletId("no-such")) is None
    assert seeing.outlet_by_mn(outlet("a").mn) == filled.outlet_by_mn(outlet("a").mn)
    assert seeing.outlet_by_mn("no-such") is None
    assert (seeing.device(ThingName("edge-1")), seeing.device(ThingName("edge-2"))) == (
        device,
        None,
    )
    assert seeing.outlet(OutletId("b")) == filled.outlet(OutletId("b"))


def test_what_was_foreseen_and_then_written_is_answered_as_written(filled: Registry) -> None:
    seeing = filled.foresee(Wanted((EnterpriseId("east"),), (OutletId("e"),)))
    seeing.put_enterprise(enterprise("east", "150523"))
    seeing.put_outlet(outlet("e", "east", "150523"))
    for one in (seeing, filled):
        assert one.enterprise(EnterpriseId("east")) == enterprise("east", "150523")
        found = one.outlet(OutletId("e"))
        assert found is not None
        assert found.enterprise == "east"


def test_the_limits_of_an_outlet_are_entered_at_once(registry: Registry) -> None:
    registry.put_limits(())
    first, second = limit("a", version=1), limit("a", version=2)
    for _ in range(2):
        registry.put_limits((second, first))
    assert sorted(registry.limits(OutletId("stack")), key=lambda one: one.version) == [
        first,
        second,
    ]


def test_a_sheet_of_a_hundred_outlets_costs_few_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway gives up after 29 s: a request each for all that is to know would not fit."""
    asked: Counter[str] = Counter()
    send = Endpoint.make_request

    def counted(self: Endpoint, operation: Any, request: Any) -> Any:
        asked[operation.name] += 1
        return send(self, operation, request)

    with aws():
        registry = RegistryTable("registry")
        for region in (TONGLIAO, KAILU):
            registry.put_region(region)
        rows = [outlet_row(number) for number in range(2, 102)]
        monkeypatch.setattr(Endpoint, "make_request", counted)
        check_outlets(CENTRE, rows, registry=registry)
        assert asked.total() <= 10
        asked.clear()
        world = OnboardWorld(registry, MemoryBelated())
        done = onboard_outlets(CENTRE, rows, skip_faulty=False, world=world, now=EIGHT)
        assert (len(done.sound), len(registry.outlets(CENTRE.scope))) == (100, 100)
        assert asked.total() <= 5 * len(rows)


def test_a_device_that_came_up_while_its_sheet_was_read_keeps_its_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sheet is sent again because the first answer took too long; both are at work."""
    with aws():
        registry = RegistryTable("registry")
        for region in (TONGLIAO, KAILU):
            registry.put_region(region)
        foresee, up = registry.foresee, Device(ThingName("edge-plm-9001"), "PLM-9001", NORTH)
        up = replace(up, fingerprint="ab" * 32, signing_key="MFkw", provisioned_at=EIGHT)

        def as_it_was(wanted: Wanted) -> Registry:
            seen = foresee(wanted)
            registry.put_device(up)
            return seen

        monkeypatch.setattr(registry, "foresee", as_it_was)
        world = OnboardWorld(registry, MemoryBelated())
        onboard_outlets(CENTRE, [row()], skip_faulty=False, world=world, now=EIGHT)
        assert registry.device(up.thing) == up


def test_a_device_is_entered_once(registry: Registry) -> None:
    new = Device(ThingName("edge-1"), "1", EnterpriseId("north"))
    seeing = registry.foresee(Wanted(devices=(new.thing,)))
    seeing.enter_device(new)
    assert (registry.device(new.thing), seeing.device(new.thing)) == (new, new)
    up = replace(new, signing_key="MFkw")
    registry.put_device(up)
    registry.enter_device(new)
    assert registry.device(new.thing) == up


def test_a_device_comes_back_whole(registry: Registry) -> None:
    device = Device(ThingName("edge-1"), "1", EnterpriseId("north"), "ab" * 32, "MFkw", EIGHT)
    registry.put_device(device)
    assert registry.device(ThingName("edge-1")) == device
    assert registry.device(ThingName("edge-2")) is None
