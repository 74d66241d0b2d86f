"""The demo region as facts of the model, from the files in `demo/`."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from infra.local.plants import DEMO, entries, plants
from plume.model.camera import Camera
from plume.model.device import Device
from plume.model.facility import Facility, Signal
from plume.model.identity import (
    CameraId,
    EnterpriseId,
    FactorCode,
    OutletId,
    RegionCode,
    ThingName,
)
from plume.model.limit import Limit
from plume.model.limit_set import LimitSet, limit_sets
from plume.model.outlet import Attention, Enterprise, Name, Outlet, Region
from plume.model.person import Person, Role, Scope
from plume.rules.treatment import RULES

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """A demo account: its password is no secret. The person's id comes from the user pool."""

    person: Person
    password: str


def regions() -> Iterator[Region]:
    """Give the two prefectures and their counties."""
    for entry in entries("regions"):
        yield Region(RegionCode(entry["code"]), _name(entry), entry["parent"])


def enterprises() -> Iterator[Enterprise]:
    """Give the enterprises; their names are invented."""
    for entry in entries("enterprises"):
        yield Enterprise(
            id=EnterpriseId(entry["enterpriseId"]),
            name=_name(entry),
            region=RegionCode(entry["region"]),
            industry=entry["industry"],
            attention=Attention(entry["attention"]),
            longitude=entry["longitude"],
            latitude=entry["latitude"],
            address=entry["address"],
        )


def outlets() -> Iterator[Outlet]:
    """Give every outlet with its data logger."""
    for enterprise, plant in zip(entries("enterprises"), plants(), strict=True):
        for entry in enterprise["outlets"]:
            yield _outlet(enterprise, entry, limit_sets()[entry["limits"]], plant.thing)


def cameras() -> Iterator[Camera]:
    """Give the cameras; the device of the outlet's data logger pulls their pictures, too."""
    for enterprise, plant in zip(entries("enterprises"), plants(), strict=True):
        for outlet in enterprise["outlets"]:
            for entry in outlet.get("cameras", ()):
                yield Camera(
                    id=CameraId(entry["cameraId"]),
                    outlet=OutletId(outlet["outletId"]),
                    enterprise=EnterpriseId(enterprise["enterpriseId"]),
                    thing=ThingName(plant.thing),
                    name=_name(entry),
                )


def limits() -> Iterator[Limit]:
    """Give the limits of every outlet, each with its standard and clause."""
    for enterprise in entries("enterprises"):
        for entry in enterprise["outlets"]:
            yield from limit_sets()[entry["limits"]].limits(OutletId(entry["outletId"]))


def facilities() -> Iterator[Facility]:
    """Give what must run in plants of each kind; a pump of 62 A turns above 30 % (T-04)."""
    by_kind = json.loads((DEMO / "facilities.json").read_text(encoding="utf-8"))
    for plant in plants():
        for outlet in plant.outlets:
            for entry in by_kind.get(outlet.twin["kind"] if outlet.twin else "", ()):
                yield _facility(entry, outlet.outlet)


def devices() -> Iterator[Device]:
    """Give the edge devices as registered before they provision themselves."""
    for plant in plants():
        yield Device(
            thing=ThingName(plant.thing),
            serial=plant.serial,
            enterprise=EnterpriseId(plant.enterprise),
        )


def accounts() -> Iterator[Account]:
    """Give an account of each role; ids are still the usernames."""
    for entry in entries("people"):
        person = Person(
            id=entry["username"],
            username=entry["username"],
            name=entry["name"],
            role=Role(entry["role"]),
            scope=Scope(
                regions=tuple(map(RegionCode, entry["regions"])),
                enterprises=tuple(map(EnterpriseId, entry["enterprises"])),
                outlets=tuple(map(OutletId, entry["outlets"])),
            ),
            organisation=entry["organisation"],
        )
        yield Account(person, entry["password"])


def _name(entry: Entry) -> Name:
    return Name(zh=entry["zh"], en=entry["en"])


def _facility(entry: Entry, outlet: str) -> Facility:
    return Facility(
        rule=RULES[entry["rule"]],
        outlet=OutletId(outlet),
        name=_name(entry["name"]),
        demand=_signal(entry["demand"], outlet),
        running=tuple(_signal(each, outlet) for each in entry["running"]),
    )


def _signal(entry: Entry, outlet: str) -> Signal:
    return Signal(outlet, entry["channel"], Decimal(entry["above"]), entry["unit"])


def _outlet(enterprise: Entry, entry: Entry, laws: LimitSet, thing: str) -> Outlet:
    return Outlet(
        id=OutletId(entry["outletId"]),
        enterprise=EnterpriseId(enterprise["enterpriseId"]),
        name=_name(entry),
        medium=laws.medium,
        region=RegionCode(enterprise["region"]),
        mn=entry["mn"],
        st=entry["st"],
        password=entry["password"],
        thing=ThingName(thing),
        factors=tuple(map(FactorCode, entry["factors"])),
        reference_oxygen=laws.reference_oxygen,
        process=entry["process"],
    )
