"""The function that hears of displaced devices: who is contested, and who only came back."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.watch_presence import handler as watching
from plume.errors import Unavailable
from plume.memory.device_standings import MemoryDeviceStandings
from plume.memory.world import MemoryAlarms, MemoryFindings, MemoryOperations, MemoryRegistry
from plume.model.device import Device
from plume.model.identity import RegionCode
from plume.model.person import Scope
from plume.ports.alarms import AlarmQuery
from plume.usecases.raise_alarm import raise_alarm
from tests.given import EIGHT, MINUTE, NOW, STACK, registry

CONTEXT = SimpleNamespace(
    function_name="watch_presence",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:watch_presence",
    aws_request_id="r",
)
EVENT = Path(__file__).parents[2] / "functions" / "watch_presence" / "event.json"
SECOND = timedelta(seconds=1)


class World:
    def __init__(self) -> None:
        self.registry: MemoryRegistry = registry()
        self.registry.put_device(Device(STACK.thing, "0001", STACK.enterprise))
        self.standings, self.findings = MemoryDeviceStandings(), MemoryFindings()
        self.operations = MemoryOperations()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    names = ("registry", "standings", "findings", "operations")
    ports = {name: (lambda name=name: getattr(made, name)) for name in names}
    monkeypatch.setattr(watching, "wiring", SimpleNamespace(**ports))
    return made


def event(*times: datetime, thing: str = STACK.thing) -> dict[str, Any]:
    """What the rule makes of what IoT Core tells."""
    (record,) = json.loads(EVENT.read_text("utf-8"))["Records"]
    bodies = [json.dumps({"thing": thing, "ts": int(at.timestamp() * 1000)}) for at in times]
    return {
        "Records": [
            {**record, "messageId": str(number), "body": body}
            for number, body in enumerate(bodies)
        ]
    }


def take(told: dict[str, Any]) -> list[str]:
    answer = watching.handler(told, CONTEXT)
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def test_two_machines_that_fight_for_a_name_raise_one_alarm(world: World) -> None:
    """Each takes the name from the other every twenty seconds."""
    fight = [EIGHT + at * 20 * SECOND for at in range(6)]
    assert take(event(*fight)) == []
    assert world.operations.contests == [(STACK.thing, fight[-1])]
    (finding,) = world.findings.told
    assert (finding.rule.id, finding.subtype, finding.outlet) == (
        "B-02", "contested_name", STACK.id
    )  # fmt: skip
    take(event(*fight))
    take(event(fight[-1] + 20 * SECOND))
    alarms = MemoryAlarms()
    for one in world.findings.told:
        raise_alarm(one, alarms=alarms, registry=world.registry, now=NOW)
    city = Scope(regions=(RegionCode("15"),))
    assert len(alarms.page(AlarmQuery(), city, most=10).items) == 1


@pytest.mark.parametrize(
    "times",
    [
        [EIGHT],
        [EIGHT + at * 20 * SECOND for at in range(5)],
        [EIGHT + at * 2 * MINUTE for at in range(20)],
        [EIGHT] * 20,
    ],
    ids=["one", "five", "every two minutes", "one told twenty times"],
)
def test_a_device_that_comes_back_over_another_route_is_not_accused(
    world: World, times: list[datetime]
) -> None:
    take(event(*times))
    assert world.findings.told == []
    assert world.operations.contests == []


def test_events_count_by_when_they_happened_in_whatever_order_they_come(world: World) -> None:
    take(event(*reversed([EIGHT + at * SECOND for at in range(6)])))
    assert len(world.operations.contests) == 1


def test_a_name_that_is_no_device_is_passed_over(world: World) -> None:
    fight = [EIGHT + at * SECOND for at in range(9)]
    assert take(event(*fight, thing="plume-claim-1")) == []
    assert world.operations.contests == []


def test_only_the_event_at_hand_comes_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told = event(EIGHT, EIGHT + SECOND, EIGHT + MINUTE)
    told["Records"][1]["body"] = "no JSON"
    assert take(told) == ["1"]

    def deaf(*_: object) -> None:
        raise Unavailable("devices")

    monkeypatch.setattr(world.standings, "note", deaf)
    assert take(event(EIGHT, EIGHT + SECOND)) == ["0", "1"]
