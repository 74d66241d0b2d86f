"""A command from the asking to the last word: two people, one device, a world that is deaf."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from plume.errors import Conflict, Forbidden, LoginTooOld, NotThere, Refused, Unavailable
from plume.flows.command import CommandMove
from plume.memory.commands import MemoryAudit, MemoryCommands
from plume.memory.world import MemoryDeviceCommands, MemoryRegistry
from plume.model.command import (
    DUAL_CONTROL,
    Command,
    CommandKind,
    CommandRecord,
    CommandState,
)
from plume.model.device import Device
from plume.model.event import Receipt, ReceiptStage
from plume.model.identity import EnterpriseId, OutletId, ThingName
from plume.model.person import Person, Role
from plume.usecases.command_alarm import Response
from plume.usecases.decide_command import decide_command
from plume.usecases.issue_command import CommandWorld, Wanted, issue_command
from plume.usecases.send_command import SendWorld, send_command
from plume.usecases.sweep_commands import Swept, sweep_commands
from plume.usecases.take_receipt import take_receipt
from tests.component.api_world import PEOPLE
from tests.given_commands import EIGHT, MINUTE, asked, sent
from tests.integration.given import KAILU, TONGLIAO, enterprise, outlet

CENTRE, COUNTY = PEOPLE[Role.CITY_CENTRE], PEOPLE[Role.COUNTY]
SET_TIME, READ_TIME = CommandKind.SET_TIME, CommandKind.READ_TIME


class Line(MemoryDeviceCommands):
    """The devices' topics; deaf while `deaf`."""

    deaf = False

    def send(self, command: Command) -> None:
        if self.deaf:
            raise Unavailable("topic")
        super().send(command)


@dataclass
class World:
    """What the API, the queue and the sender see of the same commands."""

    registry: MemoryRegistry
    commands: MemoryCommands = field(default_factory=MemoryCommands)
    audit: MemoryAudit = field(default_factory=MemoryAudit)
    queue: MemoryDeviceCommands = field(default_factory=MemoryDeviceCommands)
    line: Line = field(default_factory=Line)

    @property
    def asking(self) -> CommandWorld:
        return CommandWorld(self.registry, self.commands, self.audit, self.queue)

    @property
    def sending(self) -> SendWorld:
        return SendWorld(self.commands, self.audit, self.line)

    def deliver(self, minutes: int = 0) -> None:
        """Hand the queue to the sender; what it does not take stays queued."""
        while self.queue.sent:
            send_command(self.queue.sent[0], world=self.sending, now=EIGHT + minutes * MINUTE)
            self.queue.sent.pop(0)


@pytest.fixture
def world() -> World:
    registry = MemoryRegistry()
    for region in (TONGLIAO, KAILU):
        registry.put_region(region)
    registry.put_enterprise(enterprise("north"))
    registry.put_outlet(replace(outlet("stack"), thing=ThingName("edge-stack")))
    registry.put_device(Device(ThingName("edge-stack"), "1", EnterpriseId("north")))
    return World(registry)


def wanted(kind: CommandKind = READ_TIME, key: str = "k1", **said: object) -> Wanted:
    reason = str(said.pop("reason", "偏差过大"))
    fields: dict[str, object] = {"outlet": OutletId("stack"), "thing": None, "arguments": {}}
    return Wanted(kind=kind, said=Response(key, reason, "10.0.0.1"), **(fields | said))  # type: ignore[arg-type]  # builders are loose


def issued(world: World, who: Person = COUNTY, **said: object) -> CommandRecord:
    record = issue_command(who, wanted(**said), world=world.asking, now=EIGHT)  # type: ignore[arg-type]
    world.deliver()
    return world.commands.get(record.id) or record


def decided(
    world: World, who: Person, record: CommandRecord, move: CommandMove, **said: object
) -> CommandRecord:
    response = Response(str(said.get("key", "d1")), str(said.get("reason", "同意")))
    now = EIGHT + int(str(said.get("minutes", 5))) * MINUTE
    who = replace(who, logged_in_at=now - int(str(said.get("since", 1))) * MINUTE)
    after = decide_command(who, record.id, move, response, world=world.asking, now=now)
    world.deliver(minutes=5)
    return world.commands.get(after.id) or after


