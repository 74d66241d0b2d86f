"""JSON of the API: one TypedDict per resource, and how a fact becomes one (DESIGN 7).

Keys are camelCase, times ISO 8601 with +08:00, values decimal strings; null is "not said".
"""

from typing import Literal, Required, TypedDict


class NameResource(TypedDict):
    """A name in both languages."""

    zh: str
    en: str


class RegionResource(TypedDict):
    """行政区划."""

    code: str
    name: NameResource
    parent: str


class SeverityCounts(TypedDict):
    """How many alarms there are of each severity."""

    L1: int
    L2: int
    L3: int
    L4: int
    L5: int


class EnterpriseResource(TypedDict):
    """排污单位; `worst` is the worst severity among its active alarms."""

    enterpriseId: str
    name: NameResource
    region: str
    regionName: NameResource
    industry: str
    attention: str
    longitude: float
    latitude: float
    address: str
    outletIds: list[str]
    activeAlarms: SeverityCounts
    worst: str | None
    online: int
    offline: int
    cameras: int


class LimitResource(TypedDict):
    """限值."""

    limitId: str
    factor: str
    ceiling: str
    floor: str | None
    unit: str
    basis: Literal["measured", "converted"]
    span: Literal["minute", "hour", "day"]
    standard: str
    clause: str
    validFrom: str
    validTo: str | None


class FactorResource(TypedDict):
    """监测因子."""

    code: str
    name: NameResource
    unit: str


class OutletResource(TypedDict):
    """排放口; `state` is pending (never heard), online or offline (> 10 min without a frame)."""

    outletId: str
    enterpriseId: str
    enterpriseName: NameResource
    name: NameResource
    medium: Literal["gas", "water"]
    region: str
    mn: str
    st: str
    process: str
    serviceLevel: str
    referenceOxygen: str | None
    factors: list[FactorResource]
    limits: list[LimitResource]
    state: Literal["pending", "online", "offline"]
    lastDataAt: str | None
    lastReceivedAt: str | None
    activeAlarms: SeverityCounts
    worst: str | None
    cameras: int


class CameraResource(TypedDict):
    """摄像机; `state` is unknown until the camera has been heard of, `detail` why it is not ok."""

    cameraId: str
    outletId: str
    name: NameResource
    state: Literal["unknown", "ok", "silent", "flooding", "failing"]
    detail: str
    since: str | None


class LiveResource(TypedDict):
    """实时视频; `playlist` is a path of this API, 202 until there is something to see."""

    cameraId: str
    playlist: str


class MediaResource(TypedDict):
    """影像: what it shows, the hash that was signed, and whether the store agrees with it.

    `sha256` is that of the object that is looked at, `thing` and `sequence` name the signed
    segment that the manifest came in.
    """

    mediaId: str
    outletId: str
    cameraId: str
    kind: Literal["snapshot", "clip"]
    start: str
    end: str
    recordedAt: str
    cause: str
    complete: bool
    check: Literal["pending", "verified", "differs"]
    sha256: str
    bytes: int
    pieces: int
    form: Literal["file", "playlist"]
    thing: str
    sequence: int


class ShownMediaResource(MediaResource):
    """影像 with the path, on the page's own origin, that shows it for some minutes."""

    path: str | None


class LatestResource(TypedDict):
    """One newest value."""

    factor: str
    kind: Literal["rtd", "minute", "hour", "day"]
    at: str
    receivedAt: str
    value: str | None
    converted: str | None
    flag: str
    unit: str
    name: NameResource


class SeriesResource(TypedDict):
    """Curves: `times` unix milliseconds; one array per channel, null where there is none."""

    outletId: str
    step: Literal["raw", "1m", "1h", "1d"]
    times: list[int]
    channels: dict[str, list[float | None]]
    flags: dict[str, list[str]]
    thinned: bool


class ReadingResource(TypedDict):
    """监测数据, DESIGN 7."""

    outletId: str
    factor: str
    span: Literal["minute", "hour", "day"]
    start: str
    mean: str | None
    min: str | None
    max: str | None
    converted: str | None
    cumulative: str | None
    flag: str
    valid: bool
    source: Literal["reported", "computed", "corrected"]
    version: int
    knownAt: str


