"""Watch a camera live: ask its device for the view, again and again, and show what comes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from plume.errors import NotThere
from plume.model.camera import Camera
from plume.model.command import WATCH, Command, CommandKind
from plume.model.identity import CameraId, OutletId
from plume.model.permission import Permission
from plume.model.person import Person
from plume.ports.audit import Audit
from plume.ports.media import MediaObjects
from plume.ports.notices import DeviceCommands
from plume.ports.registry import Registry
from plume.usecases.audit_viewing import Viewer, audit_viewing
from plume.usecases.in_sight import outlet_in_sight, require
from plume.wire.names import LIVE_PLAYLIST, LIVE_PREFIX
from plume.wire.playlist import with_paths

VALID = timedelta(seconds=30)
ONE_ASKING = 10
"""Whoever watches the same camera within these seconds asks with one command."""
FRESH = timedelta(seconds=20)
"""A playlist of a view that goes on is put again every few seconds."""
ENDED = "#EXT-X-ENDLIST"


@dataclass(frozen=True, slots=True)
class LiveWorld:
    """What a live view asks of the world."""

    registry: Registry
    media_objects: MediaObjects
    device_commands: DeviceCommands
    audit: Audit


def watch_camera(
    asker: Viewer, outlet: OutletId, key: CameraId, *, world: LiveWorld, now: datetime
) -> Camera:
    """Ask the device to show the camera for another minute; harmless when repeated.

    Nothing turns a view off: the device ends it a minute after the last asking, and so no
    viewer ends it for another.

    Raises:
        NotThere: no such camera within the scope.
    """
    camera = _camera_in_sight(asker.person, outlet, key, world.registry)
    audit_viewing(asker, "video:live", camera.id, audit=world.audit, now=now)
    asking = int(now.timestamp()) // ONE_ASKING
    command = Command(
        id=f"{WATCH}{camera.id}-{asking}",
        thing=camera.thing,
        kind=CommandKind.LIVE,
        issued_at=now,
        expires_at=now + VALID,
        outlet=camera.outlet,
        arguments={"camera": camera.id, "on": True},
    )
    world.device_commands.send(command)
    return camera


def live_playlist(
    asker: Viewer, outlet: OutletId, key: CameraId, *, world: LiveWorld, now: datetime
) -> str | None:
    """Give the playlist of the view, each segment by a path that shows it; None until it is there.

    What is left of an earlier view is not shown: it is not what happens now. Whoever only looks,
    while another asks, is in the audit trail as well.

    Raises:
        NotThere: no such camera within the scope.
    """
    camera = _camera_in_sight(asker.person, outlet, key, world.registry)
    prefix = LIVE_PREFIX.format(thing=camera.thing, camera=camera.id)
    told = world.media_objects.text(prefix + LIVE_PLAYLIST)
    if told is None or ENDED in told.text or now - told.put_at > FRESH:
        return None
    audit_viewing(asker, "video:live", camera.id, audit=world.audit, now=now)
    return with_paths(told.text, lambda name: world.media_objects.address(prefix + name))


def _camera_in_sight(asker: Person, outlet: OutletId, key: CameraId, registry: Registry) -> Camera:
    require(asker, Permission.VIDEO_VIEW)
    owner = outlet_in_sight(asker, outlet, registry)
    found = next((one for one in registry.cameras_of([owner.id])[owner.id] if one.id == key), None)
    if found is None:
        raise NotThere("no such camera", zh="没有这个摄像机", pointer="/path/camera_id")
    return found
