"""The registry: what exists, with effective dates (登记)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from plume.model.camera import Camera
from plume.model.device import Device
from plume.model.facility import Facility
from plume.model.identity import EnterpriseId, OutletId, ThingName
from plume.model.limit import Limit
from plume.model.outlet import Enterprise, Outlet, Region
from plume.model.person import Scope


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody who asks for much is about to ask for, by key."""

    enterprises: Sequence[EnterpriseId] = ()
    outlets: Sequence[OutletId] = ()
    mns: Sequence[str] = ()
    devices: Sequence[ThingName] = ()


class Registry(Protocol):
    """Regions, enterprises, outlets, limits, cameras, facilities and devices."""

    def foresee(self, wanted: Wanted) -> "Registry":
        """Give this registry with what is wanted read at once, in few requests.

        It answers for that as it was then, or as it was written through the registry given.
        """

    def regions(self) -> Sequence[Region]:
        """Give every region, by code."""

    def enterprises(self, scope: Scope) -> Sequence[Enterprise]:
        """Give the enterprises within the scope, by id."""

    def enterprise(self, key: EnterpriseId) -> Enterprise | None:
        """Give one enterprise; None when there is none."""

    def outlets(self, scope: Scope) -> Sequence[Outlet]:
        """Give the outlets within the scope, by id."""

    def outlet(self, key: OutletId) -> Outlet | None:
        """Give one outlet; None when there is none."""

    def outlet_by_mn(self, mn: str) -> Outlet | None:
        """Give the outlet whose data logger says this MN; None when it is unknown."""

    def limits(self, outlet: OutletId) -> Sequence[Limit]:
        """Give every limit of the outlet, past and present."""

    def limits_of(self, outlets: Sequence[OutletId]) -> dict[OutletId, Sequence[Limit]]:
        """Give every limit of each of these outlets, at once; one without limits has ()."""

    def cameras_of(self, outlets: Sequence[OutletId]) -> dict[OutletId, Sequence[Camera]]:
        """Give the cameras of each of these outlets, by id, at once; one without has ()."""

    def facilities(self, subject: str) -> Sequence[Facility]:
        """Give the facilities of this outlet, or those that signals of this unit watch, by id."""

    def device(self, thing: ThingName) -> Device | None:
        """Give one edge device; None when it is not registered."""

    def mark_online(self, outlet: OutletId, since: datetime) -> None:
        """Note the first accepted frame of an outlet; a later call changes nothing."""

    def put_region(self, region: Region) -> None:
        """Enter or replace a region."""

    def put_enterprise(self, enterprise: Enterprise) -> None:
        """Enter or replace an enterprise."""

    def put_outlet(self, outlet: Outlet) -> None:
        """Enter or replace an outlet; `online_since` once noted stays."""

    def put_limit(self, limit: Limit) -> None:
        """Enter a limit; versions live side by side."""

    def put_limits(self, limits: Sequence[Limit]) -> None:
        """Enter the limits of one outlet at once; none of them changes nothing."""

    def put_camera(self, camera: Camera) -> None:
        """Enter or replace a camera of its outlet."""

    def put_facility(self, facility: Facility) -> None:
        """Enter a facility, or replace the one of this id."""

    def drop_facility(self, facility: Facility) -> None:
        """Watch a facility no more; one that is not there changes nothing."""

    def enter_device(self, device: Device) -> None:
        """Enter a device; one that is there stays as it is, with the key it came up with."""

    def put_device(self, device: Device) -> None:
        """Enter or replace a device."""
