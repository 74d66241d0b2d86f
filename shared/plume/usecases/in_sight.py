"""Find an object for someone: what is out of their scope does not exist for them."""

from datetime import datetime, timedelta

from plume.errors import Forbidden, LoginTooOld, NotThere
from plume.model.alarm import Alarm
from plume.model.command import CommandId, CommandRecord
from plume.model.device import Device
from plume.model.identity import AlarmId, EnterpriseId, OutletId, ThingName
from plume.model.outlet import Enterprise, Outlet
from plume.model.permission import PERMISSIONS, Permission
from plume.model.person import Person
from plume.ports.alarms import Alarms
from plume.ports.commands import Commands
from plume.ports.registry import Registry

RECENT = timedelta(minutes=5)
"""How old a login may be when something dangerous is approved. Our choice; M04 names none."""


def require_recent_login(asker: Person, now: datetime) -> None:
    """Let only those go on who have proved a moment ago who they are.

    Raises:
        LoginTooOld: log in again, and try again.
    """
    if asker.logged_in_at is None or now - asker.logged_in_at > RECENT:
        raise LoginTooOld("log in again to do this", zh="此操作须重新验证身份")


def require(asker: Person, permission: Permission) -> None:
    """Let only those go on whose role has the permission.

    Raises:
        Forbidden: the role has it not, whatever the object.
    """
    if asker.disabled or permission not in PERMISSIONS[asker.role]:
        raise Forbidden(
            f"role {asker.role.value} lacks {permission.value}",
            zh=f"当前角色没有 {permission.value} 权限",
        )


def outlet_in_sight(asker: Person, key: OutletId, registry: Registry) -> Outlet:
    """Give the outlet.

    Raises:
        NotThere: none with this id, or out of scope.
    """
    outlet = registry.outlet(key)
    if outlet is None or not asker.scope.covers(
        region=outlet.region, enterprise=outlet.enterprise, outlet=outlet.id
    ):
        raise NotThere("no such outlet", zh="没有这个排放口", pointer="/path/outlet_id")
    return outlet


def enterprise_in_sight(asker: Person, key: EnterpriseId, registry: Registry) -> Enterprise:
    """Give the enterprise; one with an outlet under the asker's contract is in sight, too.

    Raises:
        NotThere: none with this id, or out of scope.
    """
    enterprise = registry.enterprise(key)
    if enterprise is None or not _covers_enterprise(asker, enterprise, registry):
        raise NotThere("no such enterprise", zh="没有这个企业", pointer="/path/enterprise_id")
    return enterprise


def _covers_enterprise(asker: Person, enterprise: Enterprise, registry: Registry) -> bool:
    if asker.scope.covers(region=enterprise.region, enterprise=enterprise.id):
        return True
    contracts = map(registry.outlet, asker.scope.outlets)
    return any(outlet is not None and outlet.enterprise == enterprise.id for outlet in contracts)


def alarm_in_sight(asker: Person, key: AlarmId, alarms: Alarms) -> Alarm:
    """Give the alarm.

    Raises:
        NotThere: none with this id, or out of scope.
    """
    alarm = alarms.get(key)
    if alarm is None or not asker.scope.covers(
        region=alarm.region, enterprise=alarm.enterprise, outlet=alarm.outlet
    ):
        raise NotThere("no such alarm", zh="没有这个报警", pointer="/path/alarm_id")
    return alarm


def device_in_sight(asker: Person, key: ThingName, registry: Registry) -> Device:
    """Give the device, by the enterprise it stands at.

    Raises:
        NotThere: none with this name, or out of scope.
    """
    device = registry.device(key)
    owner = None if device is None else registry.enterprise(device.enterprise)
    if device is None or owner is None:
        raise NotThere("no such device", zh="没有这个设备", pointer="/path/thing")
    if not asker.scope.covers(region=owner.region, enterprise=owner.id):
        raise NotThere("no such device", zh="没有这个设备", pointer="/path/thing")
    return device


def command_in_sight(asker: Person, key: CommandId, commands: Commands) -> CommandRecord:
    """Give the command with what became of it.

    Raises:
        NotThere: none with this id, or out of scope.
    """
    record = commands.get(key)
    if record is None or not asker.scope.covers(
        region=record.region,
        enterprise=record.enterprise,
        outlet=record.command.outlet or "",
    ):
        raise NotThere("no such command", zh="没有这个命令", pointer="/path/command_id")
    return record
