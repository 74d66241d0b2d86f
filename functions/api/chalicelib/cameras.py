"""Cameras of an outlet, and their live view."""

from chalice.app import Blueprint, Response
from chalicelib import worlds
from chalicelib.answers import page
from chalicelib.asking import asker_of, idempotency_key_of, now, query_of, viewer_of

from plume.aws import wiring
from plume.model.identity import CameraId, OutletId
from plume.usecases.list_cameras import list_cameras
from plume.usecases.watch_camera import live_playlist, watch_camera
from plume.wire import endpoints, resource_of
from plume.wire.resources import LiveResource

blueprint = Blueprint(__name__)

ACCEPTED = 202
HEADERS = {"Content-Type": endpoints.PLAYLIST, "Cache-Control": "no-store"}


@blueprint.route(endpoints.CAMERAS.path)
def cameras(outlet_id: str) -> dict[str, object]:
    """List the cameras of an outlet, by id."""
    query_of(blueprint, endpoints.CAMERAS)
    asker, key = asker_of(blueprint), OutletId(outlet_id)
    found = list_cameras(asker, key, registry=wiring.registry(), media=wiring.media())
    return page([resource_of.camera(one.camera, one.health) for one in found])


@blueprint.route(endpoints.WATCH.path, methods=["POST"])
def watch(outlet_id: str, camera_id: str) -> LiveResource:
    """Ask for the live view, or for another minute of it."""
    query_of(blueprint, endpoints.WATCH)
    idempotency_key_of(blueprint)
    viewer, outlet, camera = viewer_of(blueprint), OutletId(outlet_id), CameraId(camera_id)
    watch_camera(viewer, outlet, camera, world=worlds.live(), now=now())
    path = endpoints.LIVE.path.format(outlet_id=outlet, camera_id=camera)
    return {"cameraId": camera, "playlist": path}


@blueprint.route(endpoints.LIVE.path)
def live(outlet_id: str, camera_id: str) -> Response:
    """Give the playlist of the live view; 202 until there is one."""
    query_of(blueprint, endpoints.LIVE)
    viewer, outlet, camera = viewer_of(blueprint), OutletId(outlet_id), CameraId(camera_id)
    text = live_playlist(viewer, outlet, camera, world=worlds.live(), now=now())
    status = ACCEPTED if text is None else 200
    return Response(body=text or "", status_code=status, headers=dict(HEADERS))
