"""Keep every act on a command in the audit trail."""

from plume.model.audit import AuditEntry
from plume.model.command import CommandRecord, CommandStep
from plume.ports.audit import Audit


def audit_command(record: CommandRecord, audit: Audit) -> None:
    """Keep the steps of a command; those kept already change nothing.

    All of them are told each time: whoever comes after a crash tells what was left untold.
    """
    audit.add([_entry(record, place, step) for place, step in enumerate(record.history)])


def subject_of(record: CommandRecord) -> str:
    """Name a command in the audit trail."""
    return f"command#{record.id}"


def _entry(record: CommandRecord, place: int, step: CommandStep) -> AuditEntry:
    command = record.command
    return AuditEntry(
        id=f"command#{record.id}#{place:04}",
        at=step.at,
        actor=step.actor,
        name=step.name,
        role=step.role,
        act=f"command:{step.move}",
        subject=subject_of(record),
        detail=f"{command.kind.value} {command.outlet or ''}@{command.thing} {_state(step)}",
        reason=step.reason,
        device=step.device,
    )


def _state(step: CommandStep) -> str:
    return step.after.value if step.after else ""