class FrameResource(TypedDict):
    """报文, DESIGN 7; `raw` is the frame as text: UTF-8, else GB 18030, else Latin-1."""

    receivedAt: str
    thing: str
    mn: str
    raw: str
    verdict: str
    warnings: list[str]
    reason: NameResource
    acknowledged: bool


class RuleResource(TypedDict):
    """Which rule spoke."""

    id: str
    version: int


class TransitionResource(TypedDict):
    """One move of an alarm's handling."""

    at: str
    actor: str
    role: str
    command: str
    before: str
    after: str
    reason: str


class AlarmResource(TypedDict):
    """报警, DESIGN 7."""

    alarmId: str
    outletId: str
    outletName: NameResource
    enterpriseId: str
    enterpriseName: NameResource
    region: str
    type: str
    subtype: str
    factor: str
    factorName: NameResource
    severity: Literal["L1", "L2", "L3", "L4", "L5"]
    source: Literal["cloud", "edge"]
    condition: Literal["active", "cleared"]
    handling: str
    firstAt: str
    lastAt: str
    raisedAt: str
    updatedAt: str
    clearedAt: str | None
    count: int
    value: str | None
    limit: str | None
    unit: str
    rule: RuleResource
    sentence: NameResource
    history: list[TransitionResource]
    commands: list[str]
    version: int


class CommandStepResource(TypedDict):
    """One step of a command; `before` is null for the first."""

    at: str
    actor: str
    role: str
    move: str
    before: str | None
    after: str
    reason: str


class ReceiptResource(TypedDict):
    """反控回执: what the device said of one stage."""

    at: str
    stage: Literal["accepted", "executing", "done", "failed", "refused", "timed_out"]
    detail: str
    result: dict[str, object] | None


class CommandWantedResource(TypedDict, total=False):
    """What is asked, of an outlet or, for `reload`, of a device; `validMinutes` 1 to 1440."""

    kind: Required[str]
    outletId: str
    thing: str
    arguments: dict[str, object]
    reason: str
    validMinutes: int


class CommandResource(TypedDict):
    """反控命令; `moves` are those the asker may make now, `dualControl` asks for two people."""

    commandId: str
    kind: str
    thing: str
    outletId: str | None
    outletName: NameResource
    enterpriseId: str
    region: str
    arguments: dict[str, object]
    state: str
    dualControl: bool
    askedAt: str
    askedBy: str
    reason: str
    issuedAt: str
    expiresAt: str
    updatedAt: str
    history: list[CommandStepResource]
    receipts: list[ReceiptResource]
    moves: list[str]
    version: int


class ClockResource(TypedDict):
    """时钟偏差: how far [s] the subject's clock runs ahead; an outlet's logger or "edge"."""

    at: str
    subject: str
    reference: str
    offset: float
    samples: int
    jumped: bool


class SourceResource(TypedDict):
    """How one source of a device is: a protocol's peer, a route, a camera, a disk."""

    at: str
    source: str
    kind: str
    state: str
    detail: str
    facts: dict[str, object]
    outletId: str | None


class FillResource(TypedDict):
    """自动补数: data of `cn` in `[firstAt, lastAt]` that were missing and asked for.

    `missing` DataTimes were, `filled` of them came; `state` is filled, absent (the data logger
    has no more) or waiting (it will be asked again).
    """

    at: str
    outletId: str
    cn: str
    firstAt: str
    lastAt: str
    missing: int
    filled: int
    state: str
    detail: str


GapResource = TypedDict(
    "GapResource",
    {
        "at": str,
        "class": str,
        "loss": str,
        "firstAt": str,
        "lastAt": str,
        "count": int,
        "reason": str,
    },
)
"""数据让渡: what a device gave up when its disk was full."""


class BootResource(TypedDict):
    """One start of a device."""

    bootId: str
    firstAt: str


class LawResource(TypedDict):
    """现场研判依据: the version of limits and facilities that the registry has, and the device's.

    0 was never drawn, or never brought; `heldAt` is when the device last said so.
    """

    registered: int
    held: int
    heldAt: str | None


class LoggerResource(TypedDict):
    """数采仪 behind a device, by its outlet.

    `delay` [s] is from data to receipt, of its newest data; `gaps` counts the ranges of its data
    that are known to be missing.
    """

    outletId: str
    name: NameResource
    region: str
    mn: str
    st: str
    factors: list[FactorResource]
    state: str
    lastDataAt: str | None
    lastReceivedAt: str | None
    delay: float | None
    gaps: int
    clock: ClockResource | None
    law: LawResource
    sources: list[SourceResource]


