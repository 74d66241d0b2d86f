"""Look after the commands that wait: send again what was not heard, end what is out of time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from plume.errors import Conflict
from plume.flows.command import CommandMove, by_platform, moved
from plume.model.command import CommandRecord, CommandState
from plume.usecases.audit_command import audit_command
from plume.usecases.send_command import SendWorld, is_to_send, send_command

LAST_WORD_AFTER = timedelta(hours=1)
"""How long after its expiry a command that was sent may still be at work: 31 days of minutes come
in thousands of frames. Our choice; a later word of the device still counts."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many commands were sent again, and how many were ended for want of time."""

    sent: int
    ended: int


def sweep_commands(*, world: SendWorld, now: datetime) -> Swept:
    """Go through every command of which more is expected; safe to run twice and side by side.

    Raises:
        Unavailable: the world is deaf; the next sweep makes up for it.
    """
    sent = ended = 0
    for record in world.commands.unended():
        try:
            if now >= _out_of_time(record):
                _end(record, world, now)
                ended += 1
            elif is_to_send(record, now):
                sent += send_command(record.command, world=world, now=now)
        except Conflict:
            continue  # someone moved it in between: the next sweep looks again
    return Swept(sent, ended)


def _out_of_time(record: CommandRecord) -> datetime:
    expires_at = record.command.expires_at
    waiting = record.state in {CommandState.AWAITING_APPROVAL, CommandState.APPROVED}
    return expires_at if waiting else expires_at + LAST_WORD_AFTER


def _end(record: CommandRecord, world: SendWorld, now: datetime) -> None:
    ended = moved(record, CommandMove.EXPIRE, by_platform(CommandMove.EXPIRE, now))
    world.commands.put(ended, expected=record.version)
    audit_command(ended, world.audit)
