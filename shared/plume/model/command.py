"""Commands that go down to a plant (反控命令): what may be asked of it, and by whom."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from plume.model.event import Receipt
from plume.model.identity import EnterpriseId, OutletId, RegionCode, ThingName
from plume.model.person import Role

CommandId = NewType("CommandId", str)


class CommandKind(StrEnum):
    """What is asked; the CN of HJ 212 stands beside those that go on to a data logger."""

    READ_TIME = "read_time"  # 1011
    SET_TIME = "set_time"  # 1012
    SET_INTERVAL = "set_interval"  # 1062, 1064
    READ_INTERVAL = "read_interval"  # 1061, 1063
    SET_PASSWORD = "set_password"  # noqa: S105, 1072: names a command
    FETCH_HISTORY = "fetch_history"  # 2011, 2031, 2051, 2061 with BeginTime and EndTime
    REAL_TIME = "real_time"  # 2011 on, 2012 off
    CALIBRATE = "calibrate"  # 3011
    SAMPLE_NOW = "sample_now"  # 3012
    READ_SITE_INFO = "read_site_info"  # 3020
    SET_PARAMETER = "set_parameter"  # 3021
    SET_MN = "set_mn"  # 1002, HJ 212-2025
    SET_CIPHER_KEY = "set_cipher_key"  # 1014, HJ 212-2025
    SNAPSHOT = "snapshot"
    CLIP = "clip"
    LIVE = "live"
    RELOAD = "reload"
    LAW = "law"
    """The platform's own: by which limits and facilities to judge on site; nobody asks for it."""


DUAL_CONTROL = frozenset(
    {
        CommandKind.SET_TIME,
        CommandKind.SET_PASSWORD,
        CommandKind.CALIBRATE,
        CommandKind.SET_PARAMETER,
        CommandKind.SET_MN,
        CommandKind.SET_CIPHER_KEY,
    }
)
"""What a second person must approve: they change what a logger reports, or who it is.

Source: domain.md 6 names 1012, 1072, 3011 and 3021; 1002 and 1014 are our choice.
"""

FOR_THE_DEVICE = frozenset({CommandKind.RELOAD})
"""What is asked of the edge device itself, not of an outlet behind it."""

_READING = frozenset(
    {
        CommandKind.READ_TIME,
        CommandKind.READ_INTERVAL,
        CommandKind.READ_SITE_INFO,
        CommandKind.FETCH_HISTORY,
        CommandKind.REAL_TIME,
        CommandKind.SNAPSHOT,
        CommandKind.CLIP,
        CommandKind.LIVE,
    }
)
_LOCAL = _READING | {CommandKind.SET_TIME, CommandKind.SAMPLE_NOW, CommandKind.CALIBRATE}

MAY_ASK: dict[Role, frozenset[CommandKind]] = {
    Role.CITY_CENTRE: frozenset(CommandKind) - {CommandKind.LAW},
    Role.CITY_ENFORCEMENT: _LOCAL | {CommandKind.SET_INTERVAL},
    Role.COUNTY: _LOCAL,
    Role.ENTERPRISE: _READING - {CommandKind.REAL_TIME},
    Role.OPERATOR: _READING | {CommandKind.SET_TIME, CommandKind.CALIBRATE},
    Role.SYSTEM_ADMIN: frozenset({CommandKind.RELOAD, CommandKind.READ_TIME}),
}
"""Who may ask for what, within their scope: an enterprise sets nothing, a third-party operator
sets the time and calibrates what is under its contract (domain.md 5.5). Our choice of detail."""


WATCH = "live-"
"""How the id of a command begins that only keeps a live view up: it comes every few seconds and
is on no record; who watched what is in the audit trail."""
FILM = "alarm-"
"""How the id of a command begins that an alarm gave; what it filmed is its record."""
LAW = "law-"
"""How the id of a command begins that brings a site its law; which it judges by stands among how
its device stands."""
UNRECORDED = (WATCH, FILM, LAW)


@dataclass(frozen=True, slots=True)
class Command:
    """One command as it goes down to an edge device.

    `id` makes a repetition harmless: the edge obeys an id once. `arguments` are plain JSON, per
    kind (`plume.wire.command_arguments`). After `expires_at`, aware, it must not be begun any
    more. `outlet` names the data logger or the camera's outlet; None means the device itself.
    """

    id: str
    thing: ThingName
    kind: CommandKind
    issued_at: datetime
    expires_at: datetime
    outlet: OutletId | None = None
    arguments: dict[str, object] | None = None


class CommandState(StrEnum):
    """How far a command has come (反控状态); `plume.flows.command` holds the moves."""

    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    SENT = "sent"
    ACCEPTED = "accepted"
    EXECUTING = "executing"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    """The device would not."""
    TIMED_OUT = "timed_out"
    """It was sent, and no last word came."""
    REJECTED = "rejected"
    """The second person said no."""
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    """Its time passed before it was sent."""


@dataclass(frozen=True, slots=True)
class CommandStep:
    """One step of one command: a person's, the platform's ("plume"), or the device's.

    `actor` is the id and `name` what a page shows; `before` is None for the first step. `device`
    is address and agent of a person, `key` the Idempotency-Key. Steps are only ever added.
    """

    at: datetime
    actor: str
    name: str
    role: str
    move: str
    before: CommandState | None = None
    after: CommandState | None = None
    reason: str = ""
    device: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """One command with everything that happened to it (反控记录).

    While it awaits approval, `command.expires_at` is the last moment to approve; approval gives
    it `valid_minutes` [min] to be begun. `receipts` hold the first word on each stage, as they
    came. `region` and `enterprise` are copied so that lists need no join. `version` rises with
    every change and guards concurrent writers.
    """

    command: Command
    state: CommandState
    enterprise: EnterpriseId
    region: RegionCode
    asked_at: datetime
    updated_at: datetime
    valid_minutes: int
    history: tuple[CommandStep, ...]
    receipts: tuple[Receipt, ...] = ()
    version: int = 1

    @property
    def id(self) -> CommandId:
        """The id of its command."""
        return CommandId(self.command.id)
