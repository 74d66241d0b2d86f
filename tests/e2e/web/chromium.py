"""A real Chromium, and how a person enters the platform with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.platform_under_test import SOON, Platform

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched() -> Iterator[Browser]:
    """Start the Chromium of this machine, and end it."""
    chromium = which("chromium") or which("chromium-browser") or which("google-chrome")
    assert chromium, "no Chromium: .ci/run installs it"
    expect.set_options(timeout=SOON * 1_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


def opened(browser: Browser) -> BrowserContext:
    """Open a window of a desk in China: 1280 by 800, Chinese, Beijing time."""
    return browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )


def entered(page: Page, platform: Platform, role: str, path: str = "/") -> Page:
    """Ask for a page, and log in as a demo account on the way to it."""
    account = platform.account(role)
    page.set_default_timeout(SOON * 1_000)
    page.goto(platform.web_url + path)
    page.get_by_test_id("C01-username").fill(account["username"])
    page.get_by_test_id("C01-password").fill(account["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    return page