class DeviceResource(TypedDict):
    """现场端; `state` is never, online or silent, `troubled` counts sources that are not ok."""

    thing: str
    enterpriseId: str
    enterpriseName: NameResource
    state: str
    lastReceivedAt: str | None
    lastDataAt: str | None
    edgeClock: ClockResource | None
    gaps: int
    troubled: int
    loggers: list[LoggerResource]


class DeviceDetailResource(DeviceResource):
    """A device with everything known of it; `sequence` is its newest segment's."""

    serial: str
    provisionedAt: str | None
    sequence: int | None
    boots: list[BootResource]
    clocks: list[ClockResource]
    sources: list[SourceResource]
    gapRecords: list[GapResource]
    fills: list[FillResource]
    commands: list[CommandResource]


class AuditResource(TypedDict):
    """审计记录: one act; `act` is module:action, `device` address and agent of the person."""

    auditId: str
    at: str
    actor: str
    name: str
    role: str
    act: str
    subject: str
    detail: str
    reason: str
    device: str


class MeResource(TypedDict):
    """The person who asks."""

    personId: str
    username: str
    name: str
    role: str
    organisation: str
    regions: list[str]
    enterprises: list[str]
    permissions: list[str]
    commandKinds: list[str]


class OverviewResource(TypedDict):
    """The figures of the home page."""

    enterprises: int
    outlets: int
    online: int
    offline: int
    pending: int
    activeAlarms: SeverityCounts
    awaitingResponse: int


class TypeCountsResource(TypedDict):
    """The alarms of one type."""

    type: str
    counts: SeverityCounts


class RegionCountsResource(TypedDict):
    """The alarms of one county."""

    region: str
    name: NameResource
    counts: SeverityCounts


class AlarmCountsResource(TypedDict):
    """The alarms of a question, counted; not `whole` where there are more than were counted."""

    total: int
    active: int
    awaitingResponse: int
    byType: list[TypeCountsResource]
    byRegion: list[RegionCountsResource]
    whole: bool


class HealthResource(TypedDict):
    """Whether the API answers."""

    status: Literal["ok"]


class SignalResource(TypedDict, total=False):
    """One channel of an outlet or unit, and the value above which it is on, as text."""

    subject: str
    channel: Required[str]
    above: Required[str]
    unit: str


class FacilityWantedResource(TypedDict, total=False):
    """What must run before an outlet; a signal without subject is the outlet's own."""

    rule: Required[str]
    name: Required[NameResource]
    demand: Required[SignalResource]
    running: Required[list[SignalResource]]
    reason: str


class FacilityResource(TypedDict):
    """治理设施: `demand` tells that there is something to treat, any of `running` that it runs."""

    facilityId: str
    outletId: str
    rule: str
    name: NameResource
    demand: SignalResource
    running: list[SignalResource]


class ResponseResource(TypedDict, total=False):
    """What may come with a command."""

    reason: str


class FileResource(TypedDict):
    """A file, its content in base64."""

    name: str
    content: str


class SheetResource(TypedDict, total=False):
    """登记表: an Excel file in base64; `skipFaulty` registers the sound rows all the same."""

    content: Required[str]
    skipFaulty: bool


class SheetFaultResource(TypedDict):
    """One cell at fault; `row` is the number that the sheet shows."""

    row: int
    column: str
    heading: NameResource
    value: str
    says: NameResource


class RegisteredOutletResource(TypedDict):
    """One outlet that a sound row registers."""

    row: int
    outletId: str
    name: NameResource
    enterpriseName: NameResource
    mn: str
    thing: str


class SheetReportResource(TypedDict):
    """What a sheet holds; `marked` is the sheet with its faults as comments, None without any."""

    rows: int
    registered: bool
    outlets: list[RegisteredOutletResource]
    faults: list[SheetFaultResource]
    marked: FileResource | None


class ProblemResource(TypedDict):
    """RFC 9457 problem details; `titleZh` and `detailZh` are the Chinese wording."""

    type: str
    title: str
    titleZh: str
    status: int
    detail: str
    detailZh: str
    pointer: str
    traceId: str
