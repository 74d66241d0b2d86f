"""Send a command down to its device; harmless when repeated."""

from dataclasses import dataclass
from datetime import datetime

from plume.errors import Conflict, Unavailable
from plume.flows.command import CommandMove, by_platform, moved
from plume.model.command import Command, CommandId, CommandRecord, CommandState
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


def send_command(command: Command, *, world: SendWorld, now: datetime) -> bool:
    """Send it while there is time, and tell whether it went.

    A command that is on record goes only when it is approved, or was sent and not answered. It is
    noted as sent before it is published: from then on nobody can withdraw it, and the sweep
    publishes it again until the device answers or its time is over. A device obeys an id once, so
    that sending twice does nothing twice. What is on no record, such as the look through a
    camera, is only published.

    Raises:
        Unavailable: the world is deaf, or others kept changing the command; try again.
    """
    for _ in range(TRIES):
        record = world.commands.get(CommandId(command.id))
        if record is None:
            return _publish(command, world, now)
        try:
            return is_to_send(record, now) and _send(record, world, now)
        except Conflict:
            continue
    raise Unavailable(f"command {command.id}: changed under us {TRIES} times")


def is_to_send(record: CommandRecord, now: datetime) -> bool:
    """Tell whether the device may still begin it and has not been heard yet."""
    return record.state in TO_SEND and now < record.command.expires_at


def _send(record: CommandRecord, world: SendWorld, now: datetime) -> bool:
    if record.state is CommandState.APPROVED:
        before = record.version
        record = moved(record, CommandMove.SEND, by_platform(CommandMove.SEND, now))
        world.commands.put(record, expected=before)
    audit_command(record, world.audit)
    return _publish(record.command, world, now)


def _publish(command: Command, world: SendWorld, now: datetime) -> bool:
    if now >= command.expires_at:
        return False
    world.device_commands.send(command)
    return True
