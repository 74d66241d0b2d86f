"""Files that people take away say what the API says: read back by code of their own."""

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.data_logger import beijing_now, hour_frame
from tests.e2e.exceedance import MN, OUTLET, exceed
from tests.e2e.platform_under_test import Caller, Platform, until
from tests.e2e.web.conftest import LogIn

pytestmark = pytest.mark.stack

HOURS = 3
MARK = b"\xef\xbb\xbf"


def taken(page: Page, item: str, into: Path) -> bytes:
    """Choose what to export from the open menu, and read the file that comes."""
    with page.expect_download() as download:
        page.get_by_test_id(item).click()
    download.value.save_as(into)
    return into.read_bytes()


def rows_of(body: bytes) -> list[dict[str, str]]:
    assert body.startswith(MARK), "a spreadsheet would not know that this is UTF-8"
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def every(caller: Caller, path: str, **query: str) -> list[dict[str, Any]]:
    """Ask for all pages of a list that does not move."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = caller.get(path, **query, **cursor).json()
        found += page["items"]
        if page["nextCursor"] is None:
            return found
        cursor = {"cursor": page["nextCursor"]}


def test_the_exported_alarms_are_those_of_the_filter_on_every_page(
    platform: Platform, log_in: LogIn, tmp_path: Path
) -> None:
    caller = platform.log_in("city_centre")
    exceed(platform, factor="a21002", value="66.6", hours_ago=5)
    until(lambda: every(caller, "/alarms", type="EXCEED"), what="an exceedance")
    page = log_in("city_centre", "/gov/alarms?type=EXCEED&cols=severity,value,type")
    expect(page.get_by_test_id("R03-table")).to_be_visible()
    before = {one["alarmId"]: one for one in every(caller, "/alarms", type="EXCEED", limit="7")}
    page.get_by_test_id("table-export").click()
    told = {
        row["报警编号"]: row for row in rows_of(taken(page, "table-export-all", tmp_path / "all"))
    }
    after = {
        one["alarmId"]: one
        for _ in range(2)
        for one in every(caller, "/alarms", type="EXCEED", limit="7")
    }
    assert before.keys() <= told.keys() <= after.keys()
    assert len(before) > 0
    for key, one in before.items():
        if after[key]["updatedAt"] == one["updatedAt"]:
            row = told[key]
            assert (row["最大值"], row["限值"], row["单位"]) == (
                one["value"],
                one["limit"],
                one["unit"],
            )
            assert (row["排口编号"], row["因子编码"]) == (one["outletId"], one["factor"])
            assert row["首次时间 (北京时间)"] == one["firstAt"][:19].replace("T", " ")
            assert row["口径"] in {"实测", "折算"}


def test_only_the_visible_columns_are_exported_unless_all_are_asked_for(
    log_in: LogIn, tmp_path: Path
) -> None:
    page = log_in("city_centre", "/gov/devices?cols=outlet,mn")
    expect(page.get_by_test_id("A10-table")).to_be_visible()
    page.get_by_test_id("table-export").click()
    (first, *_) = rows_of(taken(page, "table-export-shown", tmp_path / "some"))
    assert list(first) == ["排口", "排口编号", "MN"]


def hours_of_its_own(platform: Platform) -> tuple[datetime, datetime]:
    """Let the bench outlet report hours of a day long past, which nothing changes any more."""
    begin = beijing_now().replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=20)
    with platform.logger_of(OUTLET) as logger:
        for number in range(HOURS):
            items = (
                f"a21026-Avg=1{number}.20,a21026-ZsAvg=1{number}.75,a21026-Flag=N;"
                f"a19001-Avg=8.{number},a19001-Flag=N"
            )
            frame = hour_frame(MN, begin + timedelta(hours=number), items)
            assert b"CN=9014" in logger.ask(frame)
    return begin, begin + timedelta(hours=HOURS)


def test_the_exported_curves_are_the_readings_with_their_digits(
    platform: Platform, log_in: LogIn, tmp_path: Path
) -> None:
    edges = hours_of_its_own(platform)
    caller = platform.log_in("city_centre")

    def told_by_api() -> set[tuple[str, datetime, str, str | None]]:
        asked = {"span": "hour", "from": edges[0].isoformat(), "to": edges[1].isoformat()}
        return {
            (one["factor"], datetime.fromisoformat(one["start"]), basis, one[name])
            for one in every(caller, f"/outlets/{OUTLET}/readings", **asked)
            for basis, name in (("实测", "mean"), ("折算", "converted"))
        }

    def all_of_sulphur() -> bool:
        return sum(one[0] == "a21026" for one in told_by_api()) == 2 * HOURS

    until(all_of_sulphur, what="the hours of the bench outlet")
    start, stop = (str(round(edge.timestamp() * 1_000)) for edge in edges)
    address = f"/gov/monitor/{OUTLET}?span=hour&from={start}&to={stop}&process=none"
    page = log_in("city_centre", address)
    expect(page.locator("[data-testid^='R02-lane-']").first).to_be_visible()
    page.get_by_test_id("R02-export").click()
    rows = rows_of(taken(page, "R02-export-csv", tmp_path / "curves"))
    found = {
        (row["因子编码"], datetime.fromisoformat(row["时间"]), row["口径"], row["值"])
        for row in rows
    }
    assert {one for one in told_by_api() if one[0] == "a21026"} <= found <= told_by_api()
    assert ("a21026", edges[0], "折算", "10.75") in found
    assert all(row["时间"].endswith("+08:00") for row in rows)
    page.get_by_test_id("R02-export").click()
    assert taken(page, "R02-export-png", tmp_path / "png").startswith(b"\x89PNG\r\n")
