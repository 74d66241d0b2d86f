"""Take what a device says about a command: once in effect, in whatever order it comes."""

import json
from dataclasses import replace
from datetime import datetime

from plume.errors import Conflict, Refused, Unavailable
from plume.flows.command import heard
from plume.model.command import CommandId, CommandRecord
from plume.model.event import Receipt
from plume.model.identity import ThingName
from plume.ports.audit import Audit
from plume.ports.commands import Commands
from plume.usecases.audit_command import audit_command

TRIES = 5
MOST_RESULT_BYTES = 32_768
"""What is longer stays in its segment alone: a record must stay far below 400 KB."""


def take_receipt(
    thing: ThingName, receipt: Receipt, *, commands: Commands, audit: Audit, now: datetime
) -> CommandRecord:
    """Note the receipt and give the command as it stands then.

    Raises:
        Refused: there is no such command, or it went to another device.
        Unavailable: others kept changing the command; deliver the receipt again.
    """
    told = replace(receipt, result=_plain(receipt.result))
    for _ in range(TRIES):
        record = commands.get(CommandId(receipt.command))
        if record is None or record.command.thing != thing:
            raise Refused(f"a receipt of {receipt.command!r}, which was not sent there")
        changed = heard(record, told, now=now)
        if changed is None or _put(commands, changed):
            audit_command(changed or record, audit)
            return changed or record
    raise Unavailable(f"command {receipt.command}: changed under us {TRIES} times")


def _put(commands: Commands, changed: CommandRecord) -> bool:
    try:
        commands.put(changed, expected=changed.version - 1)
    except Conflict:
        return False
    return True


def _plain(result: dict[str, object] | None) -> dict[str, object] | None:
    """Give a result as plain JSON; one that is none, or too long, is replaced by a note."""
    try:
        text = json.dumps(result, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as fault:
        return {"omitted": str(fault)[:200]}
    if len(text.encode()) > MOST_RESULT_BYTES:
        return {"omitted": f"longer than {MOST_RESULT_BYTES} bytes"}
    plain: dict[str, object] | None = json.loads(text)
    return plain
