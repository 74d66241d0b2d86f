"""The audit trail (审计日志): written once, never changed."""

from collections.abc import Sequence
from typing import Protocol

from plume.model.audit import AuditEntry


class Audit(Protocol):
    """Where acts are kept."""

    def add(self, entries: Sequence[AuditEntry]) -> None:
        """Keep each entry once; one that is kept already changes nothing."""

    def about(self, subject: str) -> Sequence[AuditEntry]:
        """Give everything done to one subject, in the order it was done."""
