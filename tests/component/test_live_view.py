"""A live view while somebody sets the clock of the device."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from edge_greengrass.camera.eye import Eye
from edge_greengrass.camera.live import LiveView
from tests.component.camera_site import Bucket, chosen
from tests.component.patience import until
from tests.component.test_camera_ring import NOON, kept

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
AT_ONCE, PLAYLIST = timedelta(seconds=5), "live/edge-1/stack-1-cam1/live.m3u8"


class Clock:
    """What the device takes for the time."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def film(eye: Eye, at: datetime) -> str:
    """Take in a piece of film, as the recorder does; give its name in the bucket."""
    piece = kept(eye.ring, at)
    eye._heard(piece)
    return f"live/edge-1/stack-1-cam1/{piece.path.name}"


async def test_a_view_shows_what_is_filmed_and_ends_in_time_though_the_clock_is_set_back(
    tmp_path: Path,
) -> None:
    settings, clock, bucket = chosen(tmp_path, "rtsp://127.0.0.1/"), Clock(NOON), Bucket()
    eye = Eye(settings.cameras["stack-1-cam1"], settings)
    view = LiveView(eye, bucket, "edge-1", clock)
    first = film(eye, NOON - 2 * SECOND)
    assert await view.keep(3 * SECOND, AT_ONCE)
    assert first in bucket.objects
    clock.now = NOON - DAY
    second = film(eye, clock.now)
    await until(lambda: second in bucket.objects)

    def is_over() -> bool:
        eye._arrived()
        return not view.on

    await until(is_over)
    assert b"#EXT-X-ENDLIST" in bucket.objects[PLAYLIST]


async def test_a_clock_that_is_set_forward_does_not_end_a_view(tmp_path: Path) -> None:
    settings, clock, bucket = chosen(tmp_path, "rtsp://127.0.0.1/"), Clock(NOON), Bucket()
    eye = Eye(settings.cameras["stack-1-cam1"], settings)
    view = LiveView(eye, bucket, "edge-1", clock)
    film(eye, NOON - 2 * SECOND)
    assert await view.keep(60 * SECOND, AT_ONCE)
    clock.now = NOON + timedelta(hours=1)
    later = film(eye, clock.now)
    await until(lambda: later in bucket.objects)
    assert view.on
    ending = asyncio.create_task(view.end())
    await asyncio.sleep(0)
    eye._arrived()
    await ending
