"""Pictures, clips and live views are given when asked for, once, and survive what may happen."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import av
import pytest
from PIL import Image

from edge_greengrass.camera.eye import RINGS
from edge_greengrass.camera.piece import Piece, piece_at
from edge_greengrass.home import CAMERA_WISHES
from edge_greengrass.twin.video.films import film
from plume.model.command import Command, CommandKind
from plume.model.event import (
    EdgeEvent,
    MediaKind,
    MediaManifest,
    Receipt,
    ReceiptStage,
    SourceHealth,
    SourceState,
)
from plume.model.identity import ThingName
from tests.component.camera_site import Bucket, Scene, at_work, chosen
from tests.component.cameras import gstreamer_camera, slices, turn, twin_cameras
from tests.component.patience import until

CAMERA = "stack-1-cam1"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("cameras")
    with twin_cameras(folder, {"cam": "stack"}) as address:
        yield f"rtsp://{address}/cam"


def receipt(key: str, *stages: ReceiptStage) -> object:
    wanted = stages or (ReceiptStage.DONE,)
    return lambda event: (
        isinstance(event, Receipt) and event.command == key and event.stage in wanted
    )


def is_manifest(event: EdgeEvent) -> bool:
    return isinstance(event, MediaManifest)


async def filmed(scene: Scene, count: int) -> tuple[Piece, ...]:
    """Wait until so many pieces are in the ring."""

    def there() -> tuple[Piece, ...] | None:
        ring = scene.site.eyes[CAMERA].ring
        far = timedelta(days=1)
        found = ring.pieces(datetime.now(tz=UTC) - far, datetime.now(tz=UTC) + far)
        return found if len(found) >= count else None

    return await until(there)


def pixels_digests(home: Path) -> set[str]:
    """Decode what is in the ring again, and digest every picture's planes."""
    found = set()
    for path in (home / RINGS / CAMERA).glob("*.ts"):
        with av.open(str(path)) as opened:
            for frame in opened.decode(video=0):
                found.add(sha256(frame.to_ndarray().tobytes()).hexdigest())
    return found


async def test_a_snapshot_bears_its_place_time_and_digest_and_is_told_with_its_hash(
    tmp_path: Path, url: str
) -> None:
    bucket = Bucket()
    async with at_work(chosen(tmp_path, url), bucket) as scene:
        await filmed(scene, 1)
        asked = datetime.now(tz=UTC)
        scene.command("c-1", CommandKind.SNAPSHOT, camera=CAMERA)
        (manifest,) = await scene.told(is_manifest)
        await scene.told(receipt("c-1"))
        known = pixels_digests(tmp_path)
    (item,) = manifest.objects
    assert item.key.startswith(f"media/edge-1/{CAMERA}/")
    assert item.key.endswith(".jpg")
    assert item.sha256 == sha256(bucket.objects[item.key]).hexdigest()
    assert item.bytes == len(bucket.objects[item.key])
    says = (manifest.kind, manifest.outlet, manifest.cause)
    assert says == (MediaKind.SNAPSHOT, "stack-1", "c-1")
    assert abs(manifest.start - asked) < timedelta(seconds=10)
    _check_picture(bucket.objects[item.key], known)


def _check_picture(content: bytes, known: set[str]) -> None:
    """The band is below the picture, and the film, decoded again, has that very picture."""
    picture = Image.open(BytesIO(content))
    assert picture.size[0] == 640
    assert picture.size[1] > 360
    assert picture.info["comment"].decode().removeprefix("sha256 ") in known


async def test_a_clip_reaches_back_goes_on_and_is_bit_for_bit_what_the_camera_sent(
    tmp_path: Path, url: str
) -> None:
    bucket = Bucket()
    async with at_work(chosen(tmp_path, url), bucket) as scene:
        first = (await filmed(scene, 3))[0]
        start, end = first.start + timedelta(seconds=1.5), first.end + timedelta(seconds=4)
        clip = {"start": start.isoformat(), "end": end.isoformat()}
        scene.command("c-2", CommandKind.CLIP, camera=CAMERA, **clip)
        await scene.told(receipt("c-2", ReceiptStage.EXECUTING))
        (manifest,) = await scene.told(is_manifest)
        (done,) = await scene.told(receipt("c-2"))
    assert manifest.complete
    assert manifest.start <= start
    assert manifest.end >= end - timedelta(seconds=0.1), "neighbours may lie a little apart"
    assert done.at >= end, "a clip is not done before its end"
    (key,) = (item.key for item in manifest.objects)
    assert bucket.kinds[key] == "video/mp4"
    _check_clip(bucket.objects[key], tmp_path, (manifest.end - manifest.start).total_seconds())


