"""What people do with an alarm: respond to it (响应), or say that its cause is gone (人工消除)."""

from dataclasses import dataclass, replace
from datetime import datetime

from plume.errors import Conflict, Refused
from plume.flows.alarm import AlarmCommand, NoSuchMove, commands_of, move, settled
from plume.model.alarm import Alarm, Condition, Transition
from plume.model.audit import AuditEntry
from plume.model.identity import AlarmId
from plume.model.permission import PERMISSIONS, Permission
from plume.model.person import Person, Role
from plume.ports.alarms import Alarms
from plume.ports.audit import Audit
from plume.rules.clones import ACCUSATIONS
from plume.usecases.in_sight import alarm_in_sight, require

ATTEMPTS = 5
NEEDS = {
    AlarmCommand.ACKNOWLEDGE: Permission.ALARM_ACKNOWLEDGE,
    AlarmCommand.RESOLVE: Permission.ALARM_RESOLVE,
}


@dataclass(frozen=True, slots=True)
class Response:
    """What comes with the command; the same `key` again is the same command."""

    key: str
    reason: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class AlarmDesk:
    """What commanding alarms asks of the world."""

    alarms: Alarms
    audit: Audit


def command_alarm(
    asker: Person,
    key: AlarmId,
    command: AlarmCommand,
    response: Response,
    *,
    desk: AlarmDesk,
    now: datetime,
) -> Alarm:
    """Move the alarm on and give it as it stands then; a repeated command changes nothing.

    A finding may change the alarm between reading and writing; then it is tried again. A person
    who was faster is named. Every act is kept in the audit trail.

    Raises:
        Forbidden: the role may not.
        NotThere: no such alarm within the scope.
        Refused: an alarm is resolved without a reason.
        Conflict: someone else was faster, or data alone clear this alarm.
    """
    require(asker, NEEDS[command])
    idempotent = _own(response.key, asker)
    for _ in range(ATTEMPTS):
        alarm = alarm_in_sight(asker, key, desk.alarms)
        if all(one.key != idempotent for one in alarm.history):
            before, alarm = alarm, _moved(alarm, asker, command, response, now)
            try:
                desk.alarms.put(alarm, expected=before.version)
            except Conflict:
                continue
        desk.audit.add([_entry(alarm, place) for place in range(len(alarm.history))])
        return alarm
    raise Conflict("the alarm keeps changing, try again", zh="报警正在更新, 请稍后再试")


def offered(alarm: Alarm, role: Role) -> tuple[AlarmCommand, ...]:
    """Give what this role may do with the alarm as it stands."""
    return tuple(
        command
        for command in commands_of(alarm.handling)
        if NEEDS[command] in PERMISSIONS[role]
        and (command is not AlarmCommand.RESOLVE or _waits_for_people(alarm))
    )


def _waits_for_people(alarm: Alarm) -> bool:
    """No measurement ends an accusation: someone looks into it, and says that it is settled."""
    return alarm.rule.id in ACCUSATIONS and alarm.condition is Condition.ACTIVE


def _own(key: str, asker: Person) -> str:
    """Keys of two people never meet."""
    return f"{asker.id}#{key}"


def _moved(
    alarm: Alarm, asker: Person, command: AlarmCommand, response: Response, now: datetime
) -> Alarm:
    try:
        after = move(alarm.handling, command.value)
    except NoSuchMove as fault:
        raise _faster(alarm, fault) from fault
    step = Transition(
        at=now,
        actor=asker.name or asker.username,
        role=asker.role.value,
        command=command.value,
        before=alarm.handling,
        after=after,
        reason=response.reason,
        device=response.device,
        key=_own(response.key, asker),
    )
    moved = replace(
        alarm,
        handling=after,
        history=(*alarm.history, step),
        updated_at=now,
        version=alarm.version + 1,
    )
    return _settled(moved, now) if command is AlarmCommand.RESOLVE else moved


def _settled(alarm: Alarm, now: datetime) -> Alarm:
    """Clear the alarm from now on; the next evidence opens it again."""
    if not alarm.history[-1].reason.strip():
        raise Refused("say why it is settled", zh="请说明消除的理由", pointer="/reason")
    if alarm.rule.id not in ACCUSATIONS:
        raise Conflict("data alone clear this alarm", zh="该报警随数据自动消除，不能人工消除")
    if alarm.condition is Condition.CLEARED:
        raise _faster(replace(alarm, history=alarm.history[:-1]), Conflict("cleared already"))
    return settled(alarm, now)


def _faster(alarm: Alarm, fault: Conflict) -> Conflict:
    """Name who was faster, with when: the page shows it as it is."""
    if not alarm.history:
        return fault
    last = alarm.history[-1]
    return Conflict(f"already handled by {last.actor}", zh=f"已由 {last.actor} 处理")


def _entry(alarm: Alarm, place: int) -> AuditEntry:
    step = alarm.history[place]
    return AuditEntry(
        id=f"alarm#{alarm.id}#{place:04}",
        at=step.at,
        actor=step.key.partition("#")[0],
        name=step.actor,
        role=step.role,
        act=f"alarm:{step.command}",
        subject=f"alarm#{alarm.id}",
        detail=f"{alarm.rule.id} {alarm.outlet} {step.after.value}",
        reason=step.reason,
        device=step.device,
    )
