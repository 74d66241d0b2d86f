"""How a command lives: asked, approved by a second person, sent, and answered by receipts."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from plume.errors import Conflict
from plume.model.command import CommandRecord, CommandState, CommandStep
from plume.model.event import Receipt, ReceiptStage
from plume.model.person import Person


class CommandMove(StrEnum):
    """What people, the platform and the device do to a command."""

    ASK = "ask"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    SEND = "send"
    EXPIRE = "expire"
    ACCEPTED = "accepted"
    EXECUTING = "executing"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"


_S, _M = CommandState, CommandMove
_LAST_WORDS = {
    _M.DONE: _S.DONE,
    _M.FAILED: _S.FAILED,
    _M.REFUSED: _S.REFUSED,
    _M.TIMED_OUT: _S.TIMED_OUT,
}

MOVES: dict[tuple[CommandState, CommandMove], CommandState] = {
    (_S.AWAITING_APPROVAL, _M.APPROVE): _S.APPROVED,
    (_S.AWAITING_APPROVAL, _M.REJECT): _S.REJECTED,
    (_S.AWAITING_APPROVAL, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.AWAITING_APPROVAL, _M.EXPIRE): _S.EXPIRED,
    (_S.APPROVED, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, _M.EXPIRE): _S.EXPIRED,
    (_S.APPROVED, _M.SEND): _S.SENT,
    (_S.SENT, _M.ACCEPTED): _S.ACCEPTED,
    (_S.SENT, _M.EXECUTING): _S.EXECUTING,
    (_S.ACCEPTED, _M.EXECUTING): _S.EXECUTING,
    (_S.SENT, _M.EXPIRE): _S.TIMED_OUT,
    (_S.ACCEPTED, _M.EXPIRE): _S.TIMED_OUT,
    (_S.EXECUTING, _M.EXPIRE): _S.TIMED_OUT,
    **{(_S.SENT, word): after for word, after in _LAST_WORDS.items()},
    **{(_S.ACCEPTED, word): after for word, after in _LAST_WORDS.items()},
    **{(_S.EXECUTING, word): after for word, after in _LAST_WORDS.items()},
    # The device's word, however late, is worth more than our guess that it stays silent.
    (_S.TIMED_OUT, _M.DONE): _S.DONE,
    (_S.TIMED_OUT, _M.FAILED): _S.FAILED,
    (_S.TIMED_OUT, _M.REFUSED): _S.REFUSED,
}
"""A move that is not here is refused to a person, and only noted of a device: a receipt that
comes late or out of order never moves a command back."""

ENDED = frozenset(
    {
        CommandState.DONE,
        CommandState.FAILED,
        CommandState.REFUSED,
        CommandState.TIMED_OUT,
        CommandState.REJECTED,
        CommandState.WITHDRAWN,
        CommandState.EXPIRED,
    }
)
"""Where nothing more is expected."""

BY_PEOPLE = frozenset({CommandMove.APPROVE, CommandMove.REJECT, CommandMove.WITHDRAW})


PLATFORM = "plume"
DEVICE = "device"


class NoSuchStep(Conflict):
    """The command cannot be moved so from where it stands."""


def moved(record: CommandRecord, step: CommandMove, by: CommandStep) -> CommandRecord:
    """Move the command on, and note who did so; `by` is stamped with the states.

    Raises:
        NoSuchStep: the table knows no such move.
    """
    after = MOVES.get((record.state, step))
    if after is None:
        raise NoSuchStep(
            f"{step.value} while {record.state.value}",
            zh=f"当前状态 {record.state.value} 不能 {step.value}",
        )
    return _stamped(record, after, by)


def moves_of(state: CommandState) -> tuple[CommandMove, ...]:
    """Give what people may do from here, for the buttons of a page."""
    return tuple(step for before, step in MOVES if before is state and step in BY_PEOPLE)


def heard(record: CommandRecord, receipt: Receipt, *, now: datetime) -> CommandRecord | None:
    """Note the device's word; None when its word on this stage is known already."""
    if any(known.stage is receipt.stage for known in record.receipts):
        return None
    step = _BY_STAGE[receipt.stage]
    after = MOVES.get((record.state, step), record.state)
    thing = record.command.thing
    by = CommandStep(now, thing, thing, DEVICE, step.value, reason=receipt.detail)
    told = replace(record, receipts=(*record.receipts, receipt))
    return _stamped(told, after, by)


def by_person(who: Person, step: CommandMove, at: datetime) -> CommandStep:
    """Describe a step of a person; reason, device and key are for the caller to add."""
    return CommandStep(at, who.id, who.name or who.username, who.role.value, step.value)


def by_platform(step: CommandMove, at: datetime) -> CommandStep:
    """Describe a step that no person took."""
    return CommandStep(at, PLATFORM, PLATFORM, PLATFORM, step.value)


_BY_STAGE = {stage: CommandMove(stage.value) for stage in ReceiptStage}


def _stamped(record: CommandRecord, after: CommandState, by: CommandStep) -> CommandRecord:
    step = replace(by, before=record.state, after=after)
    return replace(
        record,
        state=after,
        history=(*record.history, step),
        updated_at=by.at,
        version=record.version + 1,
    )
