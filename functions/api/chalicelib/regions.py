"""Prefectures and counties."""

from chalice.app import Blueprint
from chalicelib.answers import cut, page
from chalicelib.asking import asker_of, query_of

from plume.aws import wiring
from plume.usecases.list_regions import list_regions
from plume.wire import endpoints, resource_of

blueprint = Blueprint(__name__)


@blueprint.route(endpoints.REGIONS.path)
def regions() -> dict[str, object]:
    """List the regions, by code."""
    query = query_of(blueprint, endpoints.REGIONS)
    found = list_regions(asker_of(blueprint), registry=wiring.registry())
    part, cursor = cut(found, lambda region: region.code, query)
    return page([resource_of.region(region) for region in part], cursor)
