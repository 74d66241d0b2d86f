"""Who looked at what a camera sees or saw: kept in the audit trail."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from plume.model.audit import AuditEntry
from plume.model.person import Person
from plume.ports.audit import Audit

ONE_VIEWING = 600
"""Looking again within these seconds [s] is the same viewing. Our choice: a page that stays open
asks every few seconds."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Someone who looks; `device` is address and agent."""

    person: Person
    device: str


def audit_viewing(viewer: Viewer, act: str, subject: str, *, audit: Audit, now: datetime) -> None:
    """Note the viewing before anything is shown; once for all askings of one viewing."""
    began = datetime.fromtimestamp(now.timestamp() // ONE_VIEWING * ONE_VIEWING, tz=now.tzinfo)
    person = viewer.person
    words = f"{person.id}\n{act}\n{subject}\n{began.isoformat()}"
    entry = AuditEntry(
        id=f"VW{sha256(words.encode()).hexdigest()[:24]}",
        at=began,
        actor=person.id,
        name=person.name,
        role=person.role.value,
        act=act,
        subject=subject,
        device=viewer.device,
    )
    audit.add([entry])
