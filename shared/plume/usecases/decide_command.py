"""Approve, reject or withdraw a command: the second pair of eyes (双人复核)."""

from dataclasses import replace
from datetime import datetime, timedelta

from plume.errors import Conflict, Forbidden, Refused
from plume.flows.command import CommandMove, NoSuchStep, by_person, moved
from plume.model.command import CommandId, CommandRecord, CommandStep
from plume.model.permission import Permission
from plume.model.person import Person
from plume.usecases.command_alarm import Response
from plume.usecases.in_sight import command_in_sight, require, require_recent_login
from plume.usecases.issue_command import CommandWorld, tell_command

ATTEMPTS = 5


def decide_command(
    asker: Person,
    key: CommandId,
    move: CommandMove,
    said: Response,
    *,
    world: CommandWorld,
    now: datetime,
) -> CommandRecord:
    """Approve, reject or withdraw, and give the command as it stands then.

    An approved command is told to be sent. The same `said.key` of the same person again changes
    nothing, and tells again what may not have been told.

    Raises:
        Forbidden: the role may not; or whoever asked wants to approve, or another to withdraw.
        LoginTooOld: whoever approves has not proved lately who they are.
        NotThere: no such command within the scope.
        Conflict: it has moved on, or its time to be approved is over.
        Unavailable: try again with the same key.
    """
    _require(asker, move)
    for _ in range(ATTEMPTS):
        record = command_in_sight(asker, key, world.commands)
        if not _is_repeated(record, asker, move, said):
            _check_who(asker, record, move)
            if move is CommandMove.APPROVE:
                require_recent_login(asker, now)
            before, record = record.version, _moved(record, asker, move, said, now=now)
            try:
                world.commands.put(record, expected=before)
            except Conflict:
                continue
        tell_command(record, world)
        return record
    raise Conflict("the command keeps changing, try again", zh="命令正在更新, 请稍后再试")


def _require(asker: Person, move: CommandMove) -> None:
    withdraws = move is CommandMove.WITHDRAW
    require(asker, Permission.COMMAND_ASK if withdraws else Permission.COMMAND_APPROVE)


def _is_repeated(record: CommandRecord, asker: Person, move: CommandMove, said: Response) -> bool:
    done = (asker.id, move.value, said.key)
    return any((step.actor, step.move, step.key) == done for step in record.history)


def _check_who(asker: Person, record: CommandRecord, move: CommandMove) -> None:
    """Two people, never one in two roles: whoever asked only withdraws, and nobody else does."""
    is_own = record.history[0].actor == asker.id
    if move is CommandMove.WITHDRAW and not is_own:
        raise Forbidden("only whoever asked may withdraw it", zh="只有申请人可以撤回")
    if move is CommandMove.APPROVE and is_own:
        raise Forbidden("a second person must approve it", zh="须由另一人复核")


def _moved(
    record: CommandRecord, asker: Person, move: CommandMove, said: Response, *, now: datetime
) -> CommandRecord:
    if move is CommandMove.REJECT and not said.reason.strip():
        raise Refused("reason is missing", zh="驳回须填写理由", pointer="/reason")
    if move is CommandMove.APPROVE and now >= record.command.expires_at:
        raise Conflict("its time to be approved is over", zh="复核已超时, 请重新申请")
    step = replace(
        by_person(asker, move, now), reason=said.reason, device=said.device, key=said.key
    )
    after = _move(record, move, step)
    if move is not CommandMove.APPROVE:
        return after
    expires_at = now + timedelta(minutes=record.valid_minutes)
    issued = replace(after.command, issued_at=now, expires_at=expires_at)
    return replace(after, command=issued)


def _move(record: CommandRecord, move: CommandMove, step: CommandStep) -> CommandRecord:
    try:
        return moved(record, move, step)
    except NoSuchStep as fault:
        last = record.history[-1]
        raise Conflict(
            f"it is {record.state.value} already, by {last.name}",
            zh=f"命令已由 {last.name} 变更为 {record.state.value}",
        ) from fault
