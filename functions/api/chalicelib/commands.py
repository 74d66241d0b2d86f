"""Commands to the plants: asked, decided, listed."""

from typing import Any

from chalice.app import Blueprint
from chalicelib.answers import page
from chalicelib.asking import (
    asker_of,
    body_of,
    device_of,
    idempotency_key_of,
    now,
    query_of,
    reason_of,
)

from plume.aws import wiring
from plume.errors import NotThere, Refused
from plume.flows.command import BY_PEOPLE
from plume.model.command import CommandId, CommandKind
from plume.model.identity import OutletId, ThingName
from plume.ports.commands import CommandQuery
from plume.usecases.command_alarm import Response
from plume.usecases.decide_command import decide_command
from plume.usecases.issue_command import (
    USUAL_MINUTES,
    CommandWorld,
    Wanted,
    issue_command,
    require_may_ask,
)
from plume.usecases.read_commands import ShownCommand, list_commands, show_command
from plume.wire import endpoints, resource_of
from plume.wire.resources import CommandResource

blueprint = Blueprint(__name__)


@blueprint.route(endpoints.COMMANDS.path)
def commands() -> dict[str, object]:
    """List commands, newest first."""
    query, asker = query_of(blueprint, endpoints.COMMANDS), asker_of(blueprint)
    part = (query["limit"], query["cursor"] or "")
    outlet, thing = query["outletId"], query["thing"]
    asked = CommandQuery(
        outlet=OutletId(outlet) if outlet else None,
        thing=ThingName(thing) if thing else None,
        states=query["state"],
    )
    found = list_commands(
        asker, asked, part=part, commands=wiring.commands(), registry=wiring.registry()
    )
    return page([_resource(one) for one in found.items], found.cursor)


@blueprint.route(endpoints.COMMAND_ISSUE.path, methods=["POST"])
def issue() -> CommandResource:
    """Ask a plant for something."""
    query_of(blueprint, endpoints.COMMAND_ISSUE)
    asker = asker_of(blueprint)
    require_may_ask(asker)
    record = issue_command(asker, _wanted(), world=_world(), now=now())
    return _shown(record.id)


@blueprint.route(endpoints.COMMAND.path)
def command(command_id: str) -> CommandResource:
    """Show one command."""
    query_of(blueprint, endpoints.COMMAND)
    return _shown(CommandId(command_id))


@blueprint.route(endpoints.COMMAND_MOVE.path, methods=["POST"])
def move(command_id: str, move: str) -> CommandResource:
    """Approve, reject or withdraw a command."""
    query_of(blueprint, endpoints.COMMAND_MOVE)
    found = next((one for one in BY_PEOPLE if one.value == move), None)
    if found is None:
        raise NotThere("no such move", zh="没有这个操作", pointer="/path/move")
    said = Response(idempotency_key_of(blueprint), reason_of(blueprint), device_of(blueprint))
    key = CommandId(command_id)
    decide_command(asker_of(blueprint), key, found, said, world=_world(), now=now())
    return _shown(key)


def _world() -> CommandWorld:
    return CommandWorld(
        registry=wiring.registry(),
        commands=wiring.commands(),
        audit=wiring.audit(),
        device_commands=wiring.device_commands(),
    )


def _shown(key: CommandId) -> CommandResource:
    found = show_command(
        asker_of(blueprint), key, commands=wiring.commands(), registry=wiring.registry()
    )
    return _resource(found)


def _resource(found: ShownCommand) -> CommandResource:
    return resource_of.command(found.record, outlet_name=found.outlet_name, moves=found.moves)


def _wanted() -> Wanted:
    body, reason = body_of(blueprint), reason_of(blueprint, *_FIELDS)
    outlet, thing = _text(body, "outletId"), _text(body, "thing")
    return Wanted(
        kind=_kind(body),
        outlet=OutletId(outlet) if outlet else None,
        thing=ThingName(thing) if thing else None,
        arguments=_arguments(body),
        said=Response(idempotency_key_of(blueprint), reason, device_of(blueprint)),
        valid_minutes=_minutes(body),
    )


_FIELDS = frozenset({"kind", "outletId", "thing", "arguments", "reason", "validMinutes"})


def _kind(body: dict[str, Any]) -> CommandKind:
    try:
        return CommandKind(body.get("kind", ""))
    except ValueError as fault:
        known = ", ".join(kind.value for kind in CommandKind)
        raise Refused(
            f"kind must be one of {known}", zh=f"kind 应为以下之一: {known}", pointer="/kind"
        ) from fault


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(f"{name} must be text", zh=f"{name} 应为文本", pointer=f"/{name}")
    return value or ""


def _arguments(body: dict[str, Any]) -> dict[str, object]:
    found = body.get("arguments", {})
    if not isinstance(found, dict):
        raise Refused("arguments must be an object", zh="参数应为对象", pointer="/arguments")
    return found


def _minutes(body: dict[str, Any]) -> int:
    found = body.get("validMinutes", USUAL_MINUTES)
    if not isinstance(found, int) or isinstance(found, bool):
        raise Refused(
            "validMinutes must be a whole number", zh="有效时间应为整数", pointer="/validMinutes"
        )
    return found
