"""Who asks."""

from chalice.app import Blueprint
from chalicelib.asking import asker_of, query_of

from plume.wire import endpoints, resource_of
from plume.wire.resources import MeResource

blueprint = Blueprint(__name__)


@blueprint.route(endpoints.ME.path)
def me() -> MeResource:
    """Say who asks, and what they may do."""
    query_of(blueprint, endpoints.ME)
    return resource_of.me(asker_of(blueprint))
