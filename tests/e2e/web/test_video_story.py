"""A regulator looks at a stack: live, by a snapshot, and by a clip on the clock of the curves."""

import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.platform_under_test import Platform
from tests.e2e.web.conftest import LogIn
from tests.e2e.web.filmgoer import (
    CLIP,
    LIVE,
    OUTLET,
    call_up,
    milliseconds,
    press_tile,
    recorded_clip,
    seconds_seen,
    wait_until_shown,
)

pytestmark = pytest.mark.stack

PLAY = """film => document.querySelector(`[data-testid="${film}"]`).play()"""
PAUSE = """film => document.querySelector(`[data-testid="${film}"]`).pause()"""


@pytest.fixture
def told(record_property: Callable[[str, object], None]) -> Callable[[str, float], None]:
    """Write a figure into the report; product.md T12 wants 6 s for live, 2 s for a clip."""

    def write(name: str, value: float) -> None:
        record_property(name, round(value, 2))
        sys.stderr.write(f"{name}: {value:.2f}\n")

    return write


def test_a_camera_is_watched_live_and_let_go(
    log_in: LogIn, told: Callable[[str, float], None]
) -> None:
    page = log_in("city_centre", f"/gov/monitor/{OUTLET}")
    told("press to moving picture [s]", call_up(page))
    wait_until_shown(page, LIVE, seconds_seen(page, LIVE) + 4)
    page.get_by_test_id("R02-act-live").click()
    expect(page.get_by_test_id("R02-live")).to_have_count(0)


def test_a_snapshot_is_asked_for_and_comes_with_its_hash(log_in: LogIn) -> None:
    page = log_in("city_centre", f"/gov/monitor/{OUTLET}")
    take = page.get_by_test_id("R02-act-snapshot")
    expect(take).to_be_enabled()
    take.click()
    expect(page.get_by_test_id("R02-looked")).to_contain_text("与签名一致", timeout=150_000)
    still = page.get_by_test_id("R02-still")
    expect(still).to_be_visible()
    assert still.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_the_cursor_moves_the_clip_and_the_playing_clip_moves_the_cursor(
    platform: Platform, log_in: LogIn, told: Callable[[str, float], None]
) -> None:
    clip = recorded_clip(platform)
    start = milliseconds(clip["start"])
    page = log_in("city_centre", f"/gov/monitor/{OUTLET}?at={start + 8_000}")
    wait_until_shown(page, CLIP, 0)
    assert seconds_seen(page, CLIP) == pytest.approx(8, abs=1)
    told("press to clip [s]", press_tile(page, clip["mediaId"]))
    page.evaluate(PLAY, CLIP)
    wait_until_shown(page, CLIP, 3)
    page.evaluate(PAUSE, CLIP)
    seen = seconds_seen(page, CLIP)
    follows = pytest.approx(seen, abs=1)
    page.wait_for_url(lambda url: (_cursor(url) - start) / 1000 == follows)


def _cursor(url: str) -> int:
    return int(url.partition("at=")[2].partition("&")[0] or 0)
