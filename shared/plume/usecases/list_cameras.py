"""The cameras of an outlet."""

from collections.abc import Sequence

from plume.model.camera import Camera
from plume.model.identity import OutletId
from plume.model.permission import Permission
from plume.model.person import Person
from plume.ports.registry import Registry
from plume.usecases.in_sight import outlet_in_sight, require


def list_cameras(asker: Person, key: OutletId, *, registry: Registry) -> Sequence[Camera]:
    """Give the cameras of the outlet, by id.

    Raises:
        NotThere: no such outlet within the scope.
    """
    require(asker, Permission.VIDEO_VIEW)
    outlet = outlet_in_sight(asker, key, registry)
    return registry.cameras_of([outlet.id])[outlet.id]