@pytest.mark.parametrize(("since", "may"), [(0, True), (5, True), (6, False), (600, False)])
def test_whoever_approves_has_proved_a_moment_ago_who_they_are(
    world: World,
    since: int,
    may: bool,  # noqa: FBT001, a column of the table
) -> None:
    record = issued(world, kind=CommandKind.SET_TIME)
    if may:
        assert decided(world, CENTRE, record, CommandMove.APPROVE, since=since).state == "sent"
        return
    with pytest.raises(LoginTooOld):
        decided(world, CENTRE, record, CommandMove.APPROVE, since=since)
    assert world.commands.get(record.id) == record
    assert decided(world, CENTRE, record, CommandMove.REJECT, since=since).state == "rejected"


def test_an_issuer_that_does_not_say_when_someone_logged_in_lets_nobody_approve(
    world: World,
) -> None:
    record, said = issued(world, kind=CommandKind.SET_TIME), Response("d1", "同意")
    nobody = replace(CENTRE, logged_in_at=None)
    with pytest.raises(LoginTooOld):
        decide_command(nobody, record.id, CommandMove.APPROVE, said, world=world.asking, now=EIGHT)


def test_an_approval_that_is_told_again_asks_for_nothing_anew(world: World) -> None:
    record = issued(world, kind=CommandKind.SET_TIME)
    done = decided(world, CENTRE, record, CommandMove.APPROVE)
    again = decided(world, CENTRE, record, CommandMove.APPROVE, since=60)
    assert again.history == done.history


def sends(world: World) -> list[str]:
    return [command.id for command in world.line.sent]


def test_what_only_reads_goes_down_at_once(world: World) -> None:
    record = issued(world)
    assert record.state is CommandState.SENT
    (command,) = world.line.sent
    assert (command.thing, command.outlet, command.kind) == ("edge-stack", "stack", READ_TIME)
    assert command.expires_at == EIGHT + 15 * MINUTE


@pytest.mark.parametrize("kind", sorted(DUAL_CONTROL))
def test_dual_control_sends_nothing_before_a_second_person_agrees(
    world: World, kind: CommandKind
) -> None:
    arguments: dict[str, dict[str, object]] = {
        "set_password": {"password": "abc123"},
        "calibrate": {"factor": "a21026"},
        "set_parameter": {"factor": "a21026", "info": "i13007", "value": "1.2"},
        "set_mn": {"serial": "A8900016F0"},
        "set_cipher_key": {"key": "00" * 16},
    }
    record = issued(world, CENTRE, kind=kind, arguments=arguments.get(kind.value, {}))
    assert record.state is CommandState.AWAITING_APPROVAL
    with pytest.raises(Forbidden):
        decided(world, CENTRE, record, CommandMove.APPROVE)
    assert sends(world) == []
    after = decided(world, COUNTY, record, CommandMove.APPROVE)
    assert after.state is CommandState.SENT
    assert after.command.expires_at == EIGHT + 20 * MINUTE  # 5 min later, valid for 15
    assert sends(world) == [record.id]


def test_the_domain_names_what_needs_dual_control() -> None:
    # domain.md 6: 1012, 1072, 3011, 3021
    named = {"set_time", "set_password", "calibrate", "set_parameter"}
    assert named <= {kind.value for kind in DUAL_CONTROL}
    assert CommandKind.FETCH_HISTORY not in DUAL_CONTROL


@pytest.mark.parametrize(
    ("role", "kind", "may"),
    [
        (Role.ENTERPRISE, READ_TIME, True),
        (Role.ENTERPRISE, SET_TIME, False),
        (Role.ENTERPRISE, CommandKind.SET_PARAMETER, False),
        (Role.OPERATOR, SET_TIME, True),
        (Role.OPERATOR, CommandKind.CALIBRATE, True),
        (Role.OPERATOR, CommandKind.SET_PASSWORD, False),
        (Role.COUNTY, CommandKind.SET_MN, False),
        (Role.LEADER, READ_TIME, False),
        (Role.SECURITY_ADMIN, READ_TIME, False),
        (Role.AUDIT_ADMIN, READ_TIME, False),
    ],
)
def test_a_role_asks_for_what_it_may(
    world: World, role: Role, kind: CommandKind, *, may: bool
) -> None:
    arguments = {"factor": "a21026"} if kind is CommandKind.CALIBRATE else {}
    if may:
        assert issued(world, PEOPLE[role], kind=kind, arguments=arguments)
        return
    with pytest.raises(Forbidden):
        issued(world, PEOPLE[role], kind=kind, arguments=arguments)
    assert world.commands.unended() == []


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"outlet": None}, "/outletId"),
        ({"thing": ThingName("edge-other")}, "/thing"),
        ({"arguments": {"colour": "red"}}, "/arguments/colour"),
        ({"valid_minutes": 0}, "/validMinutes"),
        ({"valid_minutes": 1_441}, "/validMinutes"),
        ({"kind": SET_TIME, "reason": " "}, "/reason"),
        ({"kind": CommandKind.RELOAD}, "/kind"),
    ],
)
def test_a_bad_asking_names_its_field_and_keeps_nothing(
    world: World, said: dict[str, object], pointer: str
) -> None:
    with pytest.raises(Refused) as refused:
        issued(world, **said)
    assert refused.value.pointer == pointer
    assert world.commands.unended() == []


