"""The audit trail (审计日志): written once, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from plume.model.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page, newest first; `cursor` is empty at the end."""

    items: tuple[AuditEntry, ...]
    cursor: str = ""


class Audit(Protocol):
    """Where acts are kept."""

    def add(self, entries: Sequence[AuditEntry]) -> None:
        """Keep each entry once; one that is kept already changes nothing."""

    def about(self, subject: str) -> Sequence[AuditEntry]:
        """Give everything done to one subject, in the order it was done."""

    def page(self, since: datetime, until: datetime, *, most: int, cursor: str = "") -> AuditPage:
        """Give what was done within `[since, until)`, newest first, at most `most` at once."""
