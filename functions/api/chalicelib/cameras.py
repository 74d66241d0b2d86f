"""Cameras of an outlet."""

from chalice.app import Blueprint
from chalicelib.answers import page
from chalicelib.asking import asker_of, query_of

from plume.aws import wiring
from plume.model.identity import OutletId
from plume.usecases.list_cameras import list_cameras
from plume.wire import endpoints, resource_of

blueprint = Blueprint(__name__)


@blueprint.route(endpoints.CAMERAS.path)
def cameras(outlet_id: str) -> dict[str, object]:
    """List the cameras of an outlet, by id."""
    query_of(blueprint, endpoints.CAMERAS)
    asker, key = asker_of(blueprint), OutletId(outlet_id)
    found = list_cameras(asker, key, registry=wiring.registry(), media=wiring.media())
    return page([resource_of.camera(one.camera, one.health) for one in found])
