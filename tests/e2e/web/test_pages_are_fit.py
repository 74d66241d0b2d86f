"""Every page can be read, named, touched, and reached without a mouse, in both tongues and themes.

`inspection.js` looks at what is on the screen: contrast (WCAG 2.1, 1.4.3), names, thumbs, width.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.platform_under_test import Platform
from tests.e2e.web.chromium import entered

pytestmark = pytest.mark.stack

INSPECTION = (Path(__file__).parent / "inspection.js").read_text(encoding="utf-8")
PAGES = {
    "city_centre": {
        "/gov/home": ".place, [data-testid^=R01-row-]",
        "/gov/home?view=list": "[data-testid^=R01-row-]",
        "/gov/home?enterprise=ent-beiyu": "[data-testid=R01-outlet-beiyu-gas-1]",
        "/gov/monitor/beiyu-gas-1": "[data-testid^=R02-lane-]",
        "/gov/monitor/tinglan-water-1?span=hour": "[data-testid^=R02-lane-]",
        "/gov/alarms": "[data-testid=R03-table]",
        "/gov/devices": "[data-testid^=A10-row-]",
        "/gov/devices?outlet=beiyu-gas-1": "[data-testid=A10-health-state]",
        "/gov/devices?outlet=beiyu-gas-1&tab=frames": "[data-testid=A10-frame]",
        "/gov/devices?outlet=beiyu-gas-1&tab=commands": "[data-testid=A10-commands]",
        "/me": ".account dd",
    },
    "enterprise": {
        "/ent/home": "[data-testid^=R01-outlet-], [data-testid^=R01-row-]",
        "/ent/monitor": "[data-testid=R02-tree]",
        "/ent/alarms": "[data-testid=R03-table]",
    },
    "audit_admin": {"/audit": "[data-testid=A13-act]"},
}
"""Each page by who sees it, and what stands on it once its data have come."""
MANNERS = [
    (1280, "zh-CN", "light"),
    (1280, "en", "dark"),
    (390, "zh-CN", "dark"),
    (390, "en", "light"),
]
MOST_STOPS = 400

NAME_OF = """node => [
  node.tagName,
  node.dataset.testid ?? "",
  node.getAttribute("aria-label") ?? node.title ?? "",
  node.textContent.trim().slice(0, 40),
].join(" ")"""
STOPS = f"""() => {{
  const nameOf = {NAME_OF};
  const nodes = document.querySelectorAll(
    "button:not(:disabled), a[href], input, select, textarea, summary, [tabindex='0']");
  return [...nodes].filter(node => node.tabIndex >= 0 && node.checkVisibility()).map(nameOf);
}}"""
HERE = f"""() => {{
  const node = document.activeElement;
  const ring = getComputedStyle(node);
  return [({NAME_OF})(node), node === document.body || ring.outlineStyle !== "none"];
}}"""


@pytest.fixture(params=MANNERS, ids=lambda manner: "-".join(map(str, manner)))
def manner(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Callable[[], Page]]:
    """Windows of somebody who has a screen, a tongue and a theme; each a login of its own."""
    width, tongue, theme = request.param
    opened: list[BrowserContext] = []

    def window() -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 844}, timezone_id="Asia/Shanghai"
        )
        for what, value in (("language", tongue), ("theme", theme)):
            context.add_init_script(f"localStorage['plume.{what}'] = '{value}'")
        opened.append(context)
        return context.new_page()

    yield window
    for context in opened:
        context.close()


def come_to(page: Page, platform: Platform, path: str, content: str) -> None:
    """Open a page and wait until its content is there, and nothing on it is still being loaded."""
    page.goto(platform.web_url + path)
    expect(page.locator(content).first).to_be_visible()
    expect(page.locator("[data-testid=state-loading], .bone")).to_have_count(0)


def test_every_page_can_be_read_and_touched(
    manner: Callable[[], Page], platform: Platform
) -> None:
    wrong = {}
    for role, paths in PAGES.items():
        page = entered(manner(), platform, role)
        for path, content in paths.items():
            come_to(page, platform, path, content)
            wrong[path] = page.evaluate(INSPECTION)
    assert {path: faults for path, faults in wrong.items() if faults} == {}


@pytest.mark.parametrize("path", ["/gov/home", "/gov/monitor/beiyu-gas-1", "/gov/alarms"])
def test_tab_comes_by_everything_and_shows_where_it_is(
    browser: Browser, platform: Platform, path: str
) -> None:
    page = entered(browser.new_page(), platform, "city_centre", path)
    come_to(page, platform, path, PAGES["city_centre"][path])
    before, reached, unseen = set(page.evaluate(STOPS)), set(), []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        name, ringed = page.evaluate(HERE)
        if not ringed and not name.startswith("VIDEO"):
            unseen.append(name)
        if name.startswith("BODY"):
            break
        reached.add(name)
    assert (before & set(page.evaluate(STOPS))) - reached == set()
    assert unseen == []
    page.context.close()


BAD = """<main><p style="color: #aaa">pale</p><button style="width: 20px; height: 20px"></button>
<p style="width: 40px; overflow: hidden; white-space: nowrap">longer than it is wide</p>
<div style="width: 900px">x</div></main>"""


def test_the_inspection_sees_what_is_wrong(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_content(BAD)
    kinds = {fault.partition(":")[0].partition(" (")[0] for fault in page.evaluate(INSPECTION)}
    assert kinds == {
        "hard to read",
        "without a name",
        "cut without a title",
        "too small for a thumb",
        "wider than the screen",
    }
    page.context.close()
