"""Alarms: one open per (rule, outlet, factor) (报警)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from plume.model.alarm import Alarm, Condition, Handling
from plume.model.finding import AlarmType, Severity, Source
from plume.model.identity import AlarmId, FactorCode, OutletId
from plume.model.person import Scope


@dataclass(frozen=True, slots=True)
class AlarmQuery:
    """Which alarms to list; None and () are "any". `since`/`until` bound `last_at`."""

    since: datetime | None = None
    until: datetime | None = None
    types: tuple[AlarmType, ...] = ()
    severities: tuple[Severity, ...] = ()
    condition: Condition | None = None
    handling: Handling | None = None
    outlet: OutletId | None = None
    enterprise: str | None = None
    region: str | None = None
    factor: FactorCode | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class AlarmPage:
    """One page, newest `updated_at` first; `cursor` is empty at the end."""

    items: tuple[Alarm, ...]
    cursor: str


class Alarms(Protocol):
    """The store of alarms; `version` guards concurrent writers."""

    def episodes(self, rule: str, outlet: OutletId, factor: FactorCode) -> Sequence[Alarm]:
        """Give the alarms of one cause, newest `first_at` first, the open one among them."""

    def get(self, key: AlarmId) -> Alarm | None:
        """Give one alarm; None when there is none."""

    def put(self, alarm: Alarm, *, expected: int, beside: int = 0) -> None:
        """Keep the alarm if the stored version is `expected` (0: not stored yet).

        A new alarm is kept only while its cause has as many others as `beside` says: of two
        writers that each saw no open one, the second is told so, and looks again.

        Raises:
            Conflict: someone else was faster.
        """

    def page(self, query: AlarmQuery, scope: Scope, *, most: int, cursor: str = "") -> AlarmPage:
        """Give one page within the scope."""
