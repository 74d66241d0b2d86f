"""The function that speaks to devices: a message is an id; the sweep looks after the rest."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.send_commands.handler import handler
from plume.aws import wiring
from plume.errors import Unavailable
from plume.memory.commands import MemoryAudit, MemoryCommands
from plume.memory.world import MemoryDeviceCommands
from plume.model.command import Command, CommandState
from tests.given_commands import asked

NOW = datetime.now(tz=UTC)
EVENT = Path(__file__).parents[2] / "functions/send_commands/event.json"
CONTEXT = SimpleNamespace(
    function_name="send_commands",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:send_commands",
    aws_request_id="r",
)


class World:
    def __init__(self) -> None:
        self.commands, self.audit = MemoryCommands(), MemoryAudit()
        self.device_commands = MemoryDeviceCommands()

    def put(self, key: str, *, minutes: int = 0) -> None:
        """An approved command, asked so many minutes from now."""
        offset = (NOW - datetime(2026, 11, 24, 8, tzinfo=UTC)) // timedelta(minutes=1)
        record = asked(key, state=CommandState.APPROVED, minutes=offset + minutes)
        self.commands.put(record, expected=0)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    for name in ("commands", "audit", "device_commands"):
        monkeypatch.setattr(wiring, name, lambda name=name: getattr(made, name))
    return made


def message(key: str, number: int = 1) -> dict[str, Any]:
    (record,) = json.loads(EVENT.read_text("utf-8"))["Records"]
    return {**record, "messageId": f"m{number}", "body": key}


def states(world: World, *keys: str) -> list[str]:
    return [world.commands.get(key).state.value for key in keys]  # type: ignore[arg-type, union-attr]  # as put


def test_a_queued_command_is_sent_and_a_foreign_message_fails_alone(world: World) -> None:
    world.put("CM1")
    records = [message("CM1"), message("CM-none", 2), message("CM1", 3)]
    answer = handler({"Records": records}, CONTEXT)  # type: ignore[arg-type]  # Lambda's own
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m2"}]}
    assert {command.id for command in world.device_commands.sent} == {"CM1"}
    assert states(world, "CM1") == ["sent"]


def test_the_sweep_sends_again_and_ends_what_is_out_of_time(world: World) -> None:
    world.put("CM1")
    world.put("CM2", minutes=-60)
    assert handler({"sweep": True}, CONTEXT) == {"sent": 1, "ended": 1}  # type: ignore[arg-type]
    assert states(world, "CM1", "CM2") == ["sent", "expired"]


def test_a_deaf_line_returns_the_message_to_the_queue(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deaf:
        def send(self, command: Command) -> None:
            raise Unavailable("topic")

    world.put("CM1")
    monkeypatch.setattr(wiring, "device_commands", Deaf)
    records = {"Records": [message("CM1"), message("CM-none", 2)]}
    answer = handler(records, CONTEXT)  # type: ignore[arg-type]  # Lambda's own
    failed = [one["itemIdentifier"] for one in answer["batchItemFailures"]]  # type: ignore[index, typeddict-item]
    assert failed == ["m1", "m2"]
