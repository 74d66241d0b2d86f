"""A law stands in one place: from the registry to the device, and back as its word on it."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.site_laws import site_laws
from edge_greengrass.uplink.lawbook import Lawbook
from edge_greengrass.uplink.notes import Notes
from edge_greengrass.uplink.obeyed import Obeyed
from edge_greengrass.uplink.orders import Orders
from functions.send_commands import handler as sender
from plume.errors import Refused, Unavailable
from plume.memory.device_standings import MemoryDeviceStandings
from plume.memory.world import MemoryDeviceCommands
from plume.model.command import Command, CommandKind
from plume.model.device_standing import LawDrawn
from plume.model.event import LawInForce
from plume.model.identity import OutletId, ThingName
from plume.rules.treatment import RULES
from plume.usecases.tell_law import LawWorld, law_due, note_law, tell_law
from plume.wire.commands import command_message, command_of
from plume.wire.site_law import law_of
from tests.component.api_world import facility
from tests.given import DRAIN, NOW, SO2_LIMIT, STACK, registry

MINUTE = timedelta(minutes=1)


@pytest.fixture
def world() -> LawWorld:
    return LawWorld(registry(), MemoryDeviceStandings(), MemoryDeviceCommands())


class Device:
    """The uplink and the sentinel of one device, as far as laws go."""

    def __init__(self, home: Path) -> None:
        self.home = home
        notes = AppendLog(home / "uplink", key=bytes(32), quota_bytes=1 << 20)
        self.orders = Orders(
            STACK.thing, Obeyed(home / "o.json", {}), Lawbook(home), Notes(notes), lambda: NOW
        )

    def takes(self, *commands: Command) -> list[str]:
        return [self.orders.take(command_message(one))["event"] for one in commands]

    @property
    def version(self) -> int:
        law = site_laws(self.home).get(STACK.id)
        return law.version if law else 0


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


def sent(world: LawWorld) -> list[Command]:
    told = world.device_commands.sent
    world.device_commands.sent = []
    return told


def tell(world: LawWorld) -> int | None:
    law = tell_law(STACK.id, world=world, now=NOW)
    return law.version if law else None


def change(world: LawWorld, ceiling: str) -> None:
    world.registry.put_limit(replace(SO2_LIMIT, ceiling=Decimal(ceiling)))


def test_what_is_registered_reaches_the_site_word_for_word(
    world: LawWorld, device: Device
) -> None:
    world.registry.put_facility(facility(STACK.id))
    assert tell(world) == 1
    (command,) = sent(world)
    assert (command.thing, command.kind) == (STACK.thing, CommandKind.LAW)
    assert device.takes(command) == ["law_kept"]
    law = site_laws(device.home)[STACK.id]
    assert law.limits == (SO2_LIMIT,)
    assert law.facilities == (facility(STACK.id),)
    assert law.reference_oxygen == STACK.reference_oxygen == Decimal(6)


def test_a_law_that_came_before_is_kept_no_second_time(world: LawWorld, device: Device) -> None:
    tell(world)
    (command,) = sent(world)
    assert device.takes(command, command) == ["law_kept", "law_again"]


def test_of_two_laws_the_later_counts_in_whatever_order_they_come(
    world: LawWorld, device: Device
) -> None:
    tell(world)
    change(world, "30")
    tell(world)
    first, second = sent(world)
    assert device.takes(second, first) == ["law_kept", "law_again"]
    assert device.version == 2
    assert site_laws(device.home)[STACK.id].limits[0].ceiling == Decimal(30)


def test_a_law_comes_late_without_harm(world: LawWorld, device: Device) -> None:
    tell(world)
    (command,) = sent(world)
    late = replace(command, issued_at=NOW - timedelta(days=9), expires_at=NOW - timedelta(days=8))
    assert device.takes(late) == ["law_kept"]


def test_what_did_not_change_gets_no_new_version_and_is_sent_until_the_device_has_it(
    world: LawWorld,
) -> None:
    assert [tell(world), tell(world)] == [1, 1]
    note_law(STACK.thing, LawInForce(NOW, STACK.id, 1), world, now=NOW)
    assert tell(world) is None


def test_a_device_that_lost_its_law_or_says_another_is_told_it(world: LawWorld) -> None:
    tell(world)
    sent(world)
    for version in (1, 0):
        world.standings.note(STACK.thing, LawInForce(NOW, STACK.id, version))
    assert tell(world) == 1


def test_a_device_beyond_all_versions_is_overruled(world: LawWorld) -> None:
    """As after the table of devices was restored from an old copy."""
    tell(world)
    world.standings.note(STACK.thing, LawInForce(NOW, STACK.id, 41))
    assert tell(world) == 42
    change(world, "30")
    assert tell(world) == 43


def test_an_older_word_of_the_device_does_not_undo_a_newer(world: LawWorld) -> None:
    tell(world)
    world.standings.note(STACK.thing, LawInForce(NOW, STACK.id, 1))
    world.standings.note(STACK.thing, LawInForce(NOW - MINUTE, STACK.id, 0))
    assert tell(world) is None


def test_of_the_words_of_a_long_silence_only_the_newest_has_anything_told(world: LawWorld) -> None:
    newest = LawInForce(NOW, STACK.id, 0)
    note_law(STACK.thing, newest, world, now=NOW)
    for hours in (2, 1):
        older = LawInForce(NOW - hours * 60 * MINUTE, STACK.id, 0)
        note_law(STACK.thing, older, world, now=NOW)
    assert [one.kind for one in sent(world)] == [CommandKind.LAW]
    note_law(STACK.thing, newest, world, now=NOW + MINUTE)
    assert [one.kind for one in sent(world)] == [CommandKind.LAW]  # It came twice.


def test_a_device_whose_clock_ran_a_year_ahead_is_heard_when_it_is_right_again(
    world: LawWorld,
) -> None:
    tell(world)
    note_law(STACK.thing, LawInForce(NOW + 365 * 24 * 60 * MINUTE, STACK.id, 0), world, now=NOW)
    sent(world)
    right = NOW + MINUTE
    note_law(STACK.thing, LawInForce(right, STACK.id, 1), world, now=right)
    assert len(sent(world)) == 1
    assert tell(world) is None


def test_who_read_an_older_registry_does_not_have_the_last_word(
    world: LawWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(world)
    sent(world)
    change(world, "30")
    limits, old = world.registry.limits, world.registry.limits(STACK.id)
    asked: list[int] = []

    def slow(key: OutletId) -> object:
        """The first to ask sees what was before someone else changed and told the law."""
        asked.append(1)
        if len(asked) == 2:
            change(world, "20")
            assert tell(world) == 2
            return old
        return limits(key)

    monkeypatch.setattr(world.registry, "limits", slow)
    assert tell(world) == 2
    assert [one.arguments["limits"][0]["ceiling"] for one in sent(world)] == ["20", "20"]


def test_a_law_that_keeps_changing_is_told_later(
    world: LawWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = world.registry.limits
    count = iter(range(100))

    def changing(key: OutletId) -> object:
        version = next(count)
        world.standings.note(STACK.thing, LawDrawn(STACK.id, f"digest {version}", version))
        return limits(key)

    monkeypatch.setattr(world.registry, "limits", changing)
    with pytest.raises(Unavailable):
        tell(world)


def test_limits_that_are_over_are_not_brought(world: LawWorld) -> None:
    world.registry.put_limit(replace(SO2_LIMIT, id="old", valid_to=NOW))
    tell(world)
    (command,) = sent(world)
    assert [one["limitId"] for one in command.arguments["limits"]] == [SO2_LIMIT.id]


def test_a_law_longer_than_a_message_is_refused(world: LawWorld) -> None:
    for number in range(700):
        world.registry.put_limit(replace(SO2_LIMIT, id=f"limit-{number}"))
    with pytest.raises(Refused, match="longer"):
        tell(world)


def test_an_outlet_without_a_device_or_unknown_has_nobody_to_tell(world: LawWorld) -> None:
    world.registry.put_outlet(replace(DRAIN, thing=ThingName("")))
    for key in (DRAIN.id, OutletId("nowhere")):
        assert tell_law(key, world=world, now=NOW) is None
    law_due(replace(DRAIN, thing=ThingName("")), device_commands=world.device_commands, now=NOW)
    assert sent(world) == []


def test_the_word_of_a_device_on_a_foreign_outlet_is_refused(world: LawWorld) -> None:
    with pytest.raises(Refused):
        note_law(ThingName("edge-other"), LawInForce(NOW, STACK.id, 1), world, now=NOW)
    assert sent(world) == []


def test_a_law_for_another_device_or_none_at_all_changes_nothing(
    world: LawWorld, device: Device
) -> None:
    tell(world)
    (command,) = sent(world)
    foreign = replace(command, thing=ThingName("edge-other"))
    unreadable = replace(command, arguments={"outletId": STACK.id, "version": 9})
    empty = replace(command, arguments=None)
    assert device.takes(foreign, unreadable, empty) == ["law_refused"] * 3
    assert device.version == 0


def test_a_law_that_finds_no_room_leaves_the_former_one(
    world: LawWorld, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(world)
    change(world, "30")
    tell(world)
    first, second = sent(world)
    device.takes(first)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("edge_greengrass.uplink.lawbook.write_private", full)
        with pytest.raises(OSError, match="No space"):
            device.takes(second)
    assert device.version == 1
    assert device.takes(second) == ["law_kept"]


def never(_: object, __: object) -> bool:
    return False


def anything(self: Lawbook, law: object) -> bool:
    """An uplink that keeps whatever comes last."""
    (self._home / "laws.json").unlink(missing_ok=True)
    return Lawbook.kept(self, law)  # type: ignore[attr-defined]  # set below


@pytest.mark.parametrize("broken", [never, anything])
def test_a_broken_lawbook_is_caught(
    broken: Callable[..., bool],
    world: LawWorld,
    device: Device,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control of what stands above on order."""
    monkeypatch.setattr(Lawbook, "kept", Lawbook.keep, raising=False)
    monkeypatch.setattr(Lawbook, "keep", broken)
    with pytest.raises(AssertionError):
        test_of_two_laws_the_later_counts_in_whatever_order_they_come(world, device)


