"""A regulator on duty: an exceedance happens while the page is open."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.exceedance import OUTLET, exceed
from tests.e2e.platform_under_test import Platform
from tests.e2e.web.conftest import LogIn

pytestmark = pytest.mark.stack


def test_a_new_exceedance_appears_in_the_open_alarm_list(
    platform: Platform, log_in: LogIn
) -> None:
    page = log_in("city_centre", f"/gov/alarms?outlet={OUTLET}&factor=a34013")
    expect(page.get_by_test_id("R03-table")).to_be_visible()
    exceed(platform, factor="a34013", value="23.4", hours_ago=1)
    show_new_rows(page)
    row = page.locator("[data-testid^='R03-row-']").first
    expect(row).to_contain_text("23.4")
    expect(row).to_contain_text("超标")


def show_new_rows(page: Page) -> None:
    """Rows never move under the pointer: a bar tells of new ones, when rows were there before."""
    bar = page.get_by_test_id("R03-new")
    row = page.locator("[data-testid^='R03-row-']").first
    expect(bar.or_(row).first).to_be_visible()
    if bar.is_visible():
        bar.click()


def test_the_curve_shows_the_hour_and_its_limit(platform: Platform, log_in: LogIn) -> None:
    exceed(platform, factor="a21002", value="77.7", hours_ago=2)
    page = log_in("city_centre", f"/gov/monitor/{OUTLET}?span=hour")
    expect(page.get_by_test_id("R02-lane-a21002")).to_be_visible()
    expect(page.get_by_text("77.7").first).to_be_visible()


def test_the_map_knows_every_enterprise(platform: Platform, log_in: LogIn) -> None:
    page = log_in("city_centre", "/gov/home")
    expect(page.get_by_test_id("R01-map")).to_be_visible()
    expect(page.get_by_text("通辽").first).to_be_visible()


def test_a_regulator_acknowledges_an_alarm(platform: Platform, log_in: LogIn) -> None:
    exceed(platform, factor="a21026", value="61.5", hours_ago=3)
    page = log_in("city_centre", f"/gov/alarms?outlet={OUTLET}&factor=a21026")
    row = page.locator("[data-testid^='R03-row-']").first
    expect(row).to_be_visible()
    row.get_by_test_id("R03-act-ack").click()
    page.get_by_test_id("R03-ack-confirm").click()
    expect(row).to_contain_text("已响应")
