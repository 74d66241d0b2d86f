"""The edge devices within someone's scope, as they stand (数据接入, A-10)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from plume.model.device import Device
from plume.model.device_standing import DeviceStanding
from plume.model.event import ClockOffset
from plume.model.identity import EnterpriseId, OutletId, ThingName
from plume.model.outlet import Name, Outlet
from plume.model.permission import Permission
from plume.model.person import Person, Scope
from plume.ports.device_standings import DeviceStandings
from plume.ports.latest import Heard, Latest
from plume.ports.registry import Registry
from plume.usecases.in_sight import device_in_sight, require
from plume.usecases.show_standing import state_of

ONLINE_WITHIN = timedelta(minutes=10)
UNNAMED = Name("", "")


class DeviceState(StrEnum):
    """Never heard (待接入), heard within ten minutes (在线), or silent (静默)."""

    NEVER = "never"
    ONLINE = "online"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class DeviceWorld:
    """What devices are shown from."""

    registry: Registry
    latest: Latest
    standings: DeviceStandings


@dataclass(frozen=True, slots=True)
class ShownLogger:
    """One outlet behind the device: its data logger and when it was last heard."""

    outlet: Outlet
    state: str
    heard: Heard | None


@dataclass(frozen=True, slots=True)
class ShownDevice:
    """One device with the loggers behind it; `device` is None where only a list is shown."""

    thing: ThingName
    enterprise: EnterpriseId
    enterprise_name: Name
    state: DeviceState
    standing: DeviceStanding
    loggers: tuple[ShownLogger, ...]
    device: Device | None = None


def list_devices(asker: Person, *, world: DeviceWorld, now: datetime) -> Sequence[ShownDevice]:
    """Give every device that stands before an outlet within the asker's scope, by its name."""
    require(asker, Permission.DEVICE_VIEW)
    outlets = [one for one in world.registry.outlets(asker.scope) if one.thing]
    return _shown(outlets, world, now)


def show_device(
    asker: Person, thing: ThingName, *, world: DeviceWorld, now: datetime
) -> ShownDevice:
    """Give one device with everything known of it.

    Raises:
        NotThere: none with this name within the scope.
    """
    require(asker, Permission.DEVICE_VIEW)
    device = device_in_sight(asker, thing, world.registry)
    near = world.registry.outlets(Scope(enterprises=(device.enterprise,)))
    outlets = [outlet for outlet in near if outlet.thing == thing]
    found = _shown(outlets, world, now)
    shown = found[0] if found else _without_outlets(device, world, now)
    return replace(shown, device=device)


def read_clocks(
    asker: Person,
    thing: ThingName,
    subject: str,
    between: tuple[datetime, datetime],
    *,
    world: DeviceWorld,
) -> Sequence[ClockOffset]:
    """Give how one clock of a device went within `[since, until)`, oldest first.

    Raises:
        NotThere: none with this name within the scope.
    """
    require(asker, Permission.DEVICE_VIEW)
    device = device_in_sight(asker, thing, world.registry)
    return world.standings.clocks(device.thing, subject, *between)


def device_state(standing: DeviceStanding, now: datetime) -> DeviceState:
    """Tell whether a device is heard."""
    if standing.heard is None:
        return DeviceState.NEVER
    is_fresh = now - standing.heard.received_at <= ONLINE_WITHIN
    return DeviceState.ONLINE if is_fresh else DeviceState.SILENT


def _shown(outlets: Sequence[Outlet], world: DeviceWorld, now: datetime) -> list[ShownDevice]:
    """Join what is known, in four requests whatever the number."""
    names = _names(outlets, world.registry)
    heard = world.latest.heard([outlet.id for outlet in outlets])
    things = sorted({outlet.thing for outlet in outlets})
    standings = world.standings.of(things)
    ordered = sorted(outlets, key=lambda one: (one.thing, one.id))
    found = []
    for thing, group in groupby(ordered, key=lambda one: one.thing):
        mine = list(group)
        standing = standings.get(thing, DeviceStanding(thing))
        found.append(
            ShownDevice(
                thing=thing,
                enterprise=mine[0].enterprise,
                enterprise_name=names.get(mine[0].enterprise, UNNAMED),
                state=device_state(standing, now),
                standing=standing,
                loggers=tuple(_logger(outlet, heard, now) for outlet in mine),
            )
        )
    return found


def _without_outlets(device: Device, world: DeviceWorld, now: datetime) -> ShownDevice:
    found = world.standings.of([device.thing])
    standing = found.get(device.thing, DeviceStanding(device.thing))
    owner = world.registry.enterprise(device.enterprise)
    return ShownDevice(
        thing=device.thing,
        enterprise=device.enterprise,
        enterprise_name=owner.name if owner else UNNAMED,
        state=device_state(standing, now),
        standing=standing,
        loggers=(),
    )


def _logger(outlet: Outlet, heard: dict[OutletId, Heard], now: datetime) -> ShownLogger:
    last = heard.get(outlet.id)
    return ShownLogger(outlet, state_of(last, now).value, last)


def _names(outlets: Sequence[Outlet], registry: Registry) -> dict[EnterpriseId, Name]:
    keys = tuple(sorted({outlet.enterprise for outlet in outlets}))
    found = registry.enterprises(Scope(enterprises=keys)) if keys else ()
    return {enterprise.id: enterprise.name for enterprise in found}
