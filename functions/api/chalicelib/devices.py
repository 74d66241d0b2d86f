"""The edge devices and the loggers behind them, as they stand."""

from datetime import timedelta

from chalice.app import Blueprint
from chalicelib.answers import cut, page
from chalicelib.asking import asker_of, now, query_of, range_of

from plume.aws import wiring
from plume.model.identity import ThingName
from plume.ports.commands import CommandQuery
from plume.usecases.read_commands import list_commands
from plume.usecases.show_devices import DeviceWorld, list_devices, read_clocks, show_device
from plume.wire import device_resource_of, endpoints
from plume.wire.resources import DeviceDetailResource

blueprint = Blueprint(__name__)

RECENT_COMMANDS = 20
USUAL = timedelta(days=1)
LONGEST = timedelta(days=31)


@blueprint.route(endpoints.DEVICES.path)
def devices() -> dict[str, object]:
    """List devices, by their names."""
    query, asker = query_of(blueprint, endpoints.DEVICES), asker_of(blueprint)
    found = list_devices(asker, world=_world(), now=now())
    shown, cursor = cut(found, lambda one: one.thing, query)
    return page([device_resource_of.device(one) for one in shown], cursor)


@blueprint.route(endpoints.DEVICE.path)
def device(thing: str) -> DeviceDetailResource:
    """Show one device with everything known of it."""
    query_of(blueprint, endpoints.DEVICE)
    asker = asker_of(blueprint)
    shown = show_device(asker, ThingName(thing), world=_world(), now=now())
    recent = list_commands(
        asker,
        CommandQuery(thing=shown.thing),
        part=(RECENT_COMMANDS, ""),
        commands=wiring.commands(),
        registry=wiring.registry(),
    )
    return device_resource_of.device_detail(
        shown, commands=[(one.record, one.outlet_name, one.moves) for one in recent.items]
    )


@blueprint.route(endpoints.DEVICE_CLOCKS.path)
def clocks(thing: str) -> dict[str, object]:
    """Show how one clock of a device went, oldest first."""
    query, asker = query_of(blueprint, endpoints.DEVICE_CLOCKS), asker_of(blueprint)
    between = range_of(query, usual=USUAL, longest=LONGEST)
    found = read_clocks(asker, ThingName(thing), query["subject"], between, world=_world())
    return page([device_resource_of.clock(offset) for offset in found[-query["limit"] :]])


def _world() -> DeviceWorld:
    return DeviceWorld(
        registry=wiring.registry(), latest=wiring.latest(), standings=wiring.standings()
    )
