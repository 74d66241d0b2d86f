"""The alarms within someone's scope, with the names a page shows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from plume.model.alarm import Alarm
from plume.model.identity import AlarmId, EnterpriseId, OutletId
from plume.model.outlet import Name
from plume.model.permission import Permission
from plume.model.person import Person, Scope
from plume.ports.alarms import AlarmQuery, Alarms
from plume.ports.registry import Registry
from plume.usecases.command_alarm import offered
from plume.usecases.in_sight import alarm_in_sight, require

UNNAMED = Name("", "")
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class NamedAlarm:
    """One alarm, the names of what it is about, and what the asker may do with it now."""

    alarm: Alarm
    outlet_name: Name
    enterprise_name: Name
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedAlarmPage:
    """One page, newest change first; `cursor` is empty at the end."""

    items: tuple[NamedAlarm, ...]
    cursor: str


def list_alarms(
    asker: Person,
    query: AlarmQuery,
    *,
    part: tuple[int, str],
    alarms: Alarms,
    registry: Registry,
) -> NamedAlarmPage:
    """Give one page of the alarms within the asker's scope; `part` is its size and cursor."""
    require(asker, Permission.ALARM_VIEW)
    most, cursor = part
    page = alarms.page(query, asker.scope, most=most, cursor=cursor)
    return NamedAlarmPage(named(page.items, asker, registry), page.cursor)


def every_alarm(alarms: Alarms, query: AlarmQuery, scope: Scope) -> Iterator[Alarm]:
    """Give all alarms within the scope, page after page, as far as somebody takes them."""
    cursor = ""
    while True:
        page = alarms.page(query, scope, most=MOST_AT_ONCE, cursor=cursor)
        yield from page.items
        cursor = page.cursor
        if not cursor:
            return


def show_alarm(asker: Person, key: AlarmId, *, alarms: Alarms, registry: Registry) -> NamedAlarm:
    """Give one alarm.

    Raises:
        NotThere: none with this id within the scope.
    """
    require(asker, Permission.ALARM_VIEW)
    return named([alarm_in_sight(asker, key, alarms)], asker, registry)[0]


def named(alarms: Sequence[Alarm], asker: Person, registry: Registry) -> tuple[NamedAlarm, ...]:
    """Join names to alarms, in two requests whatever their number."""
    outlets = _outlet_names({alarm.outlet for alarm in alarms}, registry)
    enterprises = _enterprise_names({alarm.enterprise for alarm in alarms}, registry)
    return tuple(
        NamedAlarm(
            alarm,
            outlets.get(alarm.outlet, UNNAMED),
            enterprises.get(alarm.enterprise, UNNAMED),
            offered(alarm, asker.role),
        )
        for alarm in alarms
    )


def _outlet_names(keys: set[OutletId], registry: Registry) -> Mapping[OutletId, Name]:
    found = registry.outlets(Scope(outlets=tuple(sorted(keys)))) if keys else ()
    return {outlet.id: outlet.name for outlet in found}


def _enterprise_names(keys: set[EnterpriseId], registry: Registry) -> Mapping[EnterpriseId, Name]:
    found = registry.enterprises(Scope(enterprises=tuple(sorted(keys)))) if keys else ()
    return {enterprise.id: enterprise.name for enterprise in found}
