"""The cameras of an outlet."""

from collections.abc import Sequence
from dataclasses import dataclass

from plume.model.camera import Camera
from plume.model.identity import OutletId
from plume.model.media import CameraHealth
from plume.model.permission import Permission
from plume.model.person import Person
from plume.ports.media import MediaIndex
from plume.ports.registry import Registry
from plume.usecases.in_sight import outlet_in_sight, require


@dataclass(frozen=True, slots=True)
class CameraStanding:
    """One camera, and how it said it is; None when it has never said so."""

    camera: Camera
    health: CameraHealth | None


def list_cameras(
    asker: Person, key: OutletId, *, registry: Registry, media: MediaIndex
) -> Sequence[CameraStanding]:
    """Give the cameras of the outlet, by id.

    Raises:
        NotThere: no such outlet within the scope.
    """
    require(asker, Permission.VIDEO_VIEW)
    outlet = outlet_in_sight(asker, key, registry)
    cameras = registry.cameras_of([outlet.id])[outlet.id]
    health = media.health([camera.id for camera in cameras])
    return [CameraStanding(camera, health.get(camera.id)) for camera in cameras]
