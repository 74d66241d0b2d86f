"""An hour above its limit at the test bench, told from outside as its data logger would."""

from datetime import timedelta

from tests.e2e.data_logger import beijing_now, hour_frame
from tests.e2e.platform_under_test import Platform

OUTLET = "bench-gas-1"
MN = "010000A8900016F000169DC0"


def exceed(platform: Platform, *, factor: str, value: str, hours_ago: int) -> None:
    """Send an hour of one factor above its limit, from outside."""
    hour = beijing_now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours_ago)
    values = ",".join(f"{factor}-{name}={value}" for name in ("Min", "Avg", "Max", "ZsAvg"))
    items = f"{values},{factor}-Flag=N"
    with platform.logger_of(OUTLET) as logger:
        assert b"CN=9014" in logger.ask(hour_frame(MN, hour, items))
