"""Frames that were refused for want of paperwork, once the paperwork is there (补判)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from plume.model.identity import OutletId

OLDEST = timedelta(days=366)
"""How far back news may lie: our choice (one year, leap year allowed)."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Belated:
    """An outlet, its PW or its key was registered at `asked_at`: what came before is due.

    What is due are the frames received within `[since, until)` under its MN; told at least once.
    """

    outlet: OutletId
    asked_at: datetime
    since: datetime
    until: datetime


def belated(outlet: OutletId, now: datetime) -> Belated:
    """Name all that may wait for the registration of an outlet.

    That is a year back, our choice, and a day ahead, for a device whose clock is.
    """
    return Belated(outlet, now, now - OLDEST, now + DAY)
