"""The figures of the home page."""

from chalice.app import Blueprint
from chalicelib import worlds
from chalicelib.asking import asker_of, now, query_of

from plume.usecases.show_standing import show_overview
from plume.wire import endpoints, resource_of
from plume.wire.resources import OverviewResource

blueprint = Blueprint(__name__)


@blueprint.route(endpoints.OVERVIEW.path)
def overview() -> OverviewResource:
    """Count what is within the asker's scope."""
    region = query_of(blueprint, endpoints.OVERVIEW)["region"] or ""
    asker, world = asker_of(blueprint), worlds.standing()
    return resource_of.overview(show_overview(asker, region=region, world=world, now=now()))
