"""Commands over the API: asked, approved by another, shown without what is secret."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plume.memory.world import MemoryDeviceCommands
from plume.model.command import CommandId
from plume.model.event import Receipt, ReceiptStage
from plume.model.identity import ThingName
from plume.model.person import Role
from plume.usecases.send_command import SendWorld, send_command
from plume.usecases.take_receipt import take_receipt
from tests.component.api_world import NOW, OWN, PEOPLE, Caller, MemoryWorld, calling


@pytest.fixture
def county(world: MemoryWorld) -> Iterator[Caller]:
    with calling(PEOPLE[Role.COUNTY]) as caller:
        yield caller


def body(kind: str = "set_time", **more: object) -> str:
    return json.dumps({"kind": kind, "outletId": OWN, "reason": "偏差 130 秒", **more})


def test_one_asks_another_approves_and_both_are_shown(world: MemoryWorld, county: Caller) -> None:
    asked = county.post("/commands", body())
    told = asked.json_body
    assert (asked.status_code, told["state"], told["dualControl"]) == (
        200,
        "awaiting_approval",
        True,
    )
    assert told["moves"] == ["reject", "withdraw"]
    assert county.post(f"/commands/{told['commandId']}/approve").status_code == 403
    assert world.device_commands.sent == []
    with calling(PEOPLE[Role.CITY_CENTRE]) as centre:
        shown = centre.get(f"/commands/{told['commandId']}").json_body
        assert shown["moves"] == ["approve", "reject"]
        approved = centre.post(f"/commands/{told['commandId']}/approve").json_body
    assert approved["state"] == "approved"
    assert [(step["move"], step["actor"]) for step in approved["history"]] == [
        ("ask", "名 county"),
        ("approve", "名 city_centre"),
    ]
    assert approved["outletName"]["zh"] == "stack 排口"
    assert [one.id for one in world.device_commands.sent] == [told["commandId"]]


def test_an_old_login_is_told_apart_so_that_the_page_asks_for_the_password_again(
    world: MemoryWorld, county: Caller
) -> None:
    asked = county.post("/commands", body()).json_body
    since = datetime.now(tz=UTC) - timedelta(minutes=6)
    with calling(replace(PEOPLE[Role.CITY_CENTRE], logged_in_at=since)) as centre:
        told = centre.post(f"/commands/{asked['commandId']}/approve")
    assert (told.status_code, told.json_body["type"]) == (403, "urn:plume:login-too-old")
    assert told.json_body["detailZh"] == "此操作须重新验证身份"
    assert world.device_commands.sent == []
    with calling(PEOPLE[Role.ENTERPRISE]) as stranger:
        other = stranger.post(f"/commands/{asked['commandId']}/approve")
    assert (other.status_code, other.json_body["type"]) == (403, "about:blank")


def test_the_same_key_is_the_same_command(world: MemoryWorld, county: Caller) -> None:
    first = county.post("/commands", body()).json_body
    assert county.post("/commands", body()).json_body == first
    other = county.post("/commands", body(), **{"Idempotency-Key": "k2"}).json_body
    assert other["commandId"] != first["commandId"]
    assert county.post("/commands", body("read_time")).status_code == 409


def test_a_password_that_goes_down_is_not_shown_again(world: MemoryWorld) -> None:
    with calling(PEOPLE[Role.CITY_CENTRE]) as centre:
        told = centre.post("/commands", body("set_password", arguments={"password": "a1b2c3"}))
        listed = centre.get(f"/commands?outletId={OWN}")
    assert told.json_body["arguments"] == {"password": "******"}
    assert b"a1b2c3" not in told.body + listed.body
    kept = world.commands.get(CommandId(told.json_body["commandId"]))
    assert kept.command.arguments == {"password": "a1b2c3"}


def test_what_the_device_said_is_shown(world: MemoryWorld, county: Caller) -> None:
    told = county.post("/commands", body("read_time")).json_body
    sending = SendWorld(world.commands, world.audit, MemoryDeviceCommands())
    send_command(world.device_commands.sent[-1], world=sending, now=NOW)
    receipt = Receipt(NOW, told["commandId"], ReceiptStage.REFUSED, "busy", {"qnRtn": 5})
    take_receipt(
        ThingName(f"edge-{OWN}"), receipt, commands=world.commands, audit=world.audit, now=NOW
    )
    shown = county.get(f"/commands/{told['commandId']}").json_body
    (one,) = shown["receipts"]
    assert (shown["state"], one["stage"], one["detail"]) == ("refused", "refused", "busy")
    assert one["result"] == {"qnRtn": 5}


def test_lists_narrow_by_outlet_device_and_state(county: Caller) -> None:
    county.post("/commands", body("read_time"))
    everything = county.get("/commands").json_body["items"]
    assert len(everything) == 3  # two of others in this county, and this one
    for query, count in (
        (f"outletId={OWN}", 2),
        (f"thing=edge-{OWN}", 2),
        ("state=approved", 1),
        ("state=awaiting_approval,approved", 3),
        ("thing=edge-none", 0),
    ):
        assert len(county.get(f"/commands?{query}").json_body["items"]) == count, query
    assert county.get("/commands?state=lost").status_code == 400


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ("{}", "/kind"),
        (json.dumps({"kind": "launch"}), "/kind"),
        (json.dumps({"kind": ["read_time"]}), "/kind"),
        (json.dumps({"kind": "read_time"}), "/outletId"),
        (json.dumps({"kind": "read_time", "outletId": 7}), "/outletId"),
        (json.dumps({"kind": "read_time", "outletId": OWN, "arguments": []}), "/arguments"),
        (body(arguments={"at": "noon"}), "/arguments/at"),
        (body(arguments={"colour": 1}), "/arguments/colour"),
        (body(validMinutes="5"), "/validMinutes"),
        (body(validMinutes=True), "/validMinutes"),
        (body(reason=""), "/reason"),
        (body(colour="red"), "/colour"),
    ],
)
def test_a_bad_asking_is_told_with_its_field_and_keeps_nothing(
    world: MemoryWorld, county: Caller, said: str, pointer: str
) -> None:
    before = len(world.commands.unended())
    answer = county.post("/commands", said)
    assert (answer.status_code, answer.json_body["pointer"]) == (400, pointer), answer.body
    assert any("\u4e00" <= letter <= "\u9fff" for letter in answer.json_body["detailZh"])
    assert len(world.commands.unended()) == before


def test_a_command_without_a_key_is_not_taken(county: Caller) -> None:
    answer = county.post("/commands", body(), **{"Idempotency-Key": ""})
    assert answer.json_body["pointer"] == "/headers/Idempotency-Key"


def test_an_enterprise_reads_its_own_and_sets_nothing(world: MemoryWorld) -> None:
    with calling(PEOPLE[Role.ENTERPRISE]) as caller:
        assert caller.post("/commands", body("read_time")).status_code == 200
        refused = caller.post("/commands", body(), **{"Idempotency-Key": "k2"})
        assert (refused.status_code, refused.json_body["pointer"]) == (403, "/kind")
        far = json.dumps({"kind": "read_time", "outletId": "stack-2"})
        hidden = caller.post("/commands", far, **{"Idempotency-Key": "k3"})
        assert hidden.status_code == 404
        kinds = caller.get("/me").json_body["commandKinds"]
    assert "read_time" in kinds
    assert not [kind for kind in kinds if kind.startswith("set_")]


def test_an_unknown_move_is_not_there(county: Caller) -> None:
    assert county.post(f"/commands/CM-{OWN}/send").status_code == 404
