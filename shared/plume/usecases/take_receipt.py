"""Take what a device says about a command: once in effect, in whatever order it comes."""

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
from plume.wire.plain_json import plain_json

TRIES = 5


def take_receipt(
    thing: ThingName, receipt: Receipt, *, commands: Commands, audit: Audit, now: datetime
) -> CommandRecord:
    """Note the receipt and give the command as it stands then.

    Raises:
        Refused: there is no such command, or it went to another device.
        Unavailable: others kept changing the command; deliver the receipt again.
    """
    told = replace(receipt, result=plain_json(receipt.result))
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
