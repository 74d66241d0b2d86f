"""A data logger under a new PW or key is believed by the cloud as soon as by the edge."""

from dataclasses import replace

import pytest

from plume.hj212 import encode
from plume.memory.commands import MemoryCommands
from plume.memory.world import MemoryRegistry
from plume.model.command import CommandKind
from plume.model.event import Receipt, ReceiptStage
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import OutletId, ThingName
from plume.model.segment import CHAIN_START, Arrival, Payload, Segment, SegmentHeader
from plume.usecases.believe_secrets import MOST_BELIEVED, believe_secrets
from plume.usecases.judge_frames import judge_frames, outlets_behind
from plume.wire.events import event_fields
from tests import given_commands
from tests.given import EIGHT, STACK, registry

KEY = bytes(range(16))
PASSWORD = "newpw1"  # noqa: S105, of a test
BEFORE, DURING, AFTER = (), (ReceiptStage.EXECUTING,), (ReceiptStage.EXECUTING, ReceiptStage.DONE)


class World:
    def __init__(self, kind: CommandKind, **arguments: object) -> None:
        self.registry: MemoryRegistry = registry()
        self.commands = MemoryCommands()
        asked = given_commands.sent()
        command = replace(
            asked.command, kind=kind, arguments=arguments, outlet=STACK.id, thing=STACK.thing
        )
        self.commands.put(replace(asked, command=command), expected=0)

    def hear(self, *stages: ReceiptStage, thing: ThingName = STACK.thing) -> None:
        for stage in stages:
            event = event_fields(Receipt(EIGHT, given_commands.ID, stage))
            believe_secrets([segment(thing, Payload(events=(event,)))], self)

    def verdict(self, password: str = STACK.password, key: bytes | None = None) -> Verdict:
        raw = encode.frame(
            qn="20260801080000001",
            st="31",
            cn="2011",
            mn=STACK.mn,
            flag=9,
            password=password,
            cp="DataTime=20260801080000;a21026-Rtd=25.0,a21026-Flag=N",
            key=key,
        )
        heard = segment(STACK.thing, Payload(frames=(FrameRecord(EIGHT, raw, Verdict.OK),)))
        arrival = Arrival(STACK.thing, b"", EIGHT)
        (judged,) = judge_frames(heard, arrival, outlets_behind(STACK.thing, self.registry))
        return judged.verdict


def segment(thing: ThingName, payload: Payload) -> Segment:
    return Segment(SegmentHeader(thing, "b", 7, CHAIN_START, EIGHT, EIGHT), payload, b"", b"")


@pytest.mark.parametrize(
    ("stages", "verdict"),
    [(BEFORE, Verdict.BAD_PW), (DURING, Verdict.OK), (AFTER, Verdict.OK)],
)
def test_a_new_password_is_believed_once_it_is_under_way_and_the_former_one_still(
    stages: tuple[ReceiptStage, ...], verdict: Verdict
) -> None:
    world = World(CommandKind.SET_PASSWORD, password=PASSWORD)
    world.hear(*stages, *stages)
    assert world.verdict(PASSWORD) is verdict
    assert world.verdict() is Verdict.OK


@pytest.mark.parametrize(
    ("stages", "verdict"),
    [(BEFORE, Verdict.REJECT_SYNTAX), (DURING, Verdict.OK), (AFTER, Verdict.OK)],
)
def test_frames_under_a_new_key_are_read_once_it_is_under_way(
    stages: tuple[ReceiptStage, ...], verdict: Verdict
) -> None:
    world = World(CommandKind.SET_CIPHER_KEY, key=KEY.hex().upper())
    world.hear(*stages)
    assert world.verdict(key=KEY) is verdict


def test_done_makes_it_the_current_one_however_often_and_in_whatever_order() -> None:
    world = World(CommandKind.SET_PASSWORD, password=PASSWORD)
    world.hear(ReceiptStage.DONE, ReceiptStage.EXECUTING, ReceiptStage.DONE)
    outlet = world.registry.outlet(STACK.id)
    assert outlet is not None
    assert (outlet.password, outlet.other_passwords) == (PASSWORD, (STACK.password,))


def test_another_device_changes_nothing() -> None:
    world = World(CommandKind.SET_PASSWORD, password=PASSWORD)
    world.hear(*AFTER, thing=ThingName("edge-other"))
    assert world.registry.outlet(OutletId(STACK.id)) == STACK


def test_only_so_many_are_believed_at_once() -> None:
    world = World(CommandKind.SET_PASSWORD, password=PASSWORD)
    others = tuple(f"older{n}" for n in range(MOST_BELIEVED))
    world.registry.put_outlet(replace(STACK, other_passwords=others))
    world.hear(*AFTER)
    outlet = world.registry.outlet(STACK.id)
    assert outlet is not None
    assert (outlet.password, outlet.other_passwords) == (
        PASSWORD,
        (STACK.password, "older0", "older1"),
    )