def _check_clip(content: bytes, folder: Path, seconds: float) -> None:
    """It plays while it is fetched, is as long as it says, and holds what the camera sent."""
    assert content.index(b"moov") < content.index(b"mdat")
    path = folder / "clip.mp4"
    path.write_bytes(content)
    got = list(slices(str(path), length_prefixed=True))
    whole = 2 * list(slices(str(film("stack")), length_prefixed=True))
    begin = whole.index(got[0])
    assert got == whole[begin : begin + len(got)]
    assert len(got) == pytest.approx(10 * seconds, abs=1), "ten pictures a second"
    with av.open(str(path)) as opened:
        assert opened.duration == pytest.approx(seconds * 1e6, abs=200_000)


async def test_a_clip_of_what_was_not_filmed_fails_and_one_with_a_gap_says_so(
    tmp_path: Path, url: str
) -> None:
    bucket = Bucket()
    async with at_work(chosen(tmp_path, url), bucket) as scene:
        first = (await filmed(scene, 2))[0]
        hour, minute = timedelta(hours=1), timedelta(minutes=1)
        before = first.start - hour
        past = {"start": before.isoformat(), "end": (before + minute).isoformat()}
        scene.command("past", CommandKind.CLIP, camera=CAMERA, **past)
        half = {"start": (first.start - minute).isoformat(), "end": first.end.isoformat()}
        scene.command("half", CommandKind.CLIP, camera=CAMERA, **half)
        (failed,) = await scene.told(receipt("past", ReceiptStage.FAILED))
        await scene.told(receipt("half"))
        (manifest,) = await scene.told(is_manifest)
    assert "NothingFilmed" in failed.detail
    assert not manifest.complete
    assert manifest.start == first.start


async def test_a_damaged_piece_is_left_out_of_a_clip_and_ends_nothing(
    tmp_path: Path, url: str
) -> None:
    async with at_work(chosen(tmp_path, url), Bucket()) as scene:
        _, second, third, fourth = (await filmed(scene, 4))[:4]
    for piece in (second, third):
        piece.path.write_bytes(bytes(piece.path.stat().st_size))
    async with at_work(chosen(tmp_path, url), Bucket()) as scene:
        half = timedelta(seconds=0.5)  # pieces may overlap by a little
        start = second.start + half
        for name, end in (("torn", third.end - half), ("half", fourth.end - half)):
            clip = {"start": start.isoformat(), "end": end.isoformat()}
            scene.command(name, CommandKind.CLIP, camera=CAMERA, **clip)
        (failed,) = await scene.told(receipt("torn", ReceiptStage.FAILED))
        await scene.told(receipt("half"))
        (manifest,) = await scene.told(is_manifest)
    assert "NothingFilmed" in failed.detail
    assert (manifest.start, manifest.end) == (fourth.start, fourth.end)
    assert not manifest.complete


async def test_a_snapshot_that_is_asked_for_at_the_start_waits_for_film_of_now(
    tmp_path: Path, url: str
) -> None:
    async with at_work(chosen(tmp_path, url), Bucket()) as scene:
        await filmed(scene, 1)
    for path in (tmp_path / RINGS / CAMERA).glob("*.ts"):
        path.rename(path.with_name(re.sub(r"\d{13}", _an_hour_before, path.name)))
    async with at_work(chosen(tmp_path, url), Bucket()) as scene:
        asked = datetime.now(tz=UTC)
        scene.command("early", CommandKind.SNAPSHOT, camera=CAMERA)
        (manifest,) = await scene.told(is_manifest)
    assert manifest.start > asked - timedelta(seconds=5)


def _an_hour_before(stamp: re.Match[str]) -> str:
    return str(int(stamp[0]) - 3_600_000)


