"""Snapshots and clips."""

from datetime import timedelta

from chalice.app import Blueprint, Response
from chalicelib import worlds
from chalicelib.answers import page
from chalicelib.asking import asker_of, now, query_of, range_of, viewer_of

from plume.aws import wiring
from plume.model.identity import AlarmId, OutletId
from plume.ports.media import MediaQuery
from plume.usecases.read_media import list_alarm_media, list_media, media_playlist, show_media
from plume.wire import endpoints, resource_of
from plume.wire.resources import ShownMediaResource

blueprint = Blueprint(__name__)

USUAL = timedelta(days=1)
LONGEST = timedelta(days=366)
PLAYLIST_HEADERS = {"Content-Type": endpoints.PLAYLIST, "Cache-Control": "no-store"}


@blueprint.route(endpoints.MEDIA.path)
def media(outlet_id: str) -> dict[str, object]:
    """List what the cameras of an outlet recorded, newest first."""
    query, asker = query_of(blueprint, endpoints.MEDIA), asker_of(blueprint)
    since, until = range_of(query, usual=USUAL, longest=LONGEST)
    asked = MediaQuery(OutletId(outlet_id), since, until, query["kind"])
    part = (query["limit"], query["cursor"] or "")
    found = list_media(asker, asked, part=part, world=worlds.media())
    return page([resource_of.media(one) for one in found.items], found.cursor)


@blueprint.route(endpoints.ALARM_MEDIA.path)
def alarm_media(alarm_id: str) -> dict[str, object]:
    """List what was filmed because of an alarm."""
    query_of(blueprint, endpoints.ALARM_MEDIA)
    asker, alarms = asker_of(blueprint), wiring.alarms()
    found = list_alarm_media(asker, AlarmId(alarm_id), alarms=alarms, world=worlds.media())
    return page([resource_of.media(one) for one in found])


@blueprint.route(endpoints.ONE_MEDIA.path)
def one_media(media_id: str) -> ShownMediaResource:
    """Show one."""
    query_of(blueprint, endpoints.ONE_MEDIA)
    shown = show_media(viewer_of(blueprint), media_id, world=worlds.media(), now=now())
    return {**resource_of.media(shown.media), "path": shown.path or None}


@blueprint.route(endpoints.MEDIA_PLAYLIST.path)
def playlist(media_id: str) -> Response:
    """Give the playlist of a clip in pieces."""
    query_of(blueprint, endpoints.MEDIA_PLAYLIST)
    text = media_playlist(viewer_of(blueprint), media_id, world=worlds.media(), now=now())
    return Response(body=text, headers=dict(PLAYLIST_HEADERS))
