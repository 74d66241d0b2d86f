"""A real Chromium that speaks to nobody but the platform."""

from collections.abc import Callable, Iterator
from shutil import which
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.e2e.platform_under_test import Platform

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LogIn = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = which("chromium") or which("chromium-browser") or which("google-chrome")
    assert chromium, "no Chromium: .ci/run installs it"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser, platform: Platform) -> Iterator[BrowserContext]:
    home = urlsplit(platform.web_url).netloc
    abroad: list[str] = []

    def watch(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and address.netloc != home:
            abroad.append(request.url)

    opened = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    opened.on("request", watch)
    yield opened
    opened.close()
    assert abroad == [], "the page asked an outside address"


@pytest.fixture
def log_in(context: BrowserContext, platform: Platform) -> LogIn:
    def as_role(role: str, path: str = "/") -> Page:
        account = platform.account(role)
        page = context.new_page()
        page.goto(platform.web_url + path)
        page.get_by_test_id("C01-username").fill(account["username"])
        page.get_by_test_id("C01-password").fill(account["password"])
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url, timeout=20_000)
        return page

    return as_role