def test_an_outlet_out_of_scope_is_not_there(world: World) -> None:
    far = replace(outlet("far", "west", "150602"), thing=ThingName("edge-far"))
    world.registry.put_outlet(far)
    with pytest.raises(NotThere):
        issued(world, outlet=OutletId("far"))


def test_the_device_itself_is_asked_by_its_name(world: World) -> None:
    thing = ThingName("edge-stack")
    record = issued(world, CENTRE, kind=CommandKind.RELOAD, outlet=None, thing=thing)
    assert (record.command.outlet, record.enterprise) == (None, "north")


def test_the_same_key_is_the_same_command_and_another_command_is_refused(
    world: World,
) -> None:
    first = issued(world)
    assert issued(world).id == first.id
    assert len(world.commands.unended()) == 1
    with pytest.raises(Conflict):
        issued(world, kind=CommandKind.READ_INTERVAL, arguments={"which": "minute"})
    assert issued(world, CENTRE).id != first.id  # keys of two people never meet


def test_a_deaf_line_loses_nothing_the_sweep_sends_again(world: World) -> None:
    world.line.deaf = True
    with pytest.raises(Unavailable):
        issued(world)
    assert sends(world) == []
    world.line.deaf = False
    assert sweep_commands(world=world.sending, now=EIGHT + MINUTE) == Swept(1, 0)
    (record,) = world.commands.unended()
    assert sends(world) == [record.id]


def test_what_the_device_answered_is_not_sent_again(world: World) -> None:
    record = issued(world)
    receipt = Receipt(EIGHT, record.id, ReceiptStage.ACCEPTED)
    take(world, receipt)
    assert sweep_commands(world=world.sending, now=EIGHT + MINUTE) == Swept(0, 0)
    assert len(sends(world)) == 1


def take(world: World, receipt: Receipt) -> CommandRecord:
    return take_receipt(
        ThingName("edge-stack"), receipt, commands=world.commands, audit=world.audit, now=EIGHT
    )


@pytest.mark.parametrize(
    ("record", "minutes", "state"),
    [
        (asked(), 14, CommandState.AWAITING_APPROVAL),
        (asked(), 15, CommandState.EXPIRED),
        (asked(state=CommandState.APPROVED), 15, CommandState.EXPIRED),
        (sent(), 15, CommandState.SENT),
        (sent(), 74, CommandState.SENT),
        (sent(), 75, CommandState.TIMED_OUT),
        (replace(sent(), state=CommandState.EXECUTING), 75, CommandState.TIMED_OUT),
    ],
)
def test_what_is_out_of_time_is_ended(
    world: World, record: CommandRecord, minutes: int, state: CommandState
) -> None:
    world.commands.put(record, expected=0)
    for _ in range(2):
        sweep_commands(world=world.sending, now=EIGHT + minutes * MINUTE)
    found = world.commands.get(record.id)
    assert found is not None
    assert found.state is state
    assert (sends(world) == []) is (minutes >= 15 or state is CommandState.AWAITING_APPROVAL)


