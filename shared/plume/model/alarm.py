"""The call: one open alarm per (rule, outlet, factor), in event time."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from plume.model.finding import AlarmType, RuleVersion, Sentence, Severity, Source
from plume.model.identity import AlarmId, EnterpriseId, FactorCode, OutletId, RegionCode


class Condition(StrEnum):
    """Whether the cause persists (持续, 已消除)."""

    ACTIVE = "active"
    CLEARED = "cleared"


class Handling(StrEnum):
    """Who must do what next (处置状态), product.md 5.1; more states come with the task flow."""

    AWAITING_RESPONSE = "awaiting_response"
    RESPONDED = "responded"


@dataclass(frozen=True, slots=True)
class Transition:
    """One move of the handling, with who, when and why; `device` is IP and agent.

    `key` is the Idempotency-Key of the command: the same key again is the same move.
    """

    at: datetime
    actor: str
    role: str
    command: str
    before: Handling
    after: Handling
    reason: str = ""
    device: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """The last word on one window `[start, end)` of an episode.

    `known_at` orders two words on the same window; a window corrected to not broken is kept with
    `broken` False, so that an older word that arrives again cannot break it anew.
    """

    start: datetime
    end: datetime
    known_at: datetime
    broken: bool
    severity: Severity
    value: Decimal | None
    limit: Decimal | None
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Alarm:
    """One episode of one broken rule (报警).

    `[first_at, last_at)` is the union of its broken windows in event time, `count` their number,
    `value` the worst one [unit]. `region` and `enterprise` are copied so that lists need no
    join. `version` rises with every change and guards concurrent writers. `windows` are the starts
    of the broken windows in `judged`, which remembers the newest windows and the worst. `source`
    is who opened it; what the other concludes on the same cause joins it.
    """

    id: AlarmId
    rule: RuleVersion
    outlet: OutletId
    enterprise: EnterpriseId
    region: RegionCode
    factor: FactorCode
    type: AlarmType
    subtype: str
    severity: Severity
    condition: Condition
    handling: Handling
    first_at: datetime
    last_at: datetime
    raised_at: datetime
    updated_at: datetime
    count: int
    value: Decimal | None
    limit: Decimal | None
    unit: str
    sentence: Sentence
    windows: tuple[datetime, ...] = ()
    history: tuple[Transition, ...] = ()
    cleared_at: datetime | None = None
    version: int = 1
    judged: tuple[Judged, ...] = ()
    source: Source = Source.CLOUD