async def test_a_refusal_that_a_crash_kept_from_being_told_is_told_after_it(
    tmp_path: Path, url: str
) -> None:
    async with at_work(chosen(tmp_path, url, logBytes=1), Bucket()) as scene:
        scene.command("b-6", CommandKind.SNAPSHOT, camera="nobody")
        await filmed(scene, 2)
    async with at_work(chosen(tmp_path, url), Bucket()) as scene:
        await scene.told(receipt("b-6", ReceiptStage.REFUSED))


async def test_a_command_is_obeyed_once_however_often_it_comes(tmp_path: Path, url: str) -> None:
    bucket = Bucket()
    async with at_work(chosen(tmp_path, url), bucket) as scene:
        await filmed(scene, 1)
        for _ in range(3):
            scene.command("c-3", CommandKind.SNAPSHOT, camera=CAMERA)
        await scene.told(receipt("c-3"))
    async with at_work(chosen(tmp_path, url), bucket) as scene:
        scene.command("c-3", CommandKind.SNAPSHOT, camera=CAMERA)
        scene.command("c-4", CommandKind.SNAPSHOT, camera=CAMERA)
        await scene.told(receipt("c-4"))
        told = dict.fromkeys(event for event in scene.events() if is_manifest(event))
    assert [event.cause for event in told] == ["c-3", "c-4"], "told again, it is the same fact"


async def test_a_wish_of_the_sentinel_and_the_same_one_of_the_platform_are_one(
    tmp_path: Path, url: str
) -> None:
    now = datetime.now(tz=UTC)
    wish = Command(
        id="alarm-AL23-cam1",
        thing=ThingName("edge-1"),
        kind=CommandKind.SNAPSHOT,
        issued_at=now,
        expires_at=now + timedelta(minutes=10),
        arguments={"camera": CAMERA},
    )
    async with at_work(chosen(tmp_path, url), Bucket()) as scene:
        await filmed(scene, 1)
        scene.write(wish, to=CAMERA_WISHES)
        await scene.told(receipt(wish.id))
        scene.write(wish)
        scene.command("c-9", CommandKind.SNAPSHOT, camera=CAMERA)
        await scene.told(receipt("c-9"))
        told = [event.cause for event in scene.events() if is_manifest(event)]
    assert told == [wish.id, "c-9"]


async def test_a_command_that_cannot_be_obeyed_is_answered_by_what_is_wrong(
    tmp_path: Path, url: str
) -> None:
    now = datetime.now(tz=UTC)
    far = {"start": now.isoformat(), "end": (now + timedelta(minutes=16)).isoformat()}
    naive = {"start": "2026-11-27T10:00:00", "end": "2026-11-27T10:01:00"}
    async with at_work(chosen(tmp_path, url), Bucket()) as scene:
        scene.command("b-1", CommandKind.SNAPSHOT, camera="nobody")
        scene.command("b-2", CommandKind.CLIP, camera=CAMERA, **far)
        scene.command("b-3", CommandKind.CLIP, camera=CAMERA, **naive)
        scene.command("../b-4", CommandKind.SNAPSHOT, camera=CAMERA)
        late = Command(
            id="b-5",
            thing=ThingName("edge-1"),
            kind=CommandKind.SNAPSHOT,
            issued_at=now - timedelta(minutes=2),
            expires_at=now - timedelta(minutes=1),
            arguments={"camera": CAMERA},
        )
        scene.write(late)
        told = await scene.told(lambda event: isinstance(event, Receipt), 5)
        media = [event for event in scene.events() if is_manifest(event)]
    said = {event.command: (event.stage, event.detail) for event in told}
    assert said["b-1"] == (ReceiptStage.REFUSED, f"camera: 'nobody' is none of ['{CAMERA}']")
    assert said["b-2"][0] is ReceiptStage.REFUSED
    assert said["b-2"][1].startswith("end: ")
    assert said["b-3"] == (ReceiptStage.REFUSED, "start, end: a time names no offset")
    assert said["../b-4"][0] is ReceiptStage.REFUSED
    assert said["b-5"] == (ReceiptStage.TIMED_OUT, "came after it had expired")
    assert not media