def test_rejection_and_withdrawal_send_nothing(world: World) -> None:
    record = issued(world, kind=SET_TIME)
    with pytest.raises(Forbidden):
        decided(world, CENTRE, record, CommandMove.WITHDRAW)
    with pytest.raises(Refused, match="reason"):
        decided(world, CENTRE, record, CommandMove.REJECT, reason="")
    rejected = decided(world, CENTRE, record, CommandMove.REJECT, reason="先核实")
    assert rejected.state is CommandState.REJECTED
    with pytest.raises(Conflict) as late:
        decided(world, PEOPLE[Role.CITY_ENFORCEMENT], record, CommandMove.APPROVE)
    assert "名 city_centre" in late.value.zh
    other = issued(world, kind=SET_TIME, key="k2")
    withdrawn = decided(world, COUNTY, other, CommandMove.WITHDRAW)
    assert withdrawn.state is CommandState.WITHDRAWN
    sweep_commands(world=world.sending, now=EIGHT + MINUTE)
    assert sends(world) == []


def test_approval_comes_too_late_after_a_day(world: World) -> None:
    record = issued(world, kind=SET_TIME)
    with pytest.raises(Conflict):
        decided(world, CENTRE, record, CommandMove.APPROVE, minutes=24 * 60)


def test_a_repeated_decision_changes_nothing_and_sends_what_was_not_sent(
    world: World,
) -> None:
    record = issued(world, kind=SET_TIME)
    world.line.deaf = True
    with pytest.raises(Unavailable):
        decided(world, CENTRE, record, CommandMove.APPROVE)
    world.line.deaf = False
    again = decided(world, CENTRE, record, CommandMove.APPROVE)
    assert set(sends(world)) == {record.id}  # a device obeys an id once
    assert [step.move for step in again.history] == ["ask", "approve", "send"]


def test_every_act_is_in_the_audit_trail_once(world: World) -> None:
    record = issued(world, kind=SET_TIME)
    decided(world, CENTRE, record, CommandMove.APPROVE)
    for _ in range(2):
        take(world, Receipt(EIGHT, record.id, ReceiptStage.DONE))
    told = world.audit.about(f"command#{record.id}")
    assert sorted((entry.act, entry.actor) for entry in told) == [
        ("command:approve", CENTRE.id),
        ("command:ask", COUNTY.id),
        ("command:done", "edge-stack"),
        ("command:send", "plume"),
    ]
    ask = next(entry for entry in told if entry.act == "command:ask")
    assert (ask.reason, ask.device, ask.role) == ("偏差过大", "10.0.0.1", "county")


@pytest.mark.parametrize("result", [{"raw": b"\x00"}, {"x": float("nan")}, {"t": "字" * 20_000}])
def test_a_result_that_cannot_be_kept_is_replaced_by_a_note(
    world: World, result: dict[str, object]
) -> None:
    record = issued(world)
    after = take(world, Receipt(EIGHT, record.id, ReceiptStage.DONE, "", result))
    assert after.state is CommandState.DONE
    assert list(after.receipts[0].result or {}) == ["omitted"]


def test_a_receipt_of_an_unknown_command_is_refused(world: World) -> None:
    with pytest.raises(Refused):
        take(world, Receipt(EIGHT, "CM-none", ReceiptStage.DONE))


def test_two_writers_at_once_lose_no_word(world: World) -> None:
    """A receipt that meets another writer is folded into what that one wrote."""
    record = issued(world)

    class Raced(MemoryCommands):
        def put(self, changed: CommandRecord, *, expected: int) -> None:
            if not self.raced:
                self.raced = True
                super().put(replace(record, version=expected + 1), expected=expected)
            super().put(changed, expected=expected)

        raced = False

    commands = Raced()
    commands._records = {record.id: record}
    done = take_receipt(
        ThingName("edge-stack"), Receipt(EIGHT, record.id, ReceiptStage.DONE),
        commands=commands, audit=world.audit, now=EIGHT + timedelta(seconds=1),
    )  # fmt: skip
    assert done.version == record.version + 2


def test_what_was_withdrawn_while_it_was_queued_is_not_sent(world: World) -> None:
    record = issue_command(COUNTY, wanted(), world=world.asking, now=EIGHT)
    assert record.state is CommandState.APPROVED
    said = Response("w1", "误操作")
    decide_command(COUNTY, record.id, CommandMove.WITHDRAW, said, world=world.asking, now=EIGHT)
    world.deliver()
    assert sends(world) == []


def test_what_is_on_no_record_is_published_while_there_is_time(world: World) -> None:
    passing = sent("CM-live").command
    assert send_command(passing, world=world.sending, now=EIGHT)
    assert not send_command(passing, world=world.sending, now=passing.expires_at)
    assert sends(world) == ["CM-live"]
