"""A regulator looks at a stack: live, by a snapshot, and by a clip on the clock of the curves."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.platform_under_test import Platform, until
from tests.e2e.web.conftest import LogIn

pytestmark = pytest.mark.stack

OUTLET = "bench-gas-1"
CAMERA = f"{OUTLET}-cam1"
SHOWS = """([film, from]) => {
  const video = document.querySelector(`[data-testid="${film}"]`);
  return video !== null && video.readyState >= 2 && !video.seeking && video.currentTime > from;
}"""
AT = """film => document.querySelector(`[data-testid="${film}"]`).currentTime"""
PLAY = """film => document.querySelector(`[data-testid="${film}"]`).play()"""
PAUSE = """film => document.querySelector(`[data-testid="${film}"]`).pause()"""


@pytest.fixture
def told(record_property: Callable[[str, object], None]) -> Callable[[str, object], None]:
    """Write a figure into the report; product.md T12 wants 6 s for live, 2 s for a clip."""

    def write(name: str, value: object) -> None:
        record_property(name, value)
        sys.stderr.write(f"{name}: {value}\n")

    return write


def test_a_camera_is_watched_live_and_let_go(
    log_in: LogIn, told: Callable[[str, object], None]
) -> None:
    page = log_in("city_centre", f"/gov/monitor/{OUTLET}")
    watch = page.get_by_test_id("R02-act-live")
    expect(watch).to_be_visible(timeout=20_000)
    pressed = time.monotonic()
    watch.click()
    page.wait_for_function(SHOWS, arg=["R02-live", 0], timeout=30_000)
    told("press to moving picture [s]", round(time.monotonic() - pressed, 2))
    seen = page.evaluate(AT, "R02-live")
    page.wait_for_function(SHOWS, arg=["R02-live", seen + 4], timeout=30_000)
    watch.click()
    expect(page.get_by_test_id("R02-live")).to_have_count(0)


def test_a_snapshot_is_asked_for_and_comes_with_its_hash(log_in: LogIn) -> None:
    page = log_in("city_centre", f"/gov/monitor/{OUTLET}")
    take = page.get_by_test_id("R02-act-snapshot")
    expect(take).to_be_enabled(timeout=20_000)
    take.click()
    expect(page.get_by_test_id("R02-looked")).to_contain_text("与签名一致", timeout=150_000)
    still = page.get_by_test_id("R02-still")
    expect(still).to_be_visible()
    assert still.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_the_cursor_moves_the_clip_and_the_playing_clip_moves_the_cursor(
    platform: Platform, log_in: LogIn, told: Callable[[str, object], None]
) -> None:
    clip = recorded_clip(platform)
    start = _milliseconds(clip["start"])
    page = log_in("city_centre", f"/gov/monitor/{OUTLET}?at={start + 8_000}")
    page.wait_for_function(SHOWS, arg=["R02-clip", 0], timeout=30_000)
    assert page.evaluate(AT, "R02-clip") == pytest.approx(8, abs=1)
    told("press to clip [s]", press_tile(page, clip["mediaId"]))
    page.evaluate(PLAY, "R02-clip")
    page.wait_for_function(SHOWS, arg=["R02-clip", 3], timeout=30_000)
    page.evaluate(PAUSE, "R02-clip")
    seen = page.evaluate(AT, "R02-clip")
    follows = pytest.approx(seen, abs=1)
    page.wait_for_url(lambda url: (_cursor(url) - start) / 1000 == follows, timeout=10_000)


def recorded_clip(platform: Platform) -> dict[str, Any]:
    """Ask for a clip of the last half minute, and wait until it is kept and verified."""
    caller = platform.log_in("city_centre")
    end = datetime.now(tz=UTC)
    span = {"start": (end - timedelta(seconds=30)).isoformat(), "end": end.isoformat()}
    asked = caller.post(
        "/commands", kind="clip", outletId=OUTLET, arguments={"camera": CAMERA, **span}
    )
    assert asked.status_code == 200, asked.text
    cause = asked.json()["commandId"]

    def kept() -> dict[str, Any] | None:
        found = caller.items(f"/outlets/{OUTLET}/media", kind="clip")
        return next((one for one in found if one["cause"] == cause), None)

    found = until(kept, within=150, what="the clip")
    assert found is not None
    shown: dict[str, Any] = caller.get(f"/media/{found['mediaId']}").json()
    assert shown["check"] == "verified", shown
    return shown


def press_tile(page: Page, media: str) -> float:
    """Press the clip's tile: the film goes to its beginning; give how long [s] that took."""
    pressed = time.monotonic()
    page.get_by_test_id(f"R02-media-{media}").click()
    back = """() => document.querySelector('[data-testid="R02-clip"]').currentTime < 0.5"""
    page.wait_for_function(back, timeout=30_000)
    page.wait_for_function(SHOWS, arg=["R02-clip", -1], timeout=30_000)
    return round(time.monotonic() - pressed, 2)


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def _cursor(url: str) -> int:
    return int(url.partition("at=")[2].partition("&")[0] or 0)
