"""Snapshots and clips of an outlet, as people look at them."""

from dataclasses import dataclass
from datetime import datetime

from plume.errors import NotThere
from plume.model.identity import AlarmId, OutletId
from plume.model.media import Media, MediaCheck
from plume.model.permission import Permission
from plume.model.person import Person
from plume.ports.alarms import Alarms
from plume.ports.audit import Audit
from plume.ports.media import MediaIndex, MediaObjects, MediaPage, MediaQuery
from plume.ports.notices import Operations
from plume.ports.registry import Registry
from plume.usecases.audit_viewing import Viewer, audit_viewing
from plume.usecases.film_alarm import clip_cause
from plume.usecases.in_sight import alarm_in_sight, outlet_in_sight, require
from plume.usecases.keep_media import settle_media
from plume.wire.playlist import with_paths

PLAYLIST = ".m3u8"


@dataclass(frozen=True, slots=True)
class MediaReading:
    """What media are read from."""

    registry: Registry
    media: MediaIndex
    media_objects: MediaObjects
    operations: Operations
    audit: Audit


@dataclass(frozen=True, slots=True)
class ShownMedia:
    """Media, and the path at which they can be looked at; empty unless they are verified."""

    media: Media
    path: str


def list_media(
    asker: Person, query: MediaQuery, *, part: tuple[int, str], world: MediaReading
) -> MediaPage:
    """Give one page of an outlet's media, newest start first; `part` is its size and cursor.

    Raises:
        NotThere: no such outlet within the scope.
    """
    require(asker, Permission.VIDEO_VIEW)
    outlet_in_sight(asker, query.outlet, world.registry)
    most, cursor = part
    return world.media.page(query, most=most, cursor=cursor)


def list_alarm_media(
    asker: Person, key: AlarmId, *, alarms: Alarms, world: MediaReading
) -> list[Media]:
    """Give what was filmed because of an alarm, by camera.

    Raises:
        NotThere: no such alarm within the scope.
    """
    require(asker, Permission.VIDEO_VIEW)
    alarm = alarm_in_sight(asker, key, alarms)
    cameras = world.registry.cameras_of([alarm.outlet])[alarm.outlet]
    causes = [clip_cause(alarm.id, camera.id) for camera in cameras]
    return [one for cause in causes for one in world.media.of_cause(cause)]


def show_media(viewer: Viewer, key: str, *, world: MediaReading, now: datetime) -> ShownMedia:
    """Give one, checked now if it was still pending; the viewing is kept in the audit trail.

    Raises:
        NotThere: none with this id within the scope.
    """
    media = settle_media(_in_sight(viewer.person, key, world), world)
    first = media.manifest.objects[0].key
    if media.check is MediaCheck.VERIFIED:
        audit_viewing(viewer, "video:view", key, audit=world.audit, now=now)
    if media.check is not MediaCheck.VERIFIED or first.endswith(PLAYLIST):
        return ShownMedia(media, "")
    return ShownMedia(media, world.media_objects.address(first, version=media.versions[0]))


def media_playlist(viewer: Viewer, key: str, *, world: MediaReading, now: datetime) -> str:
    """Give the playlist of a clip in pieces, each piece by a path that shows it.

    The viewing is kept in the audit trail.

    Raises:
        NotThere: no such clip within the scope, or it is not verified, or not in pieces.
    """
    media = settle_media(_in_sight(viewer.person, key, world), world)
    first = media.manifest.objects[0].key
    told = world.media_objects.text(first) if first.endswith(PLAYLIST) else None
    if told is None or media.check is not MediaCheck.VERIFIED:
        raise NotThere("no such playlist", zh="没有这段录像", pointer="/path/media_id")
    audit_viewing(viewer, "video:view", key, audit=world.audit, now=now)
    folder = first.rpartition("/")[0]
    paths = {
        one.key: world.media_objects.address(one.key, version=version)
        for one, version in zip(media.manifest.objects, media.versions, strict=True)
    }
    return with_paths(told.text, lambda name: paths.get(f"{folder}/{name}", ""))


def _in_sight(asker: Person, key: str, world: MediaReading) -> Media:
    require(asker, Permission.VIDEO_VIEW)
    media = world.media.get(key)
    if media is None or not _sees(asker, media.manifest.outlet, world.registry):
        raise NotThere("no such media", zh="没有这段影像", pointer="/path/media_id")
    return media


def _sees(asker: Person, key: OutletId, registry: Registry) -> bool:
    try:
        outlet_in_sight(asker, key, registry)
    except NotThere:
        return False
    return True