async def test_a_clip_waits_for_a_deaf_bucket_through_a_restart_though_the_ring_is_gone(
    tmp_path: Path, url: str
) -> None:
    deaf, bucket = Bucket(deaf=True), Bucket()
    async with at_work(chosen(tmp_path, url), deaf) as scene:
        first = (await filmed(scene, 2))[0]
        clip = {"start": first.start.isoformat(), "end": first.end.isoformat()}
        scene.command("c-5", CommandKind.CLIP, camera=CAMERA, **clip)
        await until(lambda: deaf.tries)
        assert not [event for event in scene.events() if is_manifest(event)]
    shutil.rmtree(tmp_path / RINGS)
    async with at_work(chosen(tmp_path, url), bucket) as scene:
        (manifest,) = await scene.told(is_manifest)
        await scene.told(receipt("c-5"))
    assert manifest.start == first.start
    (item,) = manifest.objects
    assert item.sha256 == sha256(bucket.objects[item.key]).hexdigest()


async def test_a_crash_before_the_film_is_whole_leaves_an_order_that_is_carried_out(
    tmp_path: Path, url: str
) -> None:
    bucket = Bucket()
    async with at_work(chosen(tmp_path, url), bucket) as scene:
        first = (await filmed(scene, 2))[0]
        end = first.end + timedelta(seconds=4)
        clip = {"start": first.start.isoformat(), "end": end.isoformat()}
        scene.command("c-6", CommandKind.CLIP, camera=CAMERA, **clip)
        await scene.told(receipt("c-6", ReceiptStage.EXECUTING))
    assert not bucket.objects
    async with at_work(chosen(tmp_path, url), bucket) as scene:
        (manifest,) = await scene.told(is_manifest)
    assert manifest.start == first.start
    assert manifest.cause == "c-6"


async def test_what_was_brought_up_but_not_told_is_told_under_the_same_name(
    tmp_path: Path, url: str
) -> None:
    stuck, bucket = Bucket(stuck_after_put=True), Bucket()
    async with at_work(chosen(tmp_path, url), stuck) as scene:
        await filmed(scene, 1)
        scene.command("c-7", CommandKind.SNAPSHOT, camera=CAMERA)
        await until(lambda: stuck.objects)
        assert not [event for event in scene.events() if is_manifest(event)]
    async with at_work(chosen(tmp_path, url), bucket) as scene:
        (manifest,) = await scene.told(is_manifest)
    assert bucket.objects == stuck.objects, "the same bytes under the same key"
    assert manifest.objects[0].key in bucket.objects


async def test_a_manifest_that_is_told_again_after_a_crash_is_the_same_to_the_letter(
    tmp_path: Path, url: str
) -> None:
    deaf, orders = Bucket(deaf=True), tmp_path / "home" / "orders"
    found = chosen(tmp_path / "home", url)
    async with at_work(found, deaf) as scene:
        await filmed(scene, 1)
        scene.command("c-8", CommandKind.SNAPSHOT, camera=CAMERA)
        await until(lambda: deaf.tries)
    shutil.copytree(orders, tmp_path / "before the crash")
    async with at_work(found, Bucket()) as scene:
        await scene.told(is_manifest)
    shutil.rmtree(orders)
    shutil.copytree(tmp_path / "before the crash", orders)
    async with at_work(found, Bucket()) as scene:
        first, again = await scene.told(is_manifest, 2)
    assert first == again


async def test_a_live_view_begins_with_film_that_is_there_goes_on_and_ends_by_itself(
    tmp_path: Path, url: str
) -> None:
    bucket, at = Bucket(), f"live/edge-1/{CAMERA}/"
    async with at_work(chosen(tmp_path, url, keepAliveSeconds=3), bucket) as scene:
        await filmed(scene, 3)
        scene.command("l-1", CommandKind.LIVE, camera=CAMERA, on=True)
        await scene.told(receipt("l-1"))
        begun = bucket.objects[f"{at}live.m3u8"].decode()
        ended = await until(lambda: _ended(bucket.objects[f"{at}live.m3u8"].decode()))
    assert begun.startswith("#EXTM3U\n")
    assert begun.count("#EXTINF:") == 3
    assert begun.count("#EXT-X-PROGRAM-DATE-TIME:") == 3
    names = [line for line in ended.splitlines() if line.endswith(".ts")]
    assert len(names) > 3, "it went on"
    shown = [piece_at(Path(name)) for name in names]
    assert shown == sorted(shown)
    film_of = tmp_path / "one.ts"
    for name in names:
        assert bucket.kinds[at + name] == "video/mp2t"
        film_of.write_bytes(bucket.objects[at + name])
        with av.open(str(film_of)) as opened:
            assert next(opened.demux(video=0)).is_keyframe


