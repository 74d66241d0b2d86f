"""The audit trail, for whoever audits: everything that people and devices did (审计日志)."""

from dataclasses import dataclass
from datetime import datetime

from plume.model.audit import AuditEntry
from plume.model.permission import Permission
from plume.model.person import Person
from plume.ports.audit import Audit, AuditPage
from plume.usecases.in_sight import require

MOST_PAGES = 20
"""So many pages are looked through at once for what a question filters out [1]."""


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """Which acts: within `[since, until)`; `act` is a beginning, `actor` an id or a name."""

    since: datetime
    until: datetime
    act: str = ""
    actor: str = ""
    subject: str = ""


def read_audit(
    asker: Person, question: AuditQuestion, *, part: tuple[int, str], audit: Audit
) -> AuditPage:
    """Give one page, newest first; `part` is its size and cursor.

    A page may be short, even empty, and still have a cursor: then the rest lies further back.

    Raises:
        Forbidden: the role may not: auditors are nobody else, and nobody else is an auditor.
    """
    require(asker, Permission.AUDIT_VIEW)
    most, cursor = part
    found: list[AuditEntry] = []
    for _ in range(MOST_PAGES):
        page = audit.page(question.since, question.until, most=most - len(found), cursor=cursor)
        found += [entry for entry in page.items if _is_asked(question, entry)]
        cursor = page.cursor
        if not cursor or len(found) >= most:
            break
    return AuditPage(tuple(found), cursor)


def _is_asked(question: AuditQuestion, entry: AuditEntry) -> bool:
    return (
        entry.act.startswith(question.act)
        and question.actor in {"", entry.actor, entry.name}
        and question.subject in {"", entry.subject}
    )
