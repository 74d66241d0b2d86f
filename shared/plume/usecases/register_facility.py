"""Register what must run before an outlet while there is something to treat (治理设施登记)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from plume.errors import Conflict, NotThere
from plume.model.audit import AuditEntry
from plume.model.facility import Facility
from plume.model.identity import OutletId
from plume.model.outlet import Outlet
from plume.model.permission import Permission
from plume.model.person import Person
from plume.ports.alarms import Alarms
from plume.ports.audit import Audit
from plume.ports.notices import DeviceCommands
from plume.ports.registry import Registry
from plume.rules.treatment import judged_no_more
from plume.usecases.command_alarm import Response
from plume.usecases.in_sight import outlet_in_sight, require
from plume.usecases.raise_alarm import raise_alarm
from plume.usecases.tell_law import law_due


@dataclass(frozen=True, slots=True)
class FacilityDesk:
    """What registering facilities asks of the world."""

    registry: Registry
    alarms: Alarms
    audit: Audit
    device_commands: DeviceCommands


def require_may_register(asker: Person) -> None:
    """Refuse whoever may not register facilities.

    Raises:
        Forbidden: the asker's role may not.
    """
    require(asker, Permission.OUTLET_ONBOARD)


def list_facilities(asker: Person, key: OutletId, *, registry: Registry) -> Sequence[Facility]:
    """Give what must run before an outlet, by id.

    Raises:
        NotThere: no such outlet within the scope.
    """
    require(asker, Permission.MONITOR_VIEW)
    return _of(outlet_in_sight(asker, key, registry), registry)


def enter_facility(
    asker: Person, facility: Facility, said: Response, *, desk: FacilityDesk, now: datetime
) -> Facility:
    """Enter a facility, or replace the one of its id; the platform judges by it from then on.

    The sentinel on site does as soon as it is told.

    Raises:
        Forbidden: the role may not.
        NotThere: no such outlet within the scope.
        Conflict: another facility is judged by the same rule on the same demand: their alarms
            could not be told apart, so that one is retired first. Of two that are entered at
            the same moment at most one stays.
    """
    require_may_register(asker)
    outlet = outlet_in_sight(asker, facility.outlet, desk.registry)
    _stands_alone(facility, outlet, desk.registry)
    desk.registry.put_facility(facility)
    try:
        _stands_alone(facility, outlet, desk.registry)
    except Conflict:
        desk.registry.drop_facility(facility)
        raise
    desk.audit.add([_entry(asker, "facility:enter", facility, said, now)])
    law_due(outlet, device_commands=desk.device_commands, now=now)
    return facility


def retire_facility(
    asker: Person,
    where: tuple[OutletId, str],
    said: Response,
    *,
    desk: FacilityDesk,
    now: datetime,
) -> Facility:
    """Judge by a facility, named by outlet and id, no more; an alarm that is open is cleared.

    Raises:
        Forbidden: the role may not.
        NotThere: no such outlet within the scope, or no such facility before it.
    """
    require_may_register(asker)
    key, facility_id = where
    outlet = outlet_in_sight(asker, key, desk.registry)
    known = _of(outlet, desk.registry)
    found = next((one for one in known if one.id == facility_id), None)
    if found is None:
        raise NotThere("no such facility", zh="没有这个治理设施", pointer="/path/facility_id")
    desk.audit.add([_entry(asker, "facility:retire", found, said, now)])
    ended = judged_no_more(found, now)
    raise_alarm(ended, alarms=desk.alarms, registry=desk.registry, now=now)
    desk.registry.drop_facility(found)  # Until then all of it can be sent again.
    law_due(outlet, device_commands=desk.device_commands, now=now)
    return found


def _stands_alone(facility: Facility, outlet: Outlet, registry: Registry) -> None:
    """Refuse a facility whose alarms could not be told from those of another."""
    known = _of(outlet, registry)
    if any(one.id != facility.id and _cause(one) == _cause(facility) for one in known):
        raise Conflict(
            f"{facility.rule.id} is judged on {facility.demand.channel} already",
            zh=f"{facility.demand.channel} 已有按 {facility.rule.id} 研判的设施，请先停用",
            pointer="/demand/channel",
        )


def _of(outlet: Outlet, registry: Registry) -> Sequence[Facility]:
    return [one for one in registry.facilities(outlet.id) if one.outlet == outlet.id]


def _cause(facility: Facility) -> tuple[str, str]:
    """What its alarms are known by, beside the outlet."""
    return facility.rule.id, facility.demand.channel


def _entry(
    asker: Person, act: str, facility: Facility, said: Response, now: datetime
) -> AuditEntry:
    """One entry per command of a person, however often it is sent."""
    words = f"{asker.id}\n{said.key}\n{act}\n{facility.id}"
    thresholds = " ".join(f"{one.channel}>{one.above}" for one in facility.signals)
    return AuditEntry(
        id=f"FA{sha256(words.encode()).hexdigest()[:24]}",
        at=now,
        actor=asker.id,
        name=asker.name,
        role=asker.role.value,
        act=act,
        subject=f"outlet#{facility.outlet}",
        detail=f"{facility.rule.id} {facility.id} {thresholds}"[:500],
        reason=said.reason,
        device=said.device,
    )
