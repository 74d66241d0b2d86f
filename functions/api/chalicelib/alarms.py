"""Alarms: lists, details, and what people do with them."""

from typing import Any

from chalice.app import Blueprint
from chalicelib.answers import page
from chalicelib.asking import (
    asker_of,
    device_of,
    idempotency_key_of,
    in_order,
    now,
    query_of,
    reason_of,
)

from plume.aws import wiring
from plume.errors import NotThere
from plume.flows.alarm import AlarmCommand
from plume.model.identity import AlarmId, OutletId
from plume.ports.alarms import AlarmQuery
from plume.usecases.command_alarm import AlarmDesk, Response, command_alarm
from plume.usecases.count_alarms import count_alarms
from plume.usecases.read_alarms import NamedAlarm, list_alarms, show_alarm
from plume.wire import endpoints, resource_of
from plume.wire.resources import AlarmCountsResource, AlarmResource

blueprint = Blueprint(__name__)


@blueprint.route(endpoints.ALARMS.path)
def alarms() -> dict[str, object]:
    """List alarms, newest change first."""
    query, asker = query_of(blueprint, endpoints.ALARMS), asker_of(blueprint)
    part = (query["limit"], query["cursor"] or "")
    alarms, registry = wiring.alarms(), wiring.registry()
    found = list_alarms(asker, _asked(query), part=part, alarms=alarms, registry=registry)
    return page([_resource(one) for one in found.items], found.cursor)


@blueprint.route(endpoints.ALARM_COUNTS.path)
def alarm_counts() -> AlarmCountsResource:
    """Count the alarms that would be listed."""
    query, asker = query_of(blueprint, endpoints.ALARM_COUNTS), asker_of(blueprint)
    alarms, registry = wiring.alarms(), wiring.registry()
    found = count_alarms(asker, _asked(query), alarms=alarms, registry=registry)
    return resource_of.alarm_counts(found)


@blueprint.route(endpoints.ALARM.path)
def alarm(alarm_id: str) -> AlarmResource:
    """Show one alarm."""
    query_of(blueprint, endpoints.ALARM)
    return _shown(AlarmId(alarm_id))


@blueprint.route(endpoints.ALARM_COMMAND.path, methods=["POST"])
def command(alarm_id: str, command: str) -> AlarmResource:
    """Obey a command and show how the alarm stands then."""
    query_of(blueprint, endpoints.ALARM_COMMAND)
    if command not in {each.value for each in AlarmCommand}:
        raise NotThere("no such command", zh="没有这个操作", pointer="/path/command")
    said = Response(idempotency_key_of(blueprint), reason_of(blueprint), device_of(blueprint))
    asker, key = asker_of(blueprint), AlarmId(alarm_id)
    desk = AlarmDesk(wiring.alarms(), wiring.audit())
    command_alarm(asker, key, AlarmCommand(command), said, desk=desk, now=now())
    return _shown(key)


def _shown(key: AlarmId) -> AlarmResource:
    asker = asker_of(blueprint)
    return _resource(show_alarm(asker, key, alarms=wiring.alarms(), registry=wiring.registry()))


def _asked(query: dict[str, Any]) -> AlarmQuery:
    outlet, since, until = query["outlet"], query["from"], query["to"]
    if since and until:
        in_order(since, until)
    return AlarmQuery(
        since=since,
        until=until,
        types=query["type"],
        severities=query["severity"],
        condition=query["condition"],
        handling=query["handling"],
        outlet=OutletId(outlet) if outlet else None,
        enterprise=query["enterprise"],
        region=query["region"],
        factor=query["factor"],
        source=query["source"],
    )


def _resource(found: NamedAlarm) -> AlarmResource:
    return resource_of.alarm(
        found.alarm,
        outlet_name=found.outlet_name,
        enterprise_name=found.enterprise_name,
        commands=found.commands,
    )