def _ended(playlist: str) -> str | None:
    return playlist if "#EXT-X-ENDLIST" in playlist else None


async def test_a_live_view_ends_when_it_is_told_to_and_can_begin_again(
    tmp_path: Path, url: str
) -> None:
    bucket, name = Bucket(), f"live/edge-1/{CAMERA}/live.m3u8"
    async with at_work(chosen(tmp_path, url), bucket) as scene:
        await filmed(scene, 1)
        scene.command("l-2", CommandKind.LIVE, camera=CAMERA, on=True)
        await scene.told(receipt("l-2"))
        scene.command("l-3", CommandKind.LIVE, camera=CAMERA, on=False)
        await scene.told(receipt("l-3"))
        assert _ended(bucket.objects[name].decode())
        first = _number(bucket.objects[name].decode())
        scene.command("l-4", CommandKind.LIVE, camera=CAMERA, on=True)
        await scene.told(receipt("l-4"))
        assert not _ended(bucket.objects[name].decode())
        assert _number(bucket.objects[name].decode()) >= first


def _number(playlist: str) -> int:
    (line,) = (one for one in playlist.splitlines() if "MEDIA-SEQUENCE" in one)
    return int(line.partition(":")[2])


async def test_a_live_view_that_cannot_be_seen_has_failed(tmp_path: Path, url: str) -> None:
    async with at_work(chosen(tmp_path, url), Bucket(deaf=True)) as scene:
        await filmed(scene, 1)
        scene.command("l-5", CommandKind.LIVE, camera=CAMERA, on=True)
        (failed,) = await scene.told(receipt("l-5", ReceiptStage.FAILED))
    assert failed.detail == "nothing to be seen within 6 s"


async def test_a_real_rtsp_server_is_snapped_clipped_and_shown_live(tmp_path: Path) -> None:
    bucket = Bucket()
    with gstreamer_camera() as real:
        async with at_work(chosen(tmp_path, real), bucket) as scene:
            first = (await filmed(scene, 2))[0]
            clip = {"start": first.start.isoformat(), "end": first.end.isoformat()}
            scene.command("r-1", CommandKind.SNAPSHOT, camera=CAMERA)
            scene.command("r-2", CommandKind.CLIP, camera=CAMERA, **clip)
            scene.command("r-3", CommandKind.LIVE, camera=CAMERA, on=True)
            for key in ("r-1", "r-2", "r-3"):
                await scene.told(receipt(key))
    kinds = sorted(bucket.kinds[key] for key in bucket.objects if key.startswith("media/"))
    assert kinds == ["image/jpeg", "video/mp4"]
    assert f"live/edge-1/{CAMERA}/live.m3u8" in bucket.objects


def health(detail: str) -> object:
    return lambda event: isinstance(event, SourceHealth) and event.detail.startswith(detail)


async def test_a_covered_camera_and_one_that_is_gone_are_told_with_a_picture(
    tmp_path: Path,
) -> None:
    bucket = Bucket()
    (tmp_path / "twin").mkdir()
    with twin_cameras(tmp_path / "twin", {"cam": "stack"}) as address:
        found = chosen(tmp_path / "home", f"rtsp://{address}/cam", lookSeconds=0.8)
        async with at_work(found, bucket) as scene:
            (well,) = await scene.told(health("clear"))
            assert not [event for event in scene.events() if is_manifest(event)]
            turn(f"rtsp://{address}/cam", "stack-covered")
            (covered,) = await scene.told(health("covered"))
            (manifest,) = await scene.told(is_manifest)
    assert (well.source, well.kind, well.state) == (CAMERA, "camera", SourceState.OK)
    assert (covered.state, covered.outlet) == (SourceState.FAILING, "stack-1")
    assert manifest.cause == "health: covered"
    async with at_work(found, bucket) as scene:
        (gone,) = await scene.told(health("offline: "))
    assert gone.state is SourceState.SILENT
    assert address not in gone.detail
