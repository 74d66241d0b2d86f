"""Respond to an alarm (响应): someone has seen it and takes it on."""

from dataclasses import dataclass, replace
from datetime import datetime

from plume.errors import Conflict
from plume.flows.alarm import AlarmCommand, NoSuchMove, move
from plume.model.alarm import Alarm, Transition
from plume.model.identity import AlarmId
from plume.model.permission import Permission
from plume.model.person import Person
from plume.ports.alarms import Alarms
from plume.usecases.in_sight import alarm_in_sight, require

ATTEMPTS = 5
COMMAND = AlarmCommand.ACKNOWLEDGE.value


@dataclass(frozen=True, slots=True)
class Response:
    """What comes with the command; the same `key` again is the same command."""

    key: str
    reason: str = ""
    device: str = ""


def acknowledge_alarm(
    asker: Person, key: AlarmId, response: Response, *, alarms: Alarms, now: datetime
) -> Alarm:
    """Move the alarm on and give it as it stands then; a repeated command changes nothing.

    A finding may change the alarm between reading and writing; then it is tried again. A person
    who was faster is named.

    Raises:
        NotThere: no such alarm within the scope.
        Conflict: someone else responded before.
    """
    require(asker, Permission.ALARM_ACKNOWLEDGE)
    idempotent = _own(response.key, asker)
    for _ in range(ATTEMPTS):
        alarm = alarm_in_sight(asker, key, alarms)
        if any(one.key == idempotent for one in alarm.history):
            return alarm
        after = _moved(alarm, asker, response, now)
        try:
            alarms.put(after, expected=alarm.version)
        except Conflict:
            continue
        return after
    raise Conflict("the alarm keeps changing, try again", zh="报警正在更新, 请稍后再试")


def _own(key: str, asker: Person) -> str:
    """Keys of two people never meet."""
    return f"{asker.id}#{key}"


def _moved(alarm: Alarm, asker: Person, response: Response, now: datetime) -> Alarm:
    try:
        after = move(alarm.handling, COMMAND)
    except NoSuchMove as fault:
        raise _faster(alarm, fault) from fault
    step = Transition(
        at=now,
        actor=asker.name or asker.username,
        role=asker.role.value,
        command=COMMAND,
        before=alarm.handling,
        after=after,
        reason=response.reason,
        device=response.device,
        key=_own(response.key, asker),
    )
    return replace(
        alarm,
        handling=after,
        history=(*alarm.history, step),
        updated_at=now,
        version=alarm.version + 1,
    )


def _faster(alarm: Alarm, fault: NoSuchMove) -> Conflict:
    """Name who was faster, with when: the page shows it as it is."""
    if not alarm.history:
        return fault
    last = alarm.history[-1]
    return Conflict(f"already handled by {last.actor}", zh=f"已由 {last.actor} 处理")
