"""What each role may do, as data: `module:action` (权限). Where to is the scope's matter."""

from enum import StrEnum

from plume.model.person import Role


class Permission(StrEnum):
    """What the pages and the API ask for, product.md 8.0."""

    REGION_VIEW = "region:view"
    HOME_VIEW = "home:view"
    MONITOR_VIEW = "monitor:view"
    FRAME_VIEW = "frame:view"
    VIDEO_VIEW = "video:view"
    ALARM_VIEW = "alarm:view"
    ALARM_ACKNOWLEDGE = "alarm:acknowledge"
    ALARM_RESOLVE = "alarm:resolve"
    DEVICE_VIEW = "device:view"
    OUTLET_ONBOARD = "outlet:onboard"
    COMMAND_VIEW = "command:view"
    COMMAND_ASK = "command:ask"
    """Which kinds a role may ask for says `plume.model.command.MAY_ASK`."""
    COMMAND_APPROVE = "command:approve"
    AUDIT_VIEW = "audit:view"


_LOOK = frozenset(
    {
        Permission.REGION_VIEW,
        Permission.HOME_VIEW,
        Permission.MONITOR_VIEW,
        Permission.FRAME_VIEW,
        Permission.VIDEO_VIEW,
        Permission.ALARM_VIEW,
        Permission.COMMAND_VIEW,
    }
)
_ACT = _LOOK | {Permission.ALARM_ACKNOWLEDGE, Permission.COMMAND_ASK}
_SUPERVISE = _ACT | {
    Permission.ALARM_RESOLVE,
    Permission.DEVICE_VIEW,
    Permission.COMMAND_APPROVE,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CITY_CENTRE: _SUPERVISE | {Permission.OUTLET_ONBOARD},
    Role.CITY_ENFORCEMENT: _SUPERVISE,
    Role.COUNTY: _SUPERVISE,
    Role.ENTERPRISE: _ACT,
    Role.OPERATOR: _ACT,
    Role.LEADER: _LOOK | {Permission.DEVICE_VIEW},
    Role.SYSTEM_ADMIN: frozenset(
        {
            Permission.REGION_VIEW,
            Permission.DEVICE_VIEW,
            Permission.OUTLET_ONBOARD,
            Permission.COMMAND_VIEW,
            Permission.COMMAND_ASK,
        }
    ),
    Role.SECURITY_ADMIN: frozenset({Permission.REGION_VIEW}),
    Role.AUDIT_ADMIN: frozenset({Permission.REGION_VIEW, Permission.AUDIT_VIEW}),
}
