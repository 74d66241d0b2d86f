"""Every endpoint of the API as data: routes, checks of input and OpenAPI all come from here."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from plume.model.alarm import Condition, Handling
from plume.model.command import CommandState
from plume.model.event import MediaKind
from plume.model.finding import AlarmType, Severity, Source
from plume.model.permission import Permission
from plume.model.reading import Span
from plume.wire import parameters as p
from plume.wire import resources as r

FACTOR = r"[0-9A-Za-z]{1,12}"
MOST_CHANNELS = 32
PLAYLIST = "application/vnd.apple.mpegurl"


class AskedStep(StrEnum):
    """Widths of a point that may be asked for; `auto` follows from the range."""

    AUTO = "auto"
    RAW = "raw"
    MINUTE = "1m"
    HOUR = "1h"
    DAY = "1d"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path; `permission` None is public, `listed` answers a page of items.

    `body` is what a command may bring along, `kind` the media type of the answer.
    """

    name: str
    method: str
    path: str
    says: str
    answer: Any
    permission: Permission | None
    parameters: tuple[p.Parameter, ...] = ()
    listed: bool = False
    logged_in: bool = True
    body: Any = r.ResponseResource
    kind: str = "application/json"


CURSOR = p.word("cursor", "Where the page before ended (nextCursor)", pattern=r"[\w=.-]{1,256}")
SINCE = p.moment("from", "Start of the range, included")
UNTIL = p.moment("to", "End of the range, excluded")
REGION = p.word("region", "Region code or prefix of one", pattern=r"[0-9]{2,6}")


def _limit(default: int, most: int) -> p.Parameter:
    return p.count("limit", "Items on a page", least=1, most=most, default=default)


_PAGE = (_limit(500, 1_000), CURSOR)
_FRAMES = (SINCE, UNTIL, _limit(50, 200), CURSOR)

