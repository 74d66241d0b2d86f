"""One suite, two worlds: the index of media, and their objects."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from plume.aws.media_bucket import MediaBucket
from plume.aws.media_table import MediaTable
from plume.memory.media import MemoryMedia
from plume.model.event import MediaKind, MediaManifest, MediaObject, SourceState
from plume.model.identity import CameraId, OutletId, ThingName
from plume.model.media import CameraHealth, Media, MediaCheck
from plume.ports.media import MediaIndex, MediaQuery
from tests.integration.given import EIGHT, HOUR
from tests.integration.worlds import MEDIA_BUCKET, aws, one_of

MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["memory", "dynamodb"])
def media(request: pytest.FixtureRequest) -> Iterator[MediaIndex]:
    yield from one_of(request, MemoryMedia, lambda: MediaTable("media"))


def recorded(
    key: str, start: int = 0, minutes: int = 3, kind: MediaKind = MediaKind.CLIP, **said: str
) -> Media:
    begins = EIGHT + start * MINUTE
    told = MediaManifest(
        at=begins,
        media=key,
        camera="stack-cam1",
        outlet=OutletId(said.get("outlet", "stack")),
        kind=kind,
        start=begins,
        end=begins + minutes * MINUTE,
        objects=(MediaObject(f"media/edge-1/{key}.mp4", "ab" * 32, 1_000),),
        cause=said.get("cause", ""),
    )
    return Media(told, ThingName("edge-1"), 7)


def keys(index: MediaIndex, since: int, until: int, kind: MediaKind | None = None) -> list[str]:
    asked = MediaQuery(OutletId("stack"), EIGHT + since * MINUTE, EIGHT + until * MINUTE, kind)
    return [one.manifest.media for one in index.page(asked, most=50).items]


def test_media_are_kept_once_and_come_back_whole(media: MediaIndex) -> None:
    assert media.add(recorded("m1")) is None
    assert media.add(recorded("m1", start=5)) == recorded("m1")
    assert media.get("m1") == recorded("m1")
    assert media.get("no-such") is None
    assert keys(media, 0, 60) == ["m1"]


def test_a_range_finds_what_shows_any_of_it_newest_first(media: MediaIndex) -> None:
    for key, start, minutes in (("early", 0, 3), ("long", 2, 15), ("late", 20, 0), ("off", 90, 1)):
        media.add(recorded(key, start, minutes))
    media.add(recorded("elsewhere", 2, outlet="drain"))
    assert keys(media, 0, 60) == ["late", "long", "early"]
    assert keys(media, 10, 20) == ["long"]
    assert keys(media, 10, 21) == ["late", "long"]
    assert keys(media, 30, 60) == []


def test_a_kind_can_be_asked_for(media: MediaIndex) -> None:
    media.add(recorded("clip"))
    media.add(recorded("still", 1, 0, MediaKind.SNAPSHOT))
    assert keys(media, 0, 60, MediaKind.SNAPSHOT) == ["still"]
    assert keys(media, 0, 60, MediaKind.CLIP) == ["clip"]


def test_pages_join_without_gap_or_repetition(media: MediaIndex) -> None:
    names = [f"m{place:02}" for place in range(7)]
    for place, name in enumerate(names):
        media.add(recorded(name, place // 2))
    asked = MediaQuery(OutletId("stack"), EIGHT, EIGHT + HOUR)
    found, cursor = [], ""
    for _ in names:
        page = media.page(asked, most=3, cursor=cursor)
        found += [one.manifest.media for one in page.items]
        cursor = page.cursor
        if not cursor:
            break
    assert found == sorted(names, reverse=True)


def test_a_cursor_from_before_the_range_shows_nothing_more(media: MediaIndex) -> None:
    for place, name in enumerate(("a", "b")):
        media.add(recorded(name, place))
    cursor = media.page(MediaQuery(OutletId("stack"), EIGHT, EIGHT + HOUR), most=1).cursor
    later = MediaQuery(OutletId("stack"), EIGHT + 999 * HOUR, EIGHT + 1_000 * HOUR)
    page = media.page(later, most=1, cursor=cursor)
    assert (page.items, page.cursor) == ((), "")


def test_media_are_found_by_what_caused_them(media: MediaIndex) -> None:
    for key, start, cause in (("a", 0, "AL1"), ("b", 5, "AL1"), ("c", 6, "cmd-9"), ("d", 7, "")):
        media.add(recorded(key, start, cause=cause))
    assert [one.manifest.media for one in media.of_cause("AL1")] == ["b", "a"]
    assert media.of_cause("AL2") == []


def test_a_check_is_settled_once(media: MediaIndex) -> None:
    pending = recorded("m1", cause="AL1")
    media.add(pending)
    media.settle(pending.settled(MediaCheck.VERIFIED, ("v1",)))
    media.settle(pending.settled(MediaCheck.DIFFERS))
    found = media.get("m1")
    assert found is not None
    assert (found.check, found.versions) == (MediaCheck.VERIFIED, ("v1",))
    assert [one.check for one in media.of_cause("AL1")] == [MediaCheck.VERIFIED]


def test_the_newest_word_on_a_camera_counts(media: MediaIndex) -> None:
    camera = CameraId("stack-cam1")
    bad = CameraHealth(camera, EIGHT + MINUTE, SourceState.FAILING, "frozen")
    media.note_health(bad)
    media.note_health(replace(bad, at=EIGHT, state=SourceState.OK, detail=""))
    assert media.health([camera, CameraId("stack-cam2")]) == {camera: bad}
    assert media.health([]) == {}


BODY = b"a moving picture"


def put(key: str, body: bytes, *, told: bool = True) -> None:
    more = {"ChecksumSHA256": b64encode(sha256(body).digest()).decode()} if told else {}
    boto3.client("s3").put_object(Bucket=MEDIA_BUCKET, Key=key, Body=body, **more)


def test_an_object_is_known_by_its_hash_whether_s3_tells_it_or_not() -> None:
    with aws():
        for told in (True, False):
            put("media/edge-1/a.mp4", BODY, told=told)
            seen = MediaBucket(MEDIA_BUCKET).seen("media/edge-1/a.mp4")
            assert seen is not None
            assert (seen.sha256, seen.bytes) == (sha256(BODY).hexdigest(), len(BODY))
            assert seen.version


def test_an_object_that_is_not_there_is_none() -> None:
    with aws():
        assert MediaBucket(MEDIA_BUCKET).seen("media/edge-1/no-such.mp4") is None
        assert MediaBucket(MEDIA_BUCKET).text("live/edge-1/cam/live.m3u8") is None


def test_an_address_is_a_path_of_the_pages_own_origin_and_tells_the_type_itself() -> None:
    with aws():
        put("media/edge-1/a.mp4", BODY)
        bucket = MediaBucket(MEDIA_BUCKET)
        seen = bucket.seen("media/edge-1/a.mp4")
        assert seen is not None
        parts = urlsplit(bucket.address("media/edge-1/a.mp4", version=seen.version))
        odd = urlsplit(bucket.address("media/edge-1/page.html"))
    query = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc, parts.path) == ("", "", "/media/edge-1/a.mp4")
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["response-content-type"] == ["video/mp4"]
    assert query["versionId"] == [seen.version]
    assert parse_qs(odd.query)["response-content-type"] == ["application/octet-stream"]


def test_a_text_comes_with_the_time_it_was_put() -> None:
    with aws():
        put("live/edge-1/cam/live.m3u8", b"#EXTM3U\n")
        kept = MediaBucket(MEDIA_BUCKET).text("live/edge-1/cam/live.m3u8")
    assert kept is not None
    assert kept.text == "#EXTM3U\n"
    assert kept.put_at.tzinfo is not None
