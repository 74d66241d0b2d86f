"""Devices over the API: how they stand, and what is behind them."""

from datetime import timedelta

import pytest

from plume.model.device_standing import DeviceHeard
from plume.model.event import ClockOffset, GapFill, GapRecord, Loss, SourceHealth, SourceState
from plume.model.identity import OutletId, ThingName
from plume.model.person import Role
from tests.component.api_world import (
    NEIGHBOUR,
    NOW,
    OTHER_CITY,
    OWN,
    PEOPLE,
    Caller,
    MemoryWorld,
    calling,
)

THING = ThingName(f"edge-{OWN}")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(world: MemoryWorld) -> MemoryWorld:
    world.standings.note(THING, DeviceHeard("b1", 7, NOW - MINUTE, NOW))
    world.standings.note(
        ThingName(f"edge-{NEIGHBOUR}"), DeviceHeard("b", 1, NOW, NOW - 11 * MINUTE)
    )
    offset = timedelta(seconds=-12, milliseconds=-345)
    world.standings.note(THING, ClockOffset(NOW, OWN, "edge", offset, 20))
    world.standings.note(THING, ClockOffset(NOW, "edge", "cloud", timedelta(seconds=1), 5))
    world.standings.note(
        THING,
        SourceHealth(NOW, OWN, "hj212", SourceState.OK, "", {"peer": "10.0.0.2"}, OutletId(OWN)),
    )
    world.standings.note(
        THING, SourceHealth(NOW, "cellular", "route", SourceState.FAILING, "down")
    )
    gap = GapRecord(NOW, "telemetry", Loss.THINNED, NOW - MINUTE, NOW, 60, "disk full")
    world.standings.note(THING, gap)
    return world


def test_the_list_says_which_device_is_heard_which_is_silent_and_which_never_was(
    centre: Caller,
) -> None:
    items = {one["thing"]: one for one in centre.get("/devices").json_body["items"]}
    states = {thing: one["state"] for thing, one in items.items()}
    assert states == {
        "edge-stack": "online",
        "edge-stack-2": "silent",
        "edge-stack-3": "never",
    }
    told = items["edge-stack"]
    (logger,) = told["loggers"]
    assert (logger["outletId"], logger["mn"], logger["state"]) == (OWN, "MN-stack", "online")
    assert (logger["clock"]["offset"], logger["delay"]) == (-12.345, 0.0)
    assert logger["sources"][0]["facts"] == {"peer": "10.0.0.2"}
    assert (told["gaps"], told["troubled"], told["edgeClock"]["offset"]) == (1, 1, 1.0)
    assert told["enterpriseName"]["zh"] == "north 有限公司"


def test_a_device_is_shown_with_everything_known_of_it(centre: Caller) -> None:
    told = centre.get(f"/devices/{THING}").json_body
    assert (told["serial"], told["sequence"]) == ("serial-stack", 7)
    assert [boot["bootId"] for boot in told["boots"]] == ["b1"]
    assert {one["subject"] for one in told["clocks"]} == {OWN, "edge"}
    assert {one["source"]: one["state"] for one in told["sources"]} == {
        OWN: "ok",
        "cellular": "failing",
    }
    assert told["gapRecords"][0]["loss"] == "thinned"
    assert [one["commandId"] for one in told["commands"]] == [f"CM-{OWN}"]
    assert "approve" in told["commands"][0]["moves"]


def fill(hours: int, came: int, *, closed: bool, minutes: int = 0) -> GapFill:
    """Two hours that were missing so many hours ago, asked for so many minutes ago."""
    first = NOW - timedelta(hours=hours)
    last, at = first + timedelta(hours=1), NOW - minutes * MINUTE
    return GapFill(at, OutletId(OWN), "2061", first, last, 2, came, closed, "no answer")


def test_what_was_missing_is_told_with_what_became_of_it(
    world: MemoryWorld, centre: Caller
) -> None:
    for told in (
        fill(9, 0, closed=False, minutes=30), fill(9, 2, closed=True, minutes=1),
        fill(20, 1, closed=True, minutes=2), fill(30, 0, closed=False, minutes=3),
        fill(30, 0, closed=False, minutes=40),
    ):  # fmt: skip
        world.standings.note(THING, told)
    detail = centre.get(f"/devices/{THING}").json_body
    told = [(one["state"], one["missing"], one["filled"]) for one in detail["fills"]]
    assert told == [("filled", 2, 2), ("absent", 2, 1), ("waiting", 2, 0)]
    assert detail["fills"][0]["outletId"] == OWN
    assert detail["fills"][0]["cn"] == "2061"
    (logger,) = detail["loggers"]
    assert logger["gaps"] == 2


def test_pages_of_devices_join(centre: Caller) -> None:
    first = centre.get("/devices?limit=2").json_body
    rest = centre.get(f"/devices?limit=2&cursor={first['nextCursor']}").json_body
    things = [one["thing"] for one in first["items"] + rest["items"]]
    assert things == ["edge-stack", "edge-stack-2", "edge-stack-3"]
    assert rest["nextCursor"] is None


def test_how_a_clock_went_is_told_oldest_first(world: MemoryWorld, centre: Caller) -> None:
    for minutes in (3, 1, 2):
        offset = ClockOffset(NOW - minutes * MINUTE, OWN, "edge", timedelta(seconds=minutes), 20)
        world.standings.note(THING, offset)
    told = centre.get(f"/devices/{THING}/clocks?subject={OWN}").json_body["items"]
    assert [one["offset"] for one in told] == [3.0, 2.0, 1.0, -12.345]
    assert centre.get(f"/devices/{THING}/clocks?subject=%00").status_code == 400


def test_a_county_does_not_see_the_devices_of_others(world: MemoryWorld) -> None:
    with calling(PEOPLE[Role.COUNTY]) as caller:
        things = [one["thing"] for one in caller.get("/devices").json_body["items"]]
        assert things == ["edge-stack", "edge-stack-2"]
        assert caller.get(f"/devices/edge-{OTHER_CITY}").status_code == 404


def test_the_system_administrator_sees_devices_but_no_emissions(world: MemoryWorld) -> None:
    with calling(PEOPLE[Role.SYSTEM_ADMIN]) as caller:
        assert caller.get(f"/devices/{THING}").status_code == 200
        assert caller.get("/outlets").status_code == 403