CONTEXT = SimpleNamespace(
    function_name="send_commands",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:send_commands",
    aws_request_id="r",
)


def test_the_function_that_speaks_to_devices_brings_the_law_that_is_due(
    world: LawWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = due_in(world, monkeypatch)
    answer = sender.handler(sqs(due, replace(due, outlet=None)), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    (told,) = sent(world)
    read = command_of(command_message(told))
    assert law_of(read.arguments or {}, rules=RULES).limits == (SO2_LIMIT,)
    json.dumps(told.arguments)


@pytest.mark.parametrize("limits", [20, 40])
def test_it_warns_of_a_law_that_nucleus_lite_does_not_carry(
    limits: int,
    world: LawWorld,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A frame of 10,000 bytes with base64 in it; a limit takes 219 bytes here."""
    for at in range(limits):
        world.registry.put_limit(replace(SO2_LIMIT, id=f"L{at:02d}"))
    sender.handler(sqs(due_in(world, monkeypatch)), CONTEXT)
    (told,) = sent(world)
    is_too_long = len(b64encode(command_message(told))) > 10_000
    assert is_too_long is (limits == 40)
    assert ("LawTooLongForLite" in capsys.readouterr().out) is is_too_long


def due_in(world: LawWorld, monkeypatch: pytest.MonkeyPatch) -> Command:
    """What makes the law due, with the function joined to this world."""
    queue = MemoryDeviceCommands()
    law_due(STACK, device_commands=queue, now=NOW)
    ports = {
        "registry": world.registry, "standings": world.standings,
        "device_topics": world.device_commands,
    }  # fmt: skip
    joined = {name: lambda port=port: port for name, port in ports.items()}
    monkeypatch.setattr(sender, "wiring", SimpleNamespace(**joined))
    (due,) = queue.sent
    return due


def sqs(*commands: Command) -> dict[str, object]:
    bodies = [command_message(one).decode() for one in commands]
    return {
        "Records": [
            {"messageId": f"m{at}", "eventSource": "aws:sqs", "body": body}
            for at, body in enumerate(bodies)
        ]
    }
