"""The devices page: a first frame arrives, a command goes down after a second person agreed."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.data_logger import beijing_now, hour_frame
from tests.e2e.platform_under_test import Platform, until
from tests.e2e.web.conftest import LogIn

pytestmark = pytest.mark.stack

OUTLET = "bench-water-1"
MN = "010000A8900016F000169DC1"
TWIN = "xingye-gas-1"
OBEYED = 240_000
"""A data logger may take 120 s to execute; words come up every few seconds, while history does."""


def speak(platform: Platform) -> None:
    """Send one hour of COD from outside."""
    hour = beijing_now().replace(minute=0, second=0, microsecond=0)
    items = "w01018-Min=20.1,w01018-Avg=21.4,w01018-Max=22.0,w01018-Flag=N"
    with platform.logger_of(OUTLET) as logger:
        assert b"CN=9014" in logger.ask(hour_frame(MN, hour, items, st=32))


def test_a_first_frame_turns_its_row_online_and_shows_itself(
    platform: Platform, log_in: LogIn
) -> None:
    page = log_in("city_centre", "/gov/devices")
    row = page.get_by_test_id(f"A10-row-{OUTLET}")
    expect(row).to_be_visible()
    speak(platform)
    expect(row).to_contain_text("在线")
    row.click()
    expect(page.get_by_test_id("A10-health-state")).to_contain_text("在线")
    page.get_by_test_id("A10-tab-frames").click()
    frame = page.get_by_test_id("A10-frame").first
    expect(frame).to_contain_text("w01018-Avg=21.4")
    frame.click()
    expect(page.get_by_test_id("A10-frame-parts")).to_contain_text("2061")


def test_setting_a_clock_waits_for_a_second_person_and_then_goes_down(
    platform: Platform, log_in: LogIn
) -> None:
    centre = platform.log_in("city_centre")
    asked = centre.post(
        "/commands", kind="set_time", outletId=OUTLET, reason="与北京时间相差 131 秒"
    )
    assert (asked.status_code, asked.json()["state"]) == (200, "awaiting_approval")
    command = asked.json()["commandId"]
    assert centre.post(f"/commands/{command}/approve").status_code == 403
    page = log_in("city_enforcement", f"/gov/devices?outlet={OUTLET}&tab=commands")
    entry = page.get_by_test_id(f"A10-command-{command}")
    expect(entry).to_contain_text("待复核")
    entry.get_by_test_id("A10-move-approve").click()
    page.get_by_test_id("A10-decide-confirm").click()
    expect(entry).not_to_contain_text("待复核")
    sent = until(
        lambda: [
            step
            for step in centre.get(f"/commands/{command}").json()["history"]
            if step["move"] == "send"
        ],
        what="the command was sent",
    )
    assert sent[0]["actor"] == "plume"


def test_a_command_is_asked_on_the_page(platform: Platform, log_in: LogIn) -> None:
    page = log_in("city_centre", f"/gov/devices?outlet={OUTLET}&tab=commands")
    page.get_by_test_id("A10-command-kind").select_option("read_time")
    page.get_by_test_id("A10-command-send").click()
    expect(page.get_by_test_id("toast-done")).to_be_visible()
    entry = page.locator("[data-testid^='A10-command-CM']").first
    expect(entry).to_contain_text("提取时间")


def test_a_command_from_the_page_is_carried_out_by_a_data_logger(log_in: LogIn) -> None:
    """CN 1011 at a twin: asked on the page, accepted, executed and done, with what it said."""
    page = log_in("city_centre", f"/gov/devices?outlet={TWIN}&tab=commands")
    page.get_by_test_id("A10-command-kind").select_option("read_time")
    page.get_by_test_id("A10-command-send").click()
    entry = page.locator("[data-testid^='A10-command-CM']").first
    expect(entry).to_contain_text("提取时间")
    expect(entry).to_contain_text("已完成", timeout=OBEYED)
    entry.locator(".command-head").click()
    story = entry.get_by_test_id("A10-command-story")
    for step in ("下发", "设备接受", "开始执行", "执行完成"):
        expect(story).to_contain_text(step)
    expect(story).to_contain_text("SystemTime")


def test_what_two_people_agree_upon_is_carried_out(platform: Platform, log_in: LogIn) -> None:
    """CN 1012 at a twin: asked by one, agreed to by another, and the clock is set."""
    centre = platform.log_in("city_centre")
    asked = centre.post("/commands", kind="set_time", outletId=TWIN, reason="每日校时")
    assert (asked.status_code, asked.json()["state"]) == (200, "awaiting_approval")
    command = asked.json()["commandId"]
    page = log_in("city_enforcement", f"/gov/devices?outlet={TWIN}&tab=commands")
    entry = page.get_by_test_id(f"A10-command-{command}")
    expect(entry).to_contain_text("待复核")
    entry.get_by_test_id("A10-move-approve").click()
    page.get_by_test_id("A10-decide-confirm").click()
    expect(entry).to_contain_text("已完成", timeout=OBEYED)
    told = centre.get(f"/commands/{command}").json()
    moves = [step["move"] for step in told["history"]]
    assert moves == ["ask", "approve", "send", "accepted", "executing", "done"]
    actors = [step["actor"] for step in told["history"][:2]]
    assert actors[0] != actors[1]


def test_a_data_logger_shows_from_where_it_speaks_and_in_which_edition(log_in: LogIn) -> None:
    page = log_in("city_centre", f"/gov/devices?outlet={TWIN}")
    page.set_viewport_size({"width": 1600, "height": 900})
    row = page.get_by_test_id(f"A10-row-{TWIN}")
    expect(row).to_contain_text("127.0.0.1:", timeout=OBEYED)
    expect(row).to_contain_text("HJ 212 2017")
    expect(row.locator(".c-delay")).to_have_text(re.compile(r"^-?\d{1,2}\.\d$"))
    expect(row.locator(".c-refused")).to_have_text("0.0")


def test_the_system_administrator_has_this_page_and_no_other(log_in: LogIn) -> None:
    page = log_in("system_admin", "/")
    expect(page.get_by_test_id(f"A10-row-{OUTLET}")).to_be_visible()
    expect(page.get_by_test_id("C02-menu-devices")).to_be_visible()
    assert page.get_by_test_id("C02-menu-alarms").count() == 0
    page.goto(page.url.split("/gov")[0] + "/gov/alarms")
    expect(page.get_by_test_id("page-403")).to_be_visible()


def test_an_enterprise_is_refused(log_in: LogIn) -> None:
    page = log_in("enterprise", "/gov/devices")
    expect(page.get_by_test_id("page-403")).to_be_visible()


def test_the_auditor_reads_what_was_done_and_nothing_else(log_in: LogIn) -> None:
    page = log_in("audit_admin", "/")
    rows = page.locator("[data-testid^='A13-row-']")
    expect(rows.first).to_be_visible()
    page.get_by_test_id("A13-act").select_option("command")
    expect(rows.filter(has_text="反控 · 批准").first).to_contain_text("市局执法")
    assert page.get_by_test_id("C02-menu-devices").count() == 0
    page.goto(page.url.split("/audit")[0] + "/gov/devices")
    expect(page.get_by_test_id("page-403")).to_be_visible()
