"""Who did what, to be shown years later (审计)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act, kept once and for good.

    `id` makes a repetition harmless. `act` is `module:action`, `subject` what it was done to;
    `actor` is a person's id, a thing, or "plume"; `device` address and agent of the person.

    Source: 网络安全法 art. 21: kept at least six months; GB/T 22239-2019, 8.1.4.3.
    """

    id: str
    at: datetime
    actor: str
    name: str
    role: str
    act: str
    subject: str
    detail: str = ""
    reason: str = ""
    device: str = ""
