"""Someone who watches a camera on the monitor page, and how long each thing takes [s]."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.platform_under_test import SOON, Platform, until

OUTLET = "bench-gas-1"
CAMERA = f"{OUTLET}-cam1"
LIVE, CLIP = "R02-live", "R02-clip"
CLIP_SECONDS = 150

SHOWS = """([film, from]) => {
  const video = document.querySelector(`[data-testid="${film}"]`);
  return video !== null && video.readyState >= 2 && !video.seeking && video.currentTime > from;
}"""
AT = """film => document.querySelector(`[data-testid="${film}"]`).currentTime"""
AT_BEGINNING = """film => document.querySelector(`[data-testid="${film}"]`).currentTime < 0.5"""


def wait_until_shown(page: Page, film: str, after: float) -> None:
    """Wait until the film shows a picture that lies later than `after` [s]."""
    page.wait_for_function(SHOWS, arg=[film, after], timeout=SOON * 1_000)


def seconds_seen(page: Page, film: str) -> float:
    """Tell where in the film its picture lies [s]."""
    return float(page.evaluate(AT, film))


def call_up(page: Page) -> float:
    """Press to watch live; give how long [s] it took until the picture moved."""
    watch = page.get_by_test_id("R02-act-live")
    expect(watch).to_be_visible()
    pressed = time.monotonic()
    watch.click()
    wait_until_shown(page, LIVE, 0)
    return time.monotonic() - pressed


def press_tile(page: Page, media: str) -> float:
    """Press the clip's tile: the film goes to its beginning; give how long [s] that took."""
    pressed = time.monotonic()
    page.get_by_test_id(f"R02-media-{media}").click()
    page.wait_for_function(AT_BEGINNING, arg=CLIP, timeout=SOON * 1_000)
    wait_until_shown(page, CLIP, -1)
    return time.monotonic() - pressed


def press_lane(page: Page) -> float:
    """Press the middle of the clip on the clock of the curves; give how long [s] that took."""
    bar = page.get_by_test_id("R02-film-lane").locator("i.clip").last
    pressed = time.monotonic()
    bar.click()
    wait_until_shown(page, CLIP, 1)
    return time.monotonic() - pressed


def recorded_clip(platform: Platform, *, within: float = CLIP_SECONDS) -> dict[str, Any]:
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

    found = until(kept, within=within, what="the clip")
    assert found is not None
    shown: dict[str, Any] = caller.get(f"/media/{found['mediaId']}").json()
    assert shown["check"] == "verified", shown
    return shown


def milliseconds(text: str) -> int:
    """Give a time of the API as unix milliseconds, as the address of the page writes it."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)
