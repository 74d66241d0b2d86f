"""Send an approved command down to its device; harmless when repeated."""

from dataclasses import dataclass
from datetime import datetime

from plume.flows.command import CommandMove, by_platform, moved
from plume.model.command import CommandRecord, CommandState
from plume.ports.audit import Audit
from plume.ports.commands import Commands
from plume.ports.notices import DeviceCommands
from plume.ports.registry import Registry
from plume.usecases.audit_command import audit_command


@dataclass(frozen=True, slots=True)
class CommandWorld:
    """What commands ask of the world."""

    registry: Registry
    commands: Commands
    audit: Audit
    device_commands: DeviceCommands


def send_command(record: CommandRecord, *, world: CommandWorld, now: datetime) -> CommandRecord:
    """Send what is approved, or sent and not answered; give the command as it stands then.

    It is noted as sent before it is published: from then on nobody can withdraw it, and the
    sweep publishes it again until the device answers or its time is over. A device obeys an id
    once, so that sending twice does nothing twice.

    Raises:
        Conflict: someone moved the command in between.
        Unavailable: the world is deaf; the sweep sends it later.
    """
    if now >= record.command.expires_at:
        return record
    if record.state is CommandState.APPROVED:
        before = record.version
        record = moved(record, CommandMove.SEND, by_platform(CommandMove.SEND, now))
        world.commands.put(record, expected=before)
    audit_command(record, world.audit)
    if record.state is CommandState.SENT:
        world.device_commands.send(record.command)
    return record
