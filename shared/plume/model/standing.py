"""How things stand right now: what a list or a card of the page says of an object."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from plume.model.finding import AlarmType, Severity
from plume.model.identity import RegionCode
from plume.model.limit import Limit
from plume.model.outlet import Enterprise, Name, Outlet

Counts = Mapping[Severity, int]


class OutletState(StrEnum):
    """Never heard (待接入), heard within ten minutes (在线), or silent (离线)."""

    PENDING = "pending"
    ONLINE = "online"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class OutletStanding:
    """One outlet with its limits, its last word, and its active alarms by severity."""

    outlet: Outlet
    enterprise_name: Name
    limits: tuple[Limit, ...]
    state: OutletState
    data_at: datetime | None
    received_at: datetime | None
    active: Counts = field(default_factory=dict)
    cameras: int = 0


@dataclass(frozen=True, slots=True)
class EnterpriseStanding:
    """One enterprise with its outlets within the asker's scope."""

    enterprise: Enterprise
    region_name: Name
    outlets: tuple[OutletStanding, ...]
    active: Counts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of the home page."""

    enterprises: int
    states: Mapping[OutletState, int]
    active: Counts
    awaiting_response: int


@dataclass(frozen=True, slots=True)
class AlarmCounts:
    """The alarms of a question, counted by severity; not `whole` where there are still more."""

    by_type: Mapping[AlarmType, Counts]
    by_region: Mapping[RegionCode, Counts]
    region_names: Mapping[RegionCode, Name]
    active: int
    awaiting_response: int
    whole: bool
