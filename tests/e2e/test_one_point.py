"""One point from the data logger to the page; each test is a step of the table in README."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from tests.e2e.data_logger import beijing_now, hour_frame, packet, request_number
from tests.e2e.platform_under_test import Caller, Platform, until

pytestmark = pytest.mark.stack

OUTLET = "bench-gas-1"
MN = "010000A8900016F000169DC0"
SO2 = "a21026"


class Sent(NamedTuple):
    """What the data logger said, and what it was answered."""

    hour: datetime
    qn: str
    answer: bytes


@pytest.fixture(scope="module")
def regulator(platform: Platform) -> Caller:
    return platform.log_in("city_centre")


@pytest.fixture(scope="module")
def sent(platform: Platform) -> Sent:
    hour = beijing_now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    frame = hour_frame(
        MN,
        hour,
        "a21026-Min=30.1,a21026-Avg=40.2,a21026-Max=51.2,a21026-ZsAvg=48.3,a21026-Flag=N;"
        "a19001-Avg=8.5,a19001-Flag=N",
    )
    with platform.logger_of(OUTLET) as logger:
        answer = logger.ask(frame)
    return Sent(hour, frame.split(b"QN=")[1][:17].decode(), answer)


@pytest.fixture(scope="module")
def sampled(platform: Platform) -> datetime:
    """Real-time data (CN 2011) of this second."""
    now = beijing_now().replace(microsecond=0)
    head = f"QN={request_number()};ST=31;CN=2011;PW=123456;MN={MN};Flag=5"
    body = f"DataTime={now:%Y%m%d%H%M%S};a21026-Rtd=12.5,a21026-Flag=N"
    with platform.logger_of(OUTLET) as logger:
        assert b"CN=9014" in logger.ask(packet(f"{head};CP=&&{body}&&"))
    return now


def test_step_1_the_collector_acknowledges_the_frame(sent: Sent) -> None:
    assert b"CN=9014" in sent.answer
    assert f"QN={sent.qn}".encode() in sent.answer


def test_steps_2_to_4_the_frame_lies_verbatim_in_the_cloud(sent: Sent, regulator: Caller) -> None:
    def kept() -> bool:
        frames = regulator.items(f"/outlets/{OUTLET}/frames")
        return any(sent.qn in frame["raw"] and frame["acknowledged"] for frame in frames)

    until(kept, what="uplink, rule, queue, ingest_segments: the verbatim frame")


def test_step_4_the_official_value_is_stored(sent: Sent, regulator: Caller) -> None:
    span = {"from": sent.hour.isoformat(), "to": (sent.hour + timedelta(hours=1)).isoformat()}

    def reported() -> list[dict[str, Any]]:
        readings = regulator.items(f"/outlets/{OUTLET}/readings", span="hour", **span)
        return [r for r in readings if (r["factor"], r["source"]) == (SO2, "reported")]

    reading = until(reported, what="ingest_segments: the official value")[-1]
    assert (reading["mean"], reading["converted"], reading["flag"]) == ("40.2", "48.3", "N")
    assert (reading["min"], reading["max"], reading["valid"]) == ("30.1", "51.2", True)
    assert datetime.fromisoformat(reading["start"]) == sent.hour


def test_step_4b_telemetry_becomes_a_curve(sampled: datetime, regulator: Caller) -> None:
    span = {
        "from": (sampled - timedelta(minutes=5)).isoformat(),
        "to": (sampled + timedelta(minutes=5)).isoformat(),
    }

    def drawn() -> bool:
        curve = regulator.get(f"/outlets/{OUTLET}/series", channels=SO2, step="raw", **span).json()
        points = dict(zip(curve["times"], curve["channels"].get(SO2, []), strict=False))
        return bool(points.get(int(sampled.timestamp() * 1000)) == 12.5)

    until(drawn, what="bundle, write_series, time-series store: the sample")


def test_steps_5_and_6_the_breach_becomes_one_alarm(sent: Sent, regulator: Caller) -> None:
    def exceeding() -> list[dict[str, Any]]:
        alarms = regulator.items("/alarms", outlet=OUTLET, type="EXCEED", condition="active")
        return [alarm for alarm in alarms if alarm["factor"] == SO2]

    (alarm,) = until(exceeding, what="judge_window, raise_alarm: the EXCEED alarm")
    assert (Decimal(alarm["limit"]), Decimal(alarm["value"])) == (35, Decimal("48.3"))
    assert datetime.fromisoformat(alarm["firstAt"]) <= sent.hour
    assert "48.3" in alarm["sentence"]["zh"]
    assert "48.3" in alarm["sentence"]["en"]


def test_step_7_another_enterprise_sees_nothing_of_it(sent: Sent, platform: Platform) -> None:
    stranger = platform.log_in("enterprise")
    assert stranger.get(f"/outlets/{OUTLET}").status_code == 404
    assert stranger.get(f"/outlets/{OUTLET}/readings", span="hour").status_code == 404
    assert stranger.items("/alarms", outlet=OUTLET) == []
