"""Send an approved command down to its device; harmless when repeated."""

from dataclasses import dataclass
from datetime import datetime

from plume.errors import Conflict, NotThere, Unavailable
from plume.flows.command import CommandMove, by_platform, moved
from plume.model.command import CommandId, CommandRecord, CommandState
from plume.ports.audit import Audit
from plume.ports.commands import Commands
from plume.ports.notices import DeviceCommands
from plume.usecases.audit_command import audit_command

TRIES = 5
TO_SEND = frozenset({CommandState.APPROVED, CommandState.SENT})


@dataclass(frozen=True, slots=True)
class SendWorld:
    """What sending asks of the world."""

    commands: Commands
    audit: Audit
    device_commands: DeviceCommands


def send_command(key: CommandId, *, world: SendWorld, now: datetime) -> CommandRecord:
    """Send what is approved, or sent and not answered; give the command as it stands then.

    It is noted as sent before it is published: from then on nobody can withdraw it, and the
    sweep publishes it again until the device answers or its time is over. A device obeys an id
    once, so that sending twice does nothing twice.

    Raises:
        NotThere: there is no such command.
        Unavailable: the world is deaf, or others kept changing the command; try again.
    """
    for _ in range(TRIES):
        record = world.commands.get(key)
        if record is None:
            raise NotThere(f"no command {key}")
        if not is_to_send(record, now):
            return record
        try:
            return _send(record, world, now)
        except Conflict:
            continue
    raise Unavailable(f"command {key}: changed under us {TRIES} times")


def is_to_send(record: CommandRecord, now: datetime) -> bool:
    """Tell whether the device may still begin it and has not been heard yet."""
    return record.state in TO_SEND and now < record.command.expires_at


def _send(record: CommandRecord, world: SendWorld, now: datetime) -> CommandRecord:
    if record.state is CommandState.APPROVED:
        before = record.version
        record = moved(record, CommandMove.SEND, by_platform(CommandMove.SEND, now))
        world.commands.put(record, expected=before)
    audit_command(record, world.audit)
    world.device_commands.send(record.command)
    return record
