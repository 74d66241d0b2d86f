"""A manifest is kept once, checked against the store, and never believed on another's behalf."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from plume.memory.device_standings import MemoryDeviceStandings
from plume.memory.media import MemoryMedia, MemoryMediaObjects
from plume.memory.world import MemoryFindings, MemoryOperations, MemoryRegistry
from plume.model.camera import Camera
from plume.model.event import (
    MediaKind,
    MediaManifest,
    MediaObject,
    SourceHealth,
    SourceState,
)
from plume.model.identity import CameraId, ThingName
from plume.model.media import MediaCheck
from plume.model.outlet import Name
from plume.model.segment import CHAIN_START, Payload, Segment, SegmentHeader
from plume.usecases.heed_events import heed_events
from plume.usecases.keep_media import settle_media
from plume.wire.events import event_fields
from tests.given import STACK

AT = datetime(2026, 11, 25, 1, tzinfo=UTC)
BODY = b"a moving picture"
KEY = "media/edge-0001/m1.mp4"
CAMERA = CameraId("stack-1-cam1")
TOLD = MediaManifest(
    at=AT,
    media="m1",
    camera=CAMERA,
    outlet=STACK.id,
    kind=MediaKind.CLIP,
    start=AT - timedelta(minutes=5),
    end=AT,
    objects=(MediaObject(KEY, sha256(BODY).hexdigest(), len(BODY)),),
    cause="AL-1",
)


class World:
    def __init__(self) -> None:
        self.registry, self.findings = MemoryRegistry(), MemoryFindings()
        self.operations = MemoryOperations()
        self.standings = MemoryDeviceStandings()
        self.media, self.media_objects = MemoryMedia(), MemoryMediaObjects()
        self.registry.put_outlet(STACK)
        self.registry.put_camera(
            Camera(CAMERA, STACK.id, STACK.enterprise, STACK.thing, Name("烟囱", "Stack"))
        )

    def hear(self, *events: MediaManifest | SourceHealth, thing: str = STACK.thing) -> None:
        header = SegmentHeader(ThingName(thing), "b", 7, CHAIN_START, AT, AT)
        told = tuple(map(event_fields, events))
        heed_events([Segment(header, Payload(events=told), b"", b"")], self, now=AT)

    @property
    def check(self) -> MediaCheck | None:
        found = self.media.get("m1")
        return None if found is None else found.check


@pytest.fixture
def world() -> World:
    return World()


def test_an_object_that_agrees_is_verified_with_its_version(world: World) -> None:
    world.media_objects.put(KEY, BODY)
    world.hear(TOLD)
    found = world.media.get("m1")
    assert found is not None
    assert (found.check, found.versions, found.sequence) == (MediaCheck.VERIFIED, ("1",), 7)
    assert world.operations.altered_media == []


def test_told_again_changes_nothing(world: World) -> None:
    world.media_objects.put(KEY, BODY)
    world.hear(TOLD, TOLD)
    world.hear(TOLD)
    assert world.check is MediaCheck.VERIFIED
    assert world.operations.refusals == []


def test_a_late_object_is_pending_until_it_is_told_again_or_looked_at(world: World) -> None:
    world.hear(TOLD)
    assert world.check is MediaCheck.PENDING
    world.media_objects.put(KEY, BODY)
    pending = world.media.get("m1")
    assert pending is not None
    assert settle_media(pending, world).check is MediaCheck.VERIFIED
    assert world.check is MediaCheck.VERIFIED


@pytest.mark.parametrize("body", [b"another picture!", BODY + b"!", b""])
def test_an_object_that_differs_is_told_to_the_operators(world: World, body: bytes) -> None:
    world.media_objects.put(KEY, body)
    world.hear(TOLD)
    assert world.check is MediaCheck.DIFFERS
    assert world.operations.altered_media == [(STACK.thing, "m1", KEY)]


def test_what_is_put_later_under_the_same_key_is_not_what_was_verified(world: World) -> None:
    world.media_objects.put(KEY, BODY)
    world.hear(TOLD)
    world.media_objects.put(KEY, b"something else")
    world.hear(TOLD)
    found = world.media.get("m1")
    assert found is not None
    assert (found.check, found.versions) == (MediaCheck.VERIFIED, ("1",))


@pytest.mark.parametrize(
    ("told", "thing"),
    [
        (TOLD, "edge-other"),
        (replace(TOLD, camera="stack-1-cam9"), STACK.thing),
        (replace(TOLD, objects=()), STACK.thing),
        (
            replace(TOLD, objects=(MediaObject("media/edge-0002/x.mp4", "ab" * 32, 1),)),
            STACK.thing,
        ),
        (replace(TOLD, end=TOLD.start - timedelta(seconds=1)), STACK.thing),
        (replace(TOLD, start=TOLD.end - timedelta(hours=2)), STACK.thing),
    ],
)
def test_a_manifest_that_cannot_stand_is_refused(
    world: World, told: MediaManifest, thing: str
) -> None:
    world.media_objects.put(KEY, BODY)
    world.hear(told, thing=thing)
    assert world.check is None
    assert [one[0] for one in world.operations.refusals] == [thing]


def test_a_second_manifest_under_the_same_name_is_refused(world: World) -> None:
    world.media_objects.put(KEY, BODY)
    world.hear(TOLD)
    world.hear(replace(TOLD, cause="AL-2"))
    found = world.media.get("m1")
    assert found is not None
    assert found.manifest == TOLD
    assert len(world.operations.refusals) == 1


def health(source: str = CAMERA, **said: object) -> SourceHealth:
    fields = {"kind": "camera", "state": SourceState.FAILING, "detail": "frozen"} | said
    return SourceHealth(AT, source, outlet=STACK.id, **fields)  # type: ignore[arg-type]


def test_the_health_of_a_camera_is_kept(world: World) -> None:
    world.hear(health())
    found = world.media.health([CAMERA])[CAMERA]
    assert (found.state, found.detail, found.at) == (SourceState.FAILING, "frozen", AT)


def test_the_health_of_anothers_camera_is_refused_and_of_other_sources_passed_over(
    world: World,
) -> None:
    world.hear(health(), thing="edge-other")
    world.hear(health("route-1", kind="route"))
    assert world.media.health([CAMERA]) == {}
    assert [one[0] for one in world.operations.refusals] == ["edge-other"]
