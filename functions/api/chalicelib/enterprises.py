"""Enterprises, as they stand."""

from chalice.app import Blueprint
from chalicelib import worlds
from chalicelib.answers import cut, page
from chalicelib.asking import asker_of, now, query_of

from plume.model.identity import EnterpriseId
from plume.usecases.show_standing import show_enterprise, show_enterprises
from plume.wire import endpoints, resource_of
from plume.wire.resources import EnterpriseResource

blueprint = Blueprint(__name__)


@blueprint.route(endpoints.ENTERPRISES.path)
def enterprises() -> dict[str, object]:
    """List the enterprises within the asker's scope, by id."""
    query = query_of(blueprint, endpoints.ENTERPRISES)
    found = show_enterprises(asker_of(blueprint), world=worlds.standing(), now=now())
    mine = [one for one in found if one.enterprise.region.startswith(query["region"] or "")]
    part, cursor = cut(mine, lambda one: one.enterprise.id, query)
    return page([resource_of.enterprise(one) for one in part], cursor)


@blueprint.route(endpoints.ENTERPRISE.path)
def enterprise(enterprise_id: str) -> EnterpriseResource:
    """Show one enterprise."""
    query_of(blueprint, endpoints.ENTERPRISE)
    key, world = EnterpriseId(enterprise_id), worlds.standing()
    found = show_enterprise(asker_of(blueprint), key, world=world, now=now())
    return resource_of.enterprise(found)
