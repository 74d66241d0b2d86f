"""Who reaches what: every role, every endpoint, every relation, generated from the routes."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from app import PUBLIC_PATHS, app

from plume.model.person import Role, Scope
from plume.model.telemetry import Columns, SeriesTable
from tests.component.api_world import (
    NEIGHBOUR,
    OTHER_CITY,
    OTHER_COUNTY,
    OWN,
    PEOPLE,
    PLACES,
    MemoryWorld,
    calling,
    facility,
    sees,
)

# What each endpoint needs, by hand. A route without a row here fails.
EVERYONE = frozenset(Role)
REGULATORS = frozenset({Role.CITY_CENTRE, Role.CITY_ENFORCEMENT, Role.COUNTY, Role.LEADER})
EMISSIONS = REGULATORS | {Role.ENTERPRISE, Role.OPERATOR}
ONBOARD = frozenset({Role.CITY_CENTRE, Role.SYSTEM_ADMIN})
ROWS: dict[tuple[str, str], frozenset[Role]] = {
    ("GET", "/me"): EVERYONE,
    ("GET", "/regions"): EVERYONE,
    ("GET", "/overview"): EMISSIONS,
    ("GET", "/enterprises"): EMISSIONS,
    ("GET", "/enterprises/{enterprise_id}"): EMISSIONS,
    ("GET", "/outlets"): EMISSIONS,
    ("GET", "/outlets/{outlet_id}"): EMISSIONS,
    ("GET", "/outlets/{outlet_id}/cameras"): EMISSIONS,
    ("POST", "/outlets/{outlet_id}/cameras/{camera_id}/live"): EMISSIONS,
    ("GET", "/outlets/{outlet_id}/cameras/{camera_id}/live.m3u8"): EMISSIONS,
    ("GET", "/outlets/{outlet_id}/media"): EMISSIONS,
    ("GET", "/media/{media_id}"): EMISSIONS,
    ("GET", "/media/{media_id}/playlist.m3u8"): EMISSIONS,
    ("GET", "/outlets/{outlet_id}/latest"): EMISSIONS,
    ("GET", "/outlets/{outlet_id}/readings"): EMISSIONS,
    ("GET", "/outlets/{outlet_id}/series"): EMISSIONS,
    ("GET", "/outlets/{outlet_id}/frames"): EMISSIONS,
    ("GET", "/devices"): REGULATORS | {Role.SYSTEM_ADMIN},
    ("GET", "/devices/{thing}"): REGULATORS | {Role.SYSTEM_ADMIN},
    ("GET", "/devices/{thing}/clocks"): REGULATORS | {Role.SYSTEM_ADMIN},
    ("GET", "/devices/{thing}/frames"): REGULATORS | {Role.SYSTEM_ADMIN},
    ("GET", "/alarms"): EMISSIONS,
    ("GET", "/alarm-counts"): EMISSIONS,
    ("GET", "/alarms/{alarm_id}"): EMISSIONS,
    ("GET", "/alarms/{alarm_id}/media"): EMISSIONS,
    ("POST", "/alarms/{alarm_id}/{command}"): EMISSIONS - {Role.LEADER},
    ("GET", "/commands"): EMISSIONS | {Role.SYSTEM_ADMIN},
    ("POST", "/commands"): (EMISSIONS - {Role.LEADER}) | {Role.SYSTEM_ADMIN},
    ("GET", "/commands/{command_id}"): EMISSIONS | {Role.SYSTEM_ADMIN},
    ("POST", "/commands/{command_id}/{move}"): REGULATORS - {Role.LEADER},
    ("GET", "/outlets/{outlet_id}/facilities"): EMISSIONS,
    ("POST", "/outlets/{outlet_id}/facilities"): ONBOARD,
    ("POST", "/outlets/{outlet_id}/facilities/{facility_id}/retire"): ONBOARD,
    ("GET", "/audit"): frozenset({Role.AUDIT_ADMIN}),
    ("GET", "/onboarding/sheet"): ONBOARD,
    ("POST", "/onboarding/{command}"): ONBOARD,
}
QUERIES = {"/outlets/{outlet_id}/readings": "?span=hour"}
BODIES = {
    "/commands": json.dumps({"kind": "read_time", "outletId": OWN}),
    "/outlets/{outlet_id}/facilities": json.dumps(
        {
            "rule": "T-04",
            "name": {"zh": "循环泵", "en": "pumps"},
            "demand": {"channel": "g71202", "above": "300"},
            "running": [{"channel": "g10401", "above": "18.6"}],
        }
    ),
}
PATHS = sorted(
    (method, path)
    for path, methods in app.routes.items()
    for method in methods
    if path not in PUBLIC_PATHS
)


class SilentSeries:
    """A time-series store without data."""

    def read(self, query: object) -> object:
        return Columns(SeriesTable.GAS, OWN, np.array([], dtype=np.int64), {})


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> MemoryWorld:
    made = MemoryWorld()
    made.fill()
    made.serve(monkeypatch)
    monkeypatch.setattr("plume.aws.wiring.series", SilentSeries)
    return made


def address(path: str, place: str) -> str:
    owner, _ = PLACES[place]
    return path.format(
        outlet_id=place,
        enterprise_id=owner,
        thing=f"edge-{place}",
        alarm_id=f"AL-{place}",
        media_id=f"P-{place}" if "playlist" in path else f"M-{place}",
        camera_id=f"{place}-cam1",
        command="acknowledge",
        command_id=f"CM-{place}",
        facility_id=facility(place).id,
        move="approve",
    ) + QUERIES.get(path, "")


def test_every_route_has_a_row() -> None:
    assert set(PATHS) == set(ROWS)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_role_reaches_what_it_may_and_nothing_else(
    world: MemoryWorld, role: Role, method: str, path: str
) -> None:
    who = PEOPLE[role]
    for place in PLACES if "{" in path else [OWN]:
        expected = 200 if sees(who, place) or "{" not in path else 404
        if role not in ROWS[method, path]:
            expected = 403
        if path == "/onboarding/{command}" and expected != 403:
            expected = 404  # the command that this table sends is none of its commands
        if path == "/devices/{thing}/frames" and role in {Role.ENTERPRISE, Role.OPERATOR}:
            expected = 403
        with calling(who) as caller:
            answer = caller.send(method, address(path, place), BODIES.get(path, "{}"))
        assert answer.status_code == expected, (role, place, answer.body)


@pytest.mark.parametrize("role", sorted(EMISSIONS))
@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/outlets", "outletId"),
        ("/alarms", "outletId"),
        ("/commands", "outletId"),
        ("/enterprises", ""),
    ],
)
def test_a_list_holds_what_is_within_the_scope_and_nothing_else(
    world: MemoryWorld, role: Role, path: str, key: str
) -> None:
    who = PEOPLE[role]
    with calling(who) as caller:
        items = caller.get(path).json_body["items"]
    found = {item[key] for item in items} if key else {o for i in items for o in i["outletIds"]}
    assert found == {place for place in PLACES if sees(who, place)}


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_without_an_authorizer_nothing_is_answered(
    world: MemoryWorld, method: str, path: str
) -> None:
    with calling(None) as caller:
        answer = caller.send(method, address(path, OWN))
    assert answer.status_code == 403
    assert "stack" not in answer.body.decode().replace("traceback", "")


def test_a_refusal_does_not_tell_whether_the_object_exists(world: MemoryWorld) -> None:
    with calling(PEOPLE[Role.ENTERPRISE]) as caller:
        hidden = caller.get(f"/outlets/{OTHER_CITY}").json_body
        absent = caller.get("/outlets/no-such").json_body
    assert hidden == absent | {"traceId": hidden["traceId"]}


def wrong_scopes() -> dict[str, Callable[..., bool]]:
    """Every check of `Scope.covers` left out or turned around."""
    return {
        "no region check": lambda s, region, enterprise, outlet="": (
            enterprise in s.enterprises or outlet in s.outlets
        ),
        "no enterprise check": lambda s, region, enterprise, outlet="": (
            region.startswith(s.regions) or outlet in s.outlets
        ),
        "no outlet check": lambda s, region, enterprise, outlet="": (
            region.startswith(s.regions) or enterprise in s.enterprises
        ),
        "everything": lambda s, region, enterprise, outlet="": True,
        "nothing": lambda s, region, enterprise, outlet="": False,
        "prefix the other way round": lambda s, region, enterprise, outlet="": (
            any(prefix.startswith(region[:2]) for prefix in s.regions)
            or enterprise in s.enterprises
            or outlet in s.outlets
        ),
        "any enterprise": lambda s, region, enterprise, outlet="": (
            region.startswith(s.regions) or bool(s.enterprises) or outlet in s.outlets
        ),
        "any outlet": lambda s, region, enterprise, outlet="": (
            region.startswith(s.regions) or enterprise in s.enterprises or bool(s.outlets)
        ),
    }


@pytest.mark.parametrize("mutation", sorted(wrong_scopes()))
def test_a_scope_with_any_check_left_out_is_caught(
    world: MemoryWorld, mutation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scope, "covers", wrong_scopes()[mutation])
    differences = 0
    for role in EMISSIONS:
        with calling(PEOPLE[role]) as caller:
            for place in (OWN, NEIGHBOUR, OTHER_COUNTY, OTHER_CITY):
                seen = caller.get(f"/outlets/{place}").status_code == 200
                differences += seen is not sees(PEOPLE[role], place)
    assert differences
