"""The function that sends commands down: what is in time goes, what is late does not."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.send_commands import handler as sender
from plume.errors import Unavailable
from plume.memory.commands import MemoryAudit, MemoryCommands
from plume.memory.world import MemoryDeviceCommands
from plume.model.command import Command, CommandKind, CommandState
from plume.model.identity import OutletId, ThingName
from plume.wire.commands import command_message, command_of
from tests.given_commands import asked

CONTEXT = SimpleNamespace(
    function_name="send_commands",
    memory_limit_in_mb=256,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:send_commands",
    aws_request_id="r",
)
NOW = datetime.now(tz=UTC)


class DeafTo(MemoryDeviceCommands):
    """A broker that does not hear one command."""

    unheard = ""
    records: MemoryCommands

    def send(self, command: Command) -> None:
        if command.id == self.unheard:
            raise Unavailable("no answer")
        super().send(command)


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> DeafTo:
    made = DeafTo()
    commands, audit = MemoryCommands(), MemoryAudit()
    made.records = commands
    ports = {"device_topics": made, "commands": commands, "audit": audit}
    joined = {name: lambda port=port: port for name, port in ports.items()}
    monkeypatch.setattr(sender, "wiring", SimpleNamespace(**joined))
    return made


def command(key: str, seconds: int = 3_600) -> Command:
    return Command(
        id=key,
        thing=ThingName("edge-1"),
        kind=CommandKind.LIVE,
        issued_at=NOW,
        expires_at=NOW + timedelta(seconds=seconds),
        outlet=OutletId("stack"),
        arguments={"camera": "stack-cam1", "on": True},
    )


def failed(*bodies: str) -> list[str]:
    event = json.loads(Path("functions/send_commands/event.json").read_text(encoding="utf-8"))
    (record,) = event["Records"]
    records = [record | {"messageId": str(n), "body": body} for n, body in enumerate(bodies)]
    answer: Any = sender.handler({"Records": records}, CONTEXT)  # type: ignore[arg-type]  # enough
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def text(key: str, seconds: int = 3_600) -> str:
    return command_message(command(key, seconds)).decode()


def test_a_command_goes_down_whole(topics: DeafTo) -> None:
    assert failed(text("a"), text("b")) == []
    assert topics.sent == [command("a"), command("b")]


def test_a_command_whose_time_is_over_is_not_sent(topics: DeafTo) -> None:
    assert failed(text("late", -1), text("in-time")) == []
    assert [one.id for one in topics.sent] == ["in-time"]


def test_what_fails_comes_back_alone(topics: DeafTo) -> None:
    topics.unheard = "b"
    assert failed(text("a"), text("b"), "no command", text("c")) == ["1", "2"]
    assert [one.id for one in topics.sent] == ["a", "c"]


def test_the_example_event_is_a_command() -> None:
    event = json.loads(Path("functions/send_commands/event.json").read_text(encoding="utf-8"))
    found = command_of(event["Records"][0]["body"].encode())
    assert found.kind is CommandKind.LIVE


def recorded(topics: DeafTo, key: str, state: CommandState, *, minutes: int = 0) -> str:
    """Put a command on record, asked so many minutes from now; give its message."""
    offset = (NOW - datetime(2026, 11, 24, 8, tzinfo=UTC)) // timedelta(minutes=1)
    record = asked(key, state=state, minutes=offset + minutes)
    topics.records.put(record, expected=0)
    return command_message(record.command).decode()


def test_what_is_on_record_goes_only_when_it_may(topics: DeafTo) -> None:
    bodies = [recorded(topics, f"CM-{state.value}", state) for state in CommandState]
    assert failed(*bodies, *bodies) == []
    assert {one.id for one in topics.sent} == {"CM-approved", "CM-sent"}
    after = topics.records.get("CM-approved")  # type: ignore[arg-type]  # as put
    assert after is not None
    assert after.state is CommandState.SENT


def test_the_sweep_sends_again_and_ends_what_is_out_of_time(topics: DeafTo) -> None:
    recorded(topics, "CM-new", CommandState.APPROVED)
    recorded(topics, "CM-old", CommandState.APPROVED, minutes=-60)
    swept: Any = sender.handler({"sweep": True}, CONTEXT)  # type: ignore[arg-type]  # enough
    assert swept == {"sent": 1, "ended": 1}
    assert [one.id for one in topics.sent] == ["CM-new"]
