"""The API over the memory world: two cities, three counties, four enterprises, everyone's role."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from app import app
from chalice.local import LambdaEventConverter, RouteMatcher
from chalice.test import Client, HTTPResponse

from plume.aws import wiring
from plume.memory import commands as memory_commands
from plume.memory import world as memory
from plume.memory.device_standings import MemoryDeviceStandings
from plume.memory.media import MemoryMedia, MemoryMediaObjects
from plume.model.camera import Camera
from plume.model.command import CommandRecord
from plume.model.device import Device
from plume.model.event import MediaKind, MediaManifest, MediaObject
from plume.model.facility import Facility, Signal
from plume.model.identity import CameraId, EnterpriseId, OutletId, RegionCode, ThingName
from plume.model.outlet import Name
from plume.model.person import Person, Role, Scope
from plume.ports.latest import Heard, LatestValue
from plume.rules.treatment import RULES
from plume.usecases.keep_media import keep_media
from tests import given_commands
from tests.integration.given import KAILU, ORDOS, SO2, TONGLIAO, alarm, enterprise, limit, outlet

NOW = datetime.now(tz=UTC)


def person(role: Role, **scope: tuple[str, ...]) -> Person:
    return Person(
        id=f"id-{role.value}",
        username=role.value,
        name=f"名 {role.value}",
        role=role,
        scope=Scope(
            regions=tuple(map(RegionCode, scope.get("regions", ()))),
            enterprises=tuple(map(EnterpriseId, scope.get("enterprises", ()))),
            outlets=tuple(map(OutletId, scope.get("outlets", ()))),
        ),
    )


PEOPLE = {
    Role.CITY_CENTRE: person(Role.CITY_CENTRE, regions=("1505",)),
    Role.CITY_ENFORCEMENT: person(Role.CITY_ENFORCEMENT, regions=("1505",)),
    Role.COUNTY: person(Role.COUNTY, regions=("150523",)),
    Role.ENTERPRISE: person(Role.ENTERPRISE, enterprises=("north",)),
    Role.OPERATOR: person(Role.OPERATOR, outlets=("stack",)),
    Role.LEADER: person(Role.LEADER, regions=("1505",)),
    Role.SYSTEM_ADMIN: person(Role.SYSTEM_ADMIN, regions=("1505",)),
    Role.SECURITY_ADMIN: person(Role.SECURITY_ADMIN, regions=("1505",)),
    Role.AUDIT_ADMIN: person(Role.AUDIT_ADMIN, regions=("1505",)),
}

# Four places, by how they stand to the people above.
OWN, NEIGHBOUR, OTHER_COUNTY, OTHER_CITY = "stack", "stack-2", "stack-3", "stack-4"
PLACES = {
    OWN: ("north", "150523"),
    NEIGHBOUR: ("south", "150523"),
    OTHER_COUNTY: ("east", "150502"),
    OTHER_CITY: ("west", "150602"),
}


def command_at(place: str, owner: str, region: str) -> CommandRecord:
    """A command of someone else, which waits for a second person."""
    record = given_commands.asked(f"CM-{place}")
    command = replace(
        record.command,
        outlet=OutletId(place),
        thing=ThingName(f"edge-{place}"),
        expires_at=NOW + timedelta(hours=1),
    )
    return replace(
        record, command=command, enterprise=EnterpriseId(owner), region=RegionCode(region)
    )


def sees(who: Person, place: str) -> bool:
    """Written by hand from DESIGN 6, not from the code."""
    visible = {
        Role.ENTERPRISE: {OWN},
        Role.OPERATOR: {OWN},
        Role.COUNTY: {OWN, NEIGHBOUR},
    }
    return place in visible.get(who.role, {OWN, NEIGHBOUR, OTHER_COUNTY})


def camera(place: str, owner: str) -> Camera:
    return Camera(
        id=CameraId(f"{place}-cam1"),
        outlet=OutletId(place),
        enterprise=EnterpriseId(owner),
        thing=ThingName(f"edge-{place}"),
        name=Name("排气筒", "Stack"),
    )


def facility(place: str) -> Facility:
    """What the demo knows of a coal unit, before an outlet of its own."""
    return Facility(
        rule=RULES["T-04"],
        outlet=OutletId(place),
        name=Name("脱硫塔循环泵", "FGD pumps"),
        demand=Signal(place, "g71201", Decimal(300), "mg/m3"),
        running=(Signal(place, "g10401", Decimal("18.60"), "A"),),
    )


def clip(key: str, place: str, body: bytes, **said: object) -> MediaManifest:
    name = f"media/edge-{place}/{key}.mp4"
    fields: dict[str, Any] = {
        "at": NOW,
        "media": key,
        "camera": f"{place}-cam1",
        "outlet": OutletId(place),
        "kind": MediaKind.CLIP,
        "start": NOW - timedelta(minutes=5),
        "end": NOW - timedelta(minutes=2),
        "objects": (MediaObject(name, sha256(body).hexdigest(), len(body)),),
        "cause": f"AL-{place}",
    }
    return MediaManifest(**{**fields, **said})


@dataclass
class MemoryWorld:
    """Everything the API reads."""

    registry: memory.MemoryRegistry = field(default_factory=memory.MemoryRegistry)
    readings: memory.MemoryReadings = field(default_factory=memory.MemoryReadings)
    latest: memory.MemoryLatest = field(default_factory=memory.MemoryLatest)
    bundles: memory.MemoryBundles = field(default_factory=memory.MemoryBundles)
    segments: memory.MemorySegments = field(default_factory=memory.MemorySegments)
    alarms: memory.MemoryAlarms = field(default_factory=memory.MemoryAlarms)
    commands: memory_commands.MemoryCommands = field(
        default_factory=memory_commands.MemoryCommands
    )
    audit: memory_commands.MemoryAudit = field(default_factory=memory_commands.MemoryAudit)
    standings: MemoryDeviceStandings = field(default_factory=MemoryDeviceStandings)
    device_commands: memory.MemoryDeviceCommands = field(
        default_factory=memory.MemoryDeviceCommands
    )
    media: MemoryMedia = field(default_factory=MemoryMedia)
    media_objects: MemoryMediaObjects = field(default_factory=MemoryMediaObjects)
    operations: memory.MemoryOperations = field(default_factory=memory.MemoryOperations)

    def fill(self) -> None:
        for region in (TONGLIAO, KAILU, ORDOS):
            self.registry.put_region(region)
        for place, (owner, region) in PLACES.items():
            self.registry.put_enterprise(enterprise(owner, region))
            known = replace(outlet(place, owner, region), thing=ThingName(f"edge-{place}"))
            self.registry.put_outlet(known)
            self.registry.put_limit(limit(f"{place}-so2", place))
            self.registry.put_device(
                Device(ThingName(f"edge-{place}"), f"serial-{place}", EnterpriseId(owner))
            )
            self.registry.put_camera(camera(place, owner))
            self.registry.put_facility(facility(place))
            self.keep_media(f"M-{place}", place, b"moving picture")
            self.keep_pieces(f"P-{place}", place)
            self.show_live(place)
            raised = replace(
                alarm(f"AL-{place}"),
                outlet=OutletId(place),
                enterprise=EnterpriseId(owner),
                region=RegionCode(region),
            )
            self.alarms.put(raised, expected=0)
            self.commands.put(command_at(place, owner, region), expected=0)
        self.latest.hear(Heard(OutletId(OWN), NOW, NOW, timedelta()))
        self.latest.hear(
            Heard(OutletId(NEIGHBOUR), NOW - timedelta(hours=1), NOW - timedelta(hours=1))
        )
        value = LatestValue(OutletId(OWN), SO2, "hour", NOW, NOW, Decimal("40.20"), None, "N")
        self.latest.put([value])

    def keep_media(self, key: str, place: str, body: bytes, **said: object) -> MediaManifest:
        """Keep one clip of three minutes, its object in the store, as a device would tell it."""
        told = clip(key, place, body, **said)
        self.media_objects.put(told.objects[0].key, body)
        keep_media(told, ThingName(f"edge-{place}"), 7, self)
        return told

    def show_live(self, place: str, *, more: str = "") -> None:
        """Put a live view of one segment where its device would."""
        playlist = f"#EXTM3U\n#EXTINF:2.0,\n1.ts\n{more}"
        prefix = f"live/edge-{place}/{place}-cam1/"
        self.media_objects.put(prefix + "live.m3u8", playlist.encode())
        self.media_objects.put_at = datetime.now(tz=UTC)

    def keep_pieces(self, key: str, place: str) -> None:
        """Keep one clip that lies in two pieces beside their playlist."""
        bodies = {
            "clip.m3u8": b"#EXTM3U\n#EXTINF:2.0,\na.ts\n#EXTINF:2.0,\nb.ts\n#EXT-X-ENDLIST\n",
            "a.ts": b"first",
            "b.ts": b"second",
        }
        folder = f"media/edge-{place}/{key}"
        for name, body in bodies.items():
            self.media_objects.put(f"{folder}/{name}", body)
        objects = tuple(
            MediaObject(f"{folder}/{name}", sha256(body).hexdigest(), len(body))
            for name, body in bodies.items()
        )
        keep_media(clip(key, place, b"", objects=objects), ThingName(f"edge-{place}"), 8, self)

    def serve(self, patch: pytest.MonkeyPatch) -> None:
        """Stand in for AWS at the one place where ports are joined to adapters."""
        for name in (one.name for one in fields(self)):
            port = getattr(self, name)
            patch.setattr(wiring, name, lambda port=port: port)
        patch.setattr(wiring, "platform_key_pem", lambda: b"")


class _AsAuthorized(LambdaEventConverter):
    """Adds what the authorizer tells the API."""

    def __init__(self, context: dict[str, str]) -> None:
        super().__init__(RouteMatcher(list(app.routes)), app.api.binary_types)
        self._context = context

    def create_lambda_event(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        event: dict[str, Any] = super().create_lambda_event(*args, **kwargs)
        event["requestContext"]["authorizer"] = self._context
        return event


def context_of(who: Person) -> dict[str, str]:
    scope = {
        "regions": who.scope.regions,
        "enterprises": who.scope.enterprises,
        "outlets": who.scope.outlets,
    }
    return {
        "personId": who.id,
        "username": who.username,
        "role": who.role.value,
        "name": who.name,
        "organisation": who.organisation,
        "scope": json.dumps(scope),
        "loggedInAt": (who.logged_in_at or datetime.now(tz=UTC)).isoformat(),
    }


class Caller:
    """Someone at the API."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def get(self, path: str, **headers: str) -> HTTPResponse:
        return self._client.http.get(path, headers=headers)

    def post(self, path: str, body: str = "{}", **headers: str) -> HTTPResponse:
        said = {"Idempotency-Key": "k1", "Content-Type": "application/json"} | headers
        return self._client.http.post(path, headers=said, body=body.encode())

    def send(self, method: str, path: str, body: str = "{}") -> HTTPResponse:
        return self.get(path) if method == "GET" else self.post(path, body)


@contextmanager
def calling(who: Person | None) -> Iterator[Caller]:
    with Client(app) as client:
        gateway = client.http._local_gateway
        gateway.event_converter = _AsAuthorized(context_of(who) if who else {})
        yield Caller(client)