ME = Endpoint("me", "GET", "/me", "Who asks, and what they may do.", r.MeResource, None)
REGIONS = Endpoint(
    "regions",
    "GET",
    "/regions",
    "Prefectures and counties.",
    r.RegionResource,
    Permission.REGION_VIEW,
    _PAGE,
    listed=True,
)
OVERVIEW = Endpoint(
    "overview",
    "GET",
    "/overview",
    "Figures of the home page.",
    r.OverviewResource,
    Permission.HOME_VIEW,
    (REGION,),
)
ENTERPRISES = Endpoint(
    "enterprises",
    "GET",
    "/enterprises",
    "Enterprises within the scope.",
    r.EnterpriseResource,
    Permission.MONITOR_VIEW,
    (REGION, *_PAGE),
    listed=True,
)
ENTERPRISE = Endpoint(
    "enterprise",
    "GET",
    "/enterprises/{enterprise_id}",
    "One enterprise.",
    r.EnterpriseResource,
    Permission.MONITOR_VIEW,
)
OUTLETS = Endpoint(
    "outlets",
    "GET",
    "/outlets",
    "Outlets within the scope.",
    r.OutletResource,
    Permission.MONITOR_VIEW,
    (REGION, p.word("enterprise", "Of this enterprise"), *_PAGE),
    listed=True,
)
OUTLET = Endpoint(
    "outlet",
    "GET",
    "/outlets/{outlet_id}",
    "One outlet.",
    r.OutletResource,
    Permission.MONITOR_VIEW,
)
CAMERAS = Endpoint(
    "cameras",
    "GET",
    "/outlets/{outlet_id}/cameras",
    "The cameras of an outlet.",
    r.CameraResource,
    Permission.VIDEO_VIEW,
    listed=True,
)
LATEST = Endpoint(
    "latest",
    "GET",
    "/outlets/{outlet_id}/latest",
    "The newest value of each factor and kind.",
    r.LatestResource,
    Permission.MONITOR_VIEW,
    listed=True,
)
SERIES = Endpoint(
    "series",
    "GET",
    "/outlets/{outlet_id}/series",
    "Curves of telemetry.",
    r.SeriesResource,
    Permission.MONITOR_VIEW,
    (
        p.words("channels", "Factor codes", pattern=FACTOR, most=MOST_CHANNELS),
        SINCE,
        UNTIL,
        p.choice(AskedStep, "step", "Width of one point", default=AskedStep.AUTO),
        p.count("maxPoints", "Points at most", least=100, most=10_000, default=2_000),
    ),
)
READINGS = Endpoint(
    "readings",
    "GET",
    "/outlets/{outlet_id}/readings",
    "Official values, the newest version known.",
    r.ReadingResource,
    Permission.MONITOR_VIEW,
    (
        p.choice(Span, "span", "Length of the interval", required=True),
        SINCE,
        UNTIL,
        p.moment("asKnownAt", "As it was known at this time"),
        p.words("factors", "Only these factor codes", pattern=FACTOR, most=MOST_CHANNELS),
        _limit(5_000, 10_000),
        CURSOR,
    ),
    listed=True,
)
WATCH = Endpoint(
    "watch",
    "POST",
    "/outlets/{outlet_id}/cameras/{camera_id}/live",
    "Ask for a camera's live view, or for another minute of it.",
    r.LiveResource,
    Permission.VIDEO_VIEW,
)
LIVE = Endpoint(
    "live",
    "GET",
    "/outlets/{outlet_id}/cameras/{camera_id}/live.m3u8",
    "The playlist of the live view (HLS); 202 while there is nothing to see yet.",
    str,
    Permission.VIDEO_VIEW,
    kind=PLAYLIST,
)
MEDIA = Endpoint(
    "media",
    "GET",
    "/outlets/{outlet_id}/media",
    "Snapshots and clips that show any of the range, newest first.",
    r.MediaResource,
    Permission.VIDEO_VIEW,
    (SINCE, UNTIL, p.choice(MediaKind, "kind", "Only these"), _limit(50, 200), CURSOR),
    listed=True,
)
ALARM_MEDIA = Endpoint(
    "alarm_media",
    "GET",
    "/alarms/{alarm_id}/media",
    "What was filmed because of an alarm.",
    r.MediaResource,
    Permission.VIDEO_VIEW,
    listed=True,
)
ONE_MEDIA = Endpoint(
    "one_media",
    "GET",
    "/media/{media_id}",
    "One snapshot or clip, with the path that shows it.",
    r.ShownMediaResource,
    Permission.VIDEO_VIEW,
)
MEDIA_PLAYLIST = Endpoint(
    "media_playlist",
    "GET",
    "/media/{media_id}/playlist.m3u8",
    "The playlist of a clip that lies in pieces (HLS).",
    str,
    Permission.VIDEO_VIEW,
    kind=PLAYLIST,
)
FRAMES = Endpoint(
    "frames",
    "GET",
    "/outlets/{outlet_id}/frames",
    "Verbatim frames of an outlet, newest first.",
    r.FrameResource,
    Permission.FRAME_VIEW,
    _FRAMES,
    listed=True,
)
DEVICES = Endpoint(
    "devices",
    "GET",
    "/devices",
    "Edge devices within the scope, with the data loggers behind them.",
    r.DeviceResource,
    Permission.DEVICE_VIEW,
    _PAGE,
    listed=True,
)
DEVICE = Endpoint(
    "device",
    "GET",
    "/devices/{thing}",
    "One device: state, clocks, sources, gaps, recent commands.",
    r.DeviceDetailResource,
    Permission.DEVICE_VIEW,
)
DEVICE_CLOCKS = Endpoint(
    "device_clocks",
    "GET",
    "/devices/{thing}/clocks",
    "How one clock of a device went, oldest first.",
    r.ClockResource,
    Permission.DEVICE_VIEW,
    (
        p.word("subject", "An outlet's data logger, or the device itself", default="edge"),
        SINCE,
        UNTIL,
        _limit(2_000, 10_000),
    ),
    listed=True,
)
DEVICE_FRAMES = Endpoint(
    "device_frames",
    "GET",
    "/devices/{thing}/frames",
    "Verbatim frames of a device that belong to none of its outlets.",
    r.FrameResource,
    Permission.DEVICE_VIEW,
    _FRAMES,
    listed=True,
)
_OF_ALARMS = (
    SINCE,
    UNTIL,
    p.choices(AlarmType, "type", "Kinds of alarm"),
    p.choices(Severity, "severity", "Severities"),
    p.choice(Condition, "condition", "Whether the cause persists"),
    p.choice(Handling, "handling", "Who must do what next"),
    p.choice(Source, "source", "Who opened it: the platform, or the edge while offline"),
    p.word("outlet", "Of this outlet"),
    p.word("enterprise", "Of this enterprise"),
    REGION,
    p.word("factor", "Of this factor", pattern=FACTOR),
)
ALARMS = Endpoint(
    "alarms",
    "GET",
    "/alarms",
    "Alarms within the scope, newest change first.",
    r.AlarmResource,
    Permission.ALARM_VIEW,
    (*_OF_ALARMS, _limit(50, 200), CURSOR),
    listed=True,
)
ALARM_COUNTS = Endpoint(
    "alarm_counts",
    "GET",
    "/alarm-counts",
    "How many alarms there are of each type and in each county, by severity.",
    r.AlarmCountsResource,
    Permission.ALARM_VIEW,
    _OF_ALARMS,
)
ALARM = Endpoint(
    "alarm", "GET", "/alarms/{alarm_id}", "One alarm.", r.AlarmResource, Permission.ALARM_VIEW
)
ALARM_COMMAND = Endpoint(
    "alarm_command",
    "POST",
    "/alarms/{alarm_id}/{command}",
    "Command an alarm: acknowledge, or resolve with a reason what no data clear.",
    r.AlarmResource,
    Permission.ALARM_ACKNOWLEDGE,
)
COMMANDS = Endpoint(
    "commands",
    "GET",
    "/commands",
    "Commands to plants within the scope, newest first.",
    r.CommandResource,
    Permission.COMMAND_VIEW,
    (
        p.word("outletId", "Of this outlet"),
        p.word("thing", "Of this device"),
        p.choices(CommandState, "state", "States"),
        _limit(50, 200),
        CURSOR,
    ),
    listed=True,
)
COMMAND_ISSUE = Endpoint(
    "command_issue",
    "POST",
    "/commands",
    "Ask a plant for something; some kinds wait for a second person.",
    r.CommandResource,
    Permission.COMMAND_ASK,
    body=r.CommandWantedResource,
)
COMMAND = Endpoint(
    "command",
    "GET",
    "/commands/{command_id}",
    "One command.",
    r.CommandResource,
    Permission.COMMAND_VIEW,
)
COMMAND_MOVE = Endpoint(
    "command_move",
    "POST",
    "/commands/{command_id}/{move}",
    "Decide on a command: approve, reject, withdraw.",
    r.CommandResource,
    Permission.COMMAND_APPROVE,
)
ONBOARDING_SHEET = Endpoint(
    "onboarding_sheet",
    "GET",
    "/onboarding/sheet",
    "An empty sheet to register outlets with, as an Excel file.",
    r.FileResource,
    Permission.OUTLET_ONBOARD,
)
ONBOARDING_COMMAND = Endpoint(
    "onboarding_command",
    "POST",
    "/onboarding/{command}",
    "Check a sheet of outlets, or register what it says: check, register.",
    r.SheetReportResource,
    Permission.OUTLET_ONBOARD,
    body=r.SheetResource,
)
FACILITIES = Endpoint(
    "facilities",
    "GET",
    "/outlets/{outlet_id}/facilities",
    "What must run before an outlet while there is something to treat.",
    r.FacilityResource,
    Permission.MONITOR_VIEW,
    listed=True,
)
FACILITY_ENTER = Endpoint(
    "facility_enter",
    "POST",
    "/outlets/{outlet_id}/facilities",
    "Register what must run before an outlet, or change its names and thresholds.",
    r.FacilityResource,
    Permission.OUTLET_ONBOARD,
    body=r.FacilityWantedResource,
)
FACILITY_RETIRE = Endpoint(
    "facility_retire",
    "POST",
    "/outlets/{outlet_id}/facilities/{facility_id}/retire",
    "Judge by a facility no more.",
    r.FacilityResource,
    Permission.OUTLET_ONBOARD,
)
AUDIT = Endpoint(
    "audit",
    "GET",
    "/audit",
    "What people and devices did, newest first; a short page may have a next one.",
    r.AuditResource,
    Permission.AUDIT_VIEW,
    (
        SINCE,
        UNTIL,
        p.word("act", "Act or its beginning: command, alarm:resolve", pattern=r"[a-z_:]{1,64}"),
        p.word("actor", "Id or name of whoever acted", pattern=r"[^\x00-\x1f]{1,64}"),
        p.word("subject", "What it was done to", pattern=r"[\w#.:-]{1,128}"),
        _limit(50, 200),
        CURSOR,
    ),
    listed=True,
)
HEALTH = Endpoint(
    "health",
    "GET",
    "/health",
    "Whether the API answers.",
    r.HealthResource,
    None,
    logged_in=False,
)
OPENAPI = Endpoint(
    "openapi", "GET", "/openapi.json", "This description.", dict, None, logged_in=False
)

ENDPOINTS = (
    ME,
    REGIONS,
    OVERVIEW,
    ENTERPRISES,
    ENTERPRISE,
    OUTLETS,
    OUTLET,
    CAMERAS,
    LATEST,
    SERIES,
    READINGS,
    WATCH,
    LIVE,
    MEDIA,
    ALARM_MEDIA,
    ONE_MEDIA,
    MEDIA_PLAYLIST,
    FRAMES,
    DEVICES,
    DEVICE,
    DEVICE_CLOCKS,
    DEVICE_FRAMES,
    ALARMS,
    ALARM_COUNTS,
    ALARM,
    ALARM_COMMAND,
    COMMANDS,
    COMMAND_ISSUE,
    COMMAND,
    COMMAND_MOVE,
    ONBOARDING_SHEET,
    ONBOARDING_COMMAND,
    FACILITIES,
    FACILITY_ENTER,
    FACILITY_RETIRE,
    AUDIT,
    HEALTH,
    OPENAPI,
)
