"""A real Chromium that speaks to nobody but the platform."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.e2e.platform_under_test import Platform
from tests.e2e.web.chromium import entered, launched, opened

LogIn = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.fixture
def context(browser: Browser, platform: Platform) -> Iterator[BrowserContext]:
    home = urlsplit(platform.web_url).netloc
    abroad: list[str] = []

    def watch(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and address.netloc != home:
            abroad.append(request.url)

    window = opened(browser)
    window.on("request", watch)
    yield window
    window.close()
    assert abroad == [], "the page asked an outside address"


@pytest.fixture
def log_in(context: BrowserContext, platform: Platform) -> LogIn:
    def as_role(role: str, path: str = "/") -> Page:
        return entered(context.new_page(), platform, role, path)

    return as_role
