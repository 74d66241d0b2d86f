"""What an edge device says beside frames and points: one frozen fact each (现场事件).

Events travel inside segments, so each is signed, chained and kept as evidence. `at` is aware, the
edge's clock. They are told at least once; each names what makes a repetition harmless.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from plume.model.finding import Finding
from plume.model.identity import OutletId


class ReceiptStage(StrEnum):
    """How far a command has come (反控回执); the last four end it."""

    ACCEPTED = "accepted"
    EXECUTING = "executing"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One stage of one command; (command, stage) is told once in effect.

    `detail` says in one line why it failed; `result` holds what the command gave, as plain JSON.
    """

    at: datetime
    command: str
    stage: ReceiptStage
    detail: str = ""
    result: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How far the clock of `subject` runs ahead of that of `reference` (时钟偏差).

    `subject` is an outlet (its data logger) or "edge"; `reference` is "edge" or "cloud". Median of
    `samples` measurements up to `at`; `jumped` says that the subject's clock was set in between.
    """

    at: datetime
    subject: str
    reference: str
    offset: timedelta
    samples: int
    jumped: bool = False


class SourceState(StrEnum):
    """How a source of the edge is: a protocol's peer, a network route, a camera, a disk."""

    OK = "ok"
    SILENT = "silent"
    FLOODING = "flooding"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A change of state of one source; `facts` are counts and figures, as plain JSON.

    `kind` is hj212, modbus, opcua, pull, route, camera, disk or certificate.
    """

    at: datetime
    source: str
    kind: str
    state: SourceState
    detail: str = ""
    facts: dict[str, object] | None = None
    outlet: OutletId | None = None


@dataclass(frozen=True, slots=True)
class EdgeFinding:
    """What the sentinel concluded on site while the line was down (边缘研判)."""

    at: datetime
    finding: Finding


class Loss(StrEnum):
    """What the edge gave up when its disk was full (数据让渡)."""

    THINNED = "thinned"
    """Telemetry of `[first_at, last_at]` was replaced by its minute means."""
    DROPPED = "dropped"
    """It is gone."""


@dataclass(frozen=True, slots=True)
class GapRecord:
    """The signed record of what was given up; `klass` is telemetry, frames or events."""

    at: datetime
    klass: str
    loss: Loss
    first_at: datetime
    last_at: datetime
    count: int
    reason: str


class FillState(StrEnum):
    """What became of missing data: all came, the logger has no more, or it will be asked again."""

    FILLED = "filled"
    ABSENT = "absent"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class GapFill:
    """What the edge asked a data logger for by itself, because it was missing (自动补数).

    `missing` DataTimes of `cn` in `[first_at, last_at]` were asked for, `filled` of them came.
    Once `closed` the data logger has said all it has, and is not asked for them again.
    """

    at: datetime
    outlet: OutletId
    cn: str
    first_at: datetime
    last_at: datetime
    missing: int
    filled: int
    closed: bool
    detail: str = ""

    @property
    def state(self) -> FillState:
        """What became of it."""
        if self.filled >= self.missing:
            return FillState.FILLED
        return FillState.ABSENT if self.closed else FillState.WAITING


class MediaKind(StrEnum):
    """What a camera gave: a still picture or a piece of film."""

    SNAPSHOT = "snapshot"
    CLIP = "clip"


@dataclass(frozen=True, slots=True)
class MediaObject:
    """One object in the media bucket, with the SHA-256 [hex] and size of its content."""

    key: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class MediaManifest:
    """A snapshot or clip of one camera (截图, 录像), bound to the hash chain by this record.

    `[start, end]` is what it shows; for a snapshot they are equal. `cause` is a command id or what
    happened. The first object is what is looked at; others belong to it (playlist, segments).
    """

    at: datetime
    media: str
    camera: str
    outlet: OutletId
    kind: MediaKind
    start: datetime
    end: datetime
    objects: tuple[MediaObject, ...]
    cause: str = ""
    complete: bool = True


@dataclass(frozen=True, slots=True)
class LawInForce:
    """By which version of its law an outlet is judged on site (现场研判依据版本).

    Told at the start, on a change, and again and again; 0 means that none was ever brought.
    """

    at: datetime
    outlet: OutletId
    version: int


EdgeEvent = (
    Receipt
    | ClockOffset
    | SourceHealth
    | EdgeFinding
    | GapRecord
    | GapFill
    | MediaManifest
    | LawInForce
)
