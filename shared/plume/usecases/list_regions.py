"""The regions the platform knows."""

from collections.abc import Sequence

from plume.model.outlet import Region
from plume.model.permission import Permission
from plume.model.person import Person
from plume.ports.registry import Registry
from plume.usecases.in_sight import require


def list_regions(asker: Person, *, registry: Registry) -> Sequence[Region]:
    """Give every region, by code: names of places are nobody's secret."""
    require(asker, Permission.REGION_VIEW)
    return registry.regions()
