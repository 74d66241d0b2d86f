"""How the enterprises and outlets of someone's scope stand right now."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from plume.model.alarm import Alarm, Condition, Handling
from plume.model.identity import EnterpriseId, OutletId
from plume.model.outlet import Enterprise, Name, Outlet
from plume.model.permission import Permission
from plume.model.person import Person, Scope
from plume.model.standing import EnterpriseStanding, OutletStanding, OutletState, Overview
from plume.ports.alarms import AlarmQuery, Alarms
from plume.ports.latest import Heard, Latest
from plume.ports.registry import Registry
from plume.usecases.in_sight import enterprise_in_sight, outlet_in_sight, require
from plume.usecases.read_alarms import UNNAMED, every_alarm

ONLINE_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class StandingWorld:
    """What a standing is read from."""

    registry: Registry
    latest: Latest
    alarms: Alarms


def show_outlets(asker: Person, *, world: StandingWorld, now: datetime) -> list[OutletStanding]:
    """Give the outlets within the asker's scope, by id."""
    require(asker, Permission.MONITOR_VIEW)
    outlets = world.registry.outlets(asker.scope)
    return _standings(outlets, asker.scope, world, now)


def show_outlet(
    asker: Person, key: OutletId, *, world: StandingWorld, now: datetime
) -> OutletStanding:
    """Give one outlet.

    Raises:
        NotThere: none with this id within the scope.
    """
    require(asker, Permission.MONITOR_VIEW)
    outlet = outlet_in_sight(asker, key, world.registry)
    return _standings([outlet], Scope(outlets=(outlet.id,)), world, now)[0]


def show_enterprises(
    asker: Person, *, world: StandingWorld, now: datetime
) -> list[EnterpriseStanding]:
    """Give the enterprises within the asker's scope, by id, each with its outlets in scope."""
    require(asker, Permission.MONITOR_VIEW)
    outlets = show_outlets(asker, world=world, now=now)
    regions = _region_names(world.registry)
    return [
        _enterprise(enterprise, outlets, regions)
        for enterprise in world.registry.enterprises(asker.scope)
    ]


def show_enterprise(
    asker: Person, key: EnterpriseId, *, world: StandingWorld, now: datetime
) -> EnterpriseStanding:
    """Give one enterprise.

    Raises:
        NotThere: none with this id within the scope.
    """
    require(asker, Permission.MONITOR_VIEW)
    enterprise = enterprise_in_sight(asker, key, world.registry)
    owned = world.registry.outlets(Scope(enterprises=(key,)))
    mine = [outlet for outlet in owned if _covers(asker.scope, outlet)]
    scope = Scope(outlets=tuple(outlet.id for outlet in mine))
    standings = _standings(mine, scope, world, now)
    return _enterprise(enterprise, standings, _region_names(world.registry))


def show_overview(
    asker: Person, *, region: str = "", world: StandingWorld, now: datetime
) -> Overview:
    """Count what is within the asker's scope, and within `region` when it is given."""
    require(asker, Permission.HOME_VIEW)
    outlets = [one for one in world.registry.outlets(asker.scope) if one.region.startswith(region)]
    heard = world.latest.heard([outlet.id for outlet in outlets])
    active = list(_active(world.alarms, asker.scope, AlarmQuery(region=region or None)))
    waiting = AlarmQuery(region=region or None, handling=Handling.AWAITING_RESPONSE)
    enterprises = world.registry.enterprises(asker.scope)
    return Overview(
        enterprises=sum(one.region.startswith(region) for one in enterprises),
        states=Counter(state_of(heard.get(outlet.id), now) for outlet in outlets),
        active=Counter(alarm.severity for alarm in active),
        awaiting_response=sum(1 for _ in every_alarm(world.alarms, waiting, asker.scope)),
    )


def state_of(heard: Heard | None, now: datetime) -> OutletState:
    """Tell whether an outlet is heard."""
    if heard is None:
        return OutletState.PENDING
    fresh = now - heard.received_at <= ONLINE_WITHIN
    return OutletState.ONLINE if fresh else OutletState.OFFLINE


def _standings(
    outlets: Sequence[Outlet], scope: Scope, world: StandingWorld, now: datetime
) -> list[OutletStanding]:
    keys = [outlet.id for outlet in outlets]
    names = _enterprise_names({outlet.enterprise for outlet in outlets}, world.registry)
    limits, heard = world.registry.limits_of(keys), world.latest.heard(keys)
    cameras = world.registry.cameras_of(keys)
    active = _by_outlet(_active(world.alarms, scope, AlarmQuery())) if keys else {}
    return [
        OutletStanding(
            outlet=outlet,
            enterprise_name=names.get(outlet.enterprise, UNNAMED),
            limits=tuple(limits[outlet.id]),
            state=state_of(heard.get(outlet.id), now),
            data_at=heard[outlet.id].data_at if outlet.id in heard else None,
            received_at=heard[outlet.id].received_at if outlet.id in heard else None,
            active=Counter(alarm.severity for alarm in active.get(outlet.id, ())),
            cameras=len(cameras[outlet.id]),
        )
        for outlet in outlets
    ]


def _enterprise(
    enterprise: Enterprise, outlets: Iterable[OutletStanding], regions: Mapping[str, Name]
) -> EnterpriseStanding:
    mine = tuple(one for one in outlets if one.outlet.enterprise == enterprise.id)
    active = sum((Counter(one.active) for one in mine), Counter())
    region = regions.get(enterprise.region, UNNAMED)
    return EnterpriseStanding(enterprise, region, mine, active)


def _enterprise_names(keys: set[EnterpriseId], registry: Registry) -> dict[EnterpriseId, Name]:
    found = registry.enterprises(Scope(enterprises=tuple(sorted(keys))))
    return {enterprise.id: enterprise.name for enterprise in found}


def _region_names(registry: Registry) -> dict[str, Name]:
    return {region.code: region.name for region in registry.regions()}


def _by_outlet(alarms: Iterable[Alarm]) -> dict[OutletId, list[Alarm]]:
    found: dict[OutletId, list[Alarm]] = {}
    for alarm in alarms:
        found.setdefault(alarm.outlet, []).append(alarm)
    return found


def _active(alarms: Alarms, scope: Scope, query: AlarmQuery) -> Iterator[Alarm]:
    narrowed = AlarmQuery(region=query.region, condition=Condition.ACTIVE)
    return every_alarm(alarms, narrowed, scope)


def _covers(scope: Scope, outlet: Outlet) -> bool:
    return scope.covers(region=outlet.region, enterprise=outlet.enterprise, outlet=outlet.id)
