"""What people do with an alarm of a device that was accused, through the API."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plume.model.alarm import Condition
from plume.model.identity import EnterpriseId, OutletId, RegionCode
from plume.model.person import Role
from plume.rules.clones import contested, foreign
from plume.usecases.raise_alarm import raise_alarm
from tests.component.api_world import (
    NOW,
    OTHER_CITY,
    OWN,
    PEOPLE,
    PLACES,
    Caller,
    MemoryWorld,
    calling,
)

MINUTE = timedelta(minutes=1)
REASON = json.dumps({"reason": "现场核实：更换了主板，已重新登记"})


def accuse(world: MemoryWorld, place: str = OWN, minute: int = 0) -> str:
    """B-02 at so many minutes past now; give the path of the alarm."""
    outlet = world.registry.outlet(OutletId(place))
    assert outlet is not None
    at = NOW + minute * MINUTE
    finding = contested(outlet, outlet.thing, at)
    raise_alarm(finding, alarms=world.alarms, registry=world.registry, now=at)
    (alarm,) = world.alarms.episodes("B-02", OutletId(place), "")
    return f"/alarms/{alarm.id}"


def test_an_accusation_is_cleared_by_an_official_with_a_reason(
    world: MemoryWorld, centre: Caller
) -> None:
    path = accuse(world)
    assert centre.get(path).json_body["commands"] == ["acknowledge", "resolve"]
    told = centre.post(f"{path}/resolve", REASON)
    assert (told.status_code, told.json_body["condition"]) == (200, "cleared")
    assert (told.json_body["handling"], told.json_body["commands"]) == ("responded", [])
    assert told.json_body["history"][-1]["reason"] == "现场核实：更换了主板，已重新登记"
    assert centre.post(f"{path}/resolve", REASON).json_body == told.json_body
    (entry,) = world.audit.about(f"alarm#{told.json_body['alarmId']}")
    assert (entry.act, entry.actor) == ("alarm:resolve", "id-city_centre")
    assert entry.reason.startswith("现场核实")


def test_the_next_evidence_opens_it_again_and_the_same_does_not(
    world: MemoryWorld, centre: Caller
) -> None:
    path = accuse(world)
    centre.post(f"{path}/resolve", REASON)
    accuse(world)
    assert centre.get(path).json_body["condition"] == "cleared"
    outlet = world.registry.outlet(OutletId(OWN))
    assert outlet is not None
    hour = datetime.now(tz=UTC).replace(minute=0, second=0, microsecond=0)
    later = hour + timedelta(hours=1, microseconds=-1)
    finding = contested(outlet, outlet.thing, later)
    raise_alarm(finding, alarms=world.alarms, registry=world.registry, now=later)
    told = centre.get(path).json_body
    assert (told["condition"], told["handling"]) == ("active", "awaiting_response")
    assert told["commands"] == ["acknowledge", "resolve"]


def test_each_accusation_is_for_people_to_clear(world: MemoryWorld, centre: Caller) -> None:
    outlet = world.registry.outlet(OutletId(OWN))
    assert outlet is not None
    finding = foreign(outlet, outlet.thing, NOW)
    alarm = raise_alarm(finding, alarms=world.alarms, registry=world.registry, now=NOW)
    assert alarm is not None
    assert centre.post(f"/alarms/{alarm.id}/resolve", REASON).status_code == 200


@pytest.mark.parametrize("body", ["{}", '{"reason": "  "}'])
def test_without_a_reason_it_stays(world: MemoryWorld, centre: Caller, body: str) -> None:
    path = accuse(world)
    answer = centre.post(f"{path}/resolve", body)
    assert (answer.status_code, answer.json_body["pointer"]) == (400, "/reason")
    assert centre.get(path).json_body["condition"] == "active"
    assert world.audit.entries == {}


def test_what_data_clear_no_person_clears(world: MemoryWorld, centre: Caller) -> None:
    answer = centre.post(f"/alarms/AL-{OWN}/resolve", REASON)
    assert answer.status_code == 409
    assert "自动消除" in answer.json_body["detailZh"]
    kept = world.alarms.get(f"AL-{OWN}")
    assert kept is not None
    assert (kept.condition, kept.history) == (Condition.ACTIVE, ())
    assert centre.get(f"/alarms/AL-{OWN}").json_body["commands"] == ["acknowledge"]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.CITY_ENFORCEMENT, 200),
        (Role.COUNTY, 200),
        (Role.ENTERPRISE, 403),
        (Role.OPERATOR, 403),
        (Role.LEADER, 403),
        (Role.SYSTEM_ADMIN, 403),
    ],
)
def test_whoever_stands_accused_does_not_clear_it(
    world: MemoryWorld, role: Role, status: int
) -> None:
    path = accuse(world)
    with calling(PEOPLE[role]) as caller:
        assert caller.post(f"{path}/resolve", REASON).status_code == status
        if status == 403 and role in {Role.ENTERPRISE, Role.OPERATOR}:
            assert caller.get(path).json_body["commands"] == ["acknowledge"]


def test_an_accusation_out_of_sight_is_not_there(world: MemoryWorld, centre: Caller) -> None:
    path = accuse(world, OTHER_CITY)
    assert PLACES[OTHER_CITY] == (EnterpriseId("west"), RegionCode("150602"))
    assert centre.post(f"{path}/resolve", REASON).status_code == 404


def test_the_second_who_clears_it_learns_who_was_faster(
    world: MemoryWorld, centre: Caller
) -> None:
    path = accuse(world)
    centre.post(f"{path}/resolve", REASON)
    with calling(PEOPLE[Role.COUNTY]) as other:
        late = other.post(f"{path}/resolve", REASON)
    assert late.status_code == 409
    assert "名 city_centre" in late.json_body["detailZh"]
    (alarm,) = world.alarms.episodes("B-02", OutletId(OWN), "")
    assert len(alarm.history) == 1
    assert replace(alarm, history=()).condition is Condition.CLEARED
