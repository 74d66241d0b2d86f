"""Keep what a device says it recorded, and check it against what lies in the store."""

from typing import Protocol

from plume.model.event import MediaManifest, SourceHealth
from plume.model.identity import CameraId, OutletId, ThingName
from plume.model.media import LONGEST, CameraHealth, Media, MediaCheck
from plume.ports.media import MediaIndex, MediaObjects, SeenObject
from plume.ports.notices import Operations
from plume.ports.registry import Registry
from plume.wire.names import MEDIA_PREFIX


class MediaWorld(Protocol):
    """The ports that media need."""

    @property
    def registry(self) -> Registry:
        """What exists."""

    @property
    def media(self) -> MediaIndex:
        """What was recorded."""

    @property
    def media_objects(self) -> MediaObjects:
        """The objects themselves."""

    @property
    def operations(self) -> Operations:
        """What the operators must know."""


def keep_media(told: MediaManifest, thing: ThingName, sequence: int, world: MediaWorld) -> None:
    """Keep the manifest once, if its camera stands behind this device.

    The objects may come later than the manifest: it is pending until they are there, and is
    checked again whenever it is told again or looked at. A manifest that cannot stand is told
    to the operators and stays in its segment as evidence.
    """
    fault = _fault(told, thing, world.registry)
    if fault:
        world.operations.refused(thing, f"media {told.media}: {fault}")
        return
    media = Media(told, thing, sequence)
    known = world.media.add(media)
    if known is not None and (known.manifest, known.thing) != (told, thing):
        world.operations.refused(thing, f"media {told.media}: told before, and differently")
        return
    settle_media(known or media, world)


def keep_camera_health(told: SourceHealth, thing: ThingName, world: MediaWorld) -> None:
    """Keep how a camera is, if it stands behind this device."""
    outlet = told.outlet or OutletId(told.source.rpartition("-cam")[0])
    if not _stands_behind(told.source, outlet, thing, world.registry):
        world.operations.refused(thing, f"health of camera {told.source}: it is not behind it")
        return
    health = CameraHealth(CameraId(told.source), told.at, told.state, told.detail)
    world.media.note_health(health)


def settle_media(media: Media, world: MediaWorld) -> Media:
    """Check media that are pending, and keep how it came out."""
    if media.check is not MediaCheck.PENDING:
        return media
    seen = [world.media_objects.seen(one.key) for one in media.manifest.objects]
    found = [one for one in seen if one is not None]
    if len(found) < len(seen):
        return media
    altered = _altered(media.manifest, found)
    for key in altered:
        world.operations.altered(media.thing, media.manifest.media, key)
    if altered:
        settled = media.settled(MediaCheck.DIFFERS)
    else:
        settled = media.settled(MediaCheck.VERIFIED, tuple(one.version for one in found))
    world.media.settle(settled)
    return settled


def _altered(told: MediaManifest, found: list[SeenObject]) -> list[str]:
    return [
        said.key
        for said, one in zip(told.objects, found, strict=True)
        if (said.sha256.lower(), said.bytes) != (one.sha256, one.bytes)
    ]


def _fault(told: MediaManifest, thing: ThingName, registry: Registry) -> str:
    prefix = MEDIA_PREFIX.format(thing=thing)
    faults = (
        (
            not _stands_behind(told.camera, told.outlet, thing, registry),
            f"camera {told.camera} is not behind it",
        ),
        (not told.objects, "it names no object"),
        (
            any(not one.key.startswith(prefix) for one in told.objects),
            f"an object lies outside {prefix}",
        ),
        (not told.start <= told.end <= told.start + LONGEST, "it ends before it starts, or late"),
    )
    return next((says for holds, says in faults if holds), "")


def _stands_behind(camera: str, outlet: OutletId, thing: ThingName, registry: Registry) -> bool:
    cameras = registry.cameras_of([outlet])[outlet]
    return any((one.id, one.thing) == (camera, thing) for one in cameras)
