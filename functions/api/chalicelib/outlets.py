"""Outlets, as they stand."""

from typing import Any

from chalice.app import Blueprint
from chalicelib import worlds
from chalicelib.answers import cut, page
from chalicelib.asking import asker_of, now, query_of

from plume.model.identity import OutletId
from plume.model.standing import OutletStanding
from plume.usecases.show_standing import show_outlet, show_outlets
from plume.wire import endpoints, resource_of
from plume.wire.resources import OutletResource

blueprint = Blueprint(__name__)


@blueprint.route(endpoints.OUTLETS.path)
def outlets() -> dict[str, object]:
    """List the outlets within the asker's scope, by id."""
    query = query_of(blueprint, endpoints.OUTLETS)
    found = show_outlets(asker_of(blueprint), world=worlds.standing(), now=now())
    asked = [one for one in found if _is_asked(one, query)]
    part, cursor = cut(asked, lambda one: one.outlet.id, query)
    return page([resource_of.outlet(one) for one in part], cursor)


@blueprint.route(endpoints.OUTLET.path)
def outlet(outlet_id: str) -> OutletResource:
    """Show one outlet."""
    query_of(blueprint, endpoints.OUTLET)
    key, world = OutletId(outlet_id), worlds.standing()
    return resource_of.outlet(show_outlet(asker_of(blueprint), key, world=world, now=now()))


def _is_asked(standing: OutletStanding, query: dict[str, Any]) -> bool:
    outlet = standing.outlet
    owner = query["enterprise"] or outlet.enterprise
    return outlet.region.startswith(query["region"] or "") and outlet.enterprise == owner
