"""Commands that tests start from: of `stack`, an outlet of `north`, behind `edge-stack`."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from plume.model.command import (
    Command,
    CommandId,
    CommandKind,
    CommandRecord,
    CommandState,
    CommandStep,
)
from plume.model.identity import EnterpriseId, OutletId, RegionCode, ThingName

EIGHT = datetime(2026, 11, 24, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ID = CommandId("CM1")


def asked(
    key: str = ID,
    *,
    kind: CommandKind = CommandKind.SET_TIME,
    state: CommandState = CommandState.AWAITING_APPROVAL,
    minutes: int = 0,
) -> CommandRecord:
    """A command asked by `u1` so many minutes after eight."""
    at = EIGHT + minutes * MINUTE
    command = Command(
        id=key, thing=ThingName("edge-stack"), kind=kind, issued_at=at,
        expires_at=at + 15 * MINUTE, outlet=OutletId("stack"), arguments={"factor": "a21026"},
    )  # fmt: skip
    step = CommandStep(
        at, "u1", "张三", "county", "ask", None, state, "偏差过大", "10.0.0.1", "k1"
    )
    return CommandRecord(
        command=command, state=state, enterprise=EnterpriseId("north"),
        region=RegionCode("150523"), asked_at=at, updated_at=at, valid_minutes=15,
        history=(step,),
    )  # fmt: skip


def sent(key: str = ID) -> CommandRecord:
    """A command that went down and was not answered."""
    return replace(asked(key), state=CommandState.SENT)
