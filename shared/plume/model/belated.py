"""Frames that were refused for want of paperwork, once the paperwork is there (补判)."""

from dataclasses import dataclass
from datetime import datetime

from plume.model.identity import OutletId


@dataclass(frozen=True, slots=True)
class Belated:
    """An outlet, its PW or its key was registered at `asked_at`: what came before is due.

    What is due are the frames received within `[since, until)` under its MN; told at least once.
    """

    outlet: OutletId
    asked_at: datetime
    since: datetime
    until: datetime
