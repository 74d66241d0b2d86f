"""An enterprise sees itself, and nobody else."""

import pytest
from playwright.sync_api import expect

from tests.e2e.platform_under_test import Platform
from tests.e2e.web.conftest import LogIn

pytestmark = pytest.mark.stack

STRANGER = "bench-gas-1"


def test_an_enterprise_sees_only_its_own_outlets(platform: Platform, log_in: LogIn) -> None:
    mine = platform.log_in("enterprise").items("/outlets")
    everyone = platform.log_in("city_centre").items("/outlets")
    assert mine
    assert len(mine) < len(everyone)
    page = log_in("enterprise", "/ent/home")
    expect(page.get_by_text(mine[0]["name"]["zh"]).first).to_be_visible()
    foreign = {o["enterpriseName"]["zh"] for o in everyone} - {
        o["enterpriseName"]["zh"] for o in mine
    }
    for name in foreign:
        expect(page.get_by_text(name)).to_have_count(0)


def test_an_enterprise_cannot_open_anothers_outlet_by_url(log_in: LogIn) -> None:
    page = log_in("enterprise", f"/ent/monitor/{STRANGER}")
    expect(page.get_by_test_id("page-404")).to_be_visible()


def test_an_enterprise_cannot_open_a_regulators_page(log_in: LogIn) -> None:
    page = log_in("enterprise", "/gov/home")
    expect(page.get_by_test_id("page-403")).to_be_visible()


def test_an_enterprise_cannot_reach_anothers_outlet_by_the_api(platform: Platform) -> None:
    stranger = platform.log_in("enterprise")
    needed = {"/readings": {"span": "hour"}, "/series": {"channels": "a21026"}}
    for path in ("", "/latest", "/readings", "/frames", "/series"):
        query = needed.get(path, {})
        assert stranger.get(f"/outlets/{STRANGER}{path}", **query).status_code == 404, path
