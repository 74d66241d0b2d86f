"""A facility is registered once: the site is brought it, and says by which version it judges."""

import pytest

from tests.e2e.platform_under_test import Caller, Platform, until

pytestmark = pytest.mark.stack

OUTLET = "bench-water-1"
BROUGHT = 240
"""The site looks every ten seconds, its word goes up in ten more; the rest is two queues."""


def law(regulator: Caller) -> tuple[int, int]:
    """The version of the outlet's law that is registered, and the one its device holds."""
    found = next(
        logger["law"]
        for device in regulator.items("/devices")
        for logger in device["loggers"]
        if logger["outletId"] == OUTLET
    )
    return found["registered"], found["held"]


def test_a_facility_that_is_registered_reaches_the_site_and_so_does_its_end(
    platform: Platform,
) -> None:
    regulator = platform.log_in("city_centre")

    def in_step(beyond: int) -> int:
        """The version that both have, once it is beyond another."""
        registered, held = law(regulator)
        return registered if registered == held > beyond else 0

    first = until(lambda: in_step(0), within=BROUGHT, what="the site has the law")
    entered = regulator.post(
        f"/outlets/{OUTLET}/facilities",
        rule="G-15",
        name={"zh": "曝气系统", "en": "Aeration"},
        demand={"channel": "g10101", "above": "20", "unit": "%"},
        running=[{"channel": "g10201", "above": "15", "unit": "%"}],
    )
    assert entered.status_code == 200, entered.text
    second = until(lambda: in_step(first), within=BROUGHT, what="the site has the facility")
    facility = entered.json()["facilityId"]
    retired = regulator.post(f"/outlets/{OUTLET}/facilities/{facility}/retire")
    assert retired.status_code == 200, retired.text
    assert until(lambda: in_step(second), within=BROUGHT, what="the facility is gone on site")
