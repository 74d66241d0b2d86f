"""Bad input gets a clear answer and loses nothing."""

from datetime import timedelta

import pytest

from tests.e2e.data_logger import beijing_now, hour_frame
from tests.e2e.platform_under_test import Caller, Platform, until

pytestmark = pytest.mark.stack

OUTLET = "bench-gas-1"
MN = "010000A8900016F000169DC0"
NOX = "a21002"
ITEMS = "a21002-Avg=20.5,a21002-ZsAvg=22.5,a21002-Flag=N"


@pytest.fixture(scope="module")
def regulator(platform: Platform) -> Caller:
    return platform.log_in("city_centre")


def frames_saying(regulator: Caller, path: str, what: str) -> list[dict[str, object]]:
    return [frame for frame in regulator.items(path) if what in frame["raw"]]


@pytest.mark.parametrize(
    ("damage", "verdict"),
    [("crc", "REJECT_CRC"), ("length", "REJECT_LEN"), ("password", "BAD_PW")],
)
def test_a_damaged_frame_is_kept_with_its_reason_and_never_acknowledged(
    platform: Platform, regulator: Caller, damage: str, verdict: str
) -> None:
    hour = beijing_now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    password = "654321" if damage == "password" else "123456"
    frame = hour_frame(MN, hour, ITEMS, password=password)
    qn = frame.split(b"QN=")[1][:17].decode()
    if damage == "crc":
        good = frame[-6:-2]
        frame = frame[:-6] + (b"0140" if good != b"0140" else b"C0C1") + frame[-2:]
    if damage == "length":
        frame = b"##%04d" % (int(frame[2:6]) + 3) + frame[6:]
    with platform.logger_of(OUTLET) as logger:
        assert logger.ask(frame, within=2) == b""
    path = f"/outlets/{OUTLET}/frames"
    (kept,) = until(lambda: frames_saying(regulator, path, qn), what=f"the {verdict} frame")
    assert (kept["verdict"], kept["acknowledged"]) == (verdict, False)
    reason = kept["reason"]
    assert isinstance(reason, dict)
    assert reason["zh"]
    assert reason["en"]


def test_an_unknown_mn_is_found_by_its_device(platform: Platform, regulator: Caller) -> None:
    hour = beijing_now().replace(minute=0, second=0, microsecond=0)
    frame = hour_frame("FFFFFFFFFFFFFFFFFFFFFFFF", hour, ITEMS)
    qn = frame.split(b"QN=")[1][:17].decode()
    with platform.logger_of(OUTLET) as logger:
        assert logger.ask(frame, within=2) == b""
    path = f"/devices/{platform.collector(OUTLET)['thing']}/frames"
    (kept,) = until(lambda: frames_saying(regulator, path, qn), what="unknown MN")
    assert kept["verdict"] == "UNKNOWN_MN"


@pytest.mark.parametrize("shift", [timedelta(hours=3), timedelta(days=-400)])
def test_an_impossible_time_goes_to_quarantine_and_never_to_a_curve(
    platform: Platform, regulator: Caller, shift: timedelta
) -> None:
    hour = beijing_now().replace(minute=0, second=0, microsecond=0) + shift
    frame = hour_frame(MN, hour, ITEMS)
    qn = frame.split(b"QN=")[1][:17].decode()
    with platform.logger_of(OUTLET) as logger:
        logger.ask(frame, within=2)
    path = f"/outlets/{OUTLET}/frames"
    (kept,) = until(lambda: frames_saying(regulator, path, qn), what="quarantine")
    assert kept["verdict"] == "QUARANTINE"
    span = {"from": hour.isoformat(), "to": (hour + timedelta(hours=1)).isoformat()}
    assert regulator.items(f"/outlets/{OUTLET}/readings", span="hour", **span) == []


@pytest.mark.parametrize(
    ("path", "query", "pointer"),
    [
        (f"/outlets/{OUTLET}/readings", {"span": "week"}, "span"),
        (f"/outlets/{OUTLET}/readings", {"span": "hour", "from": "yesterday"}, "from"),
        (f"/outlets/{OUTLET}/series", {"channels": "a21026", "step": "2h"}, "step"),
        ("/alarms", {"severity": "L9"}, "severity"),
    ],
)
def test_a_bad_query_is_told_in_both_languages_with_its_field(
    regulator: Caller, path: str, query: dict[str, str], pointer: str
) -> None:
    answer = regulator.get(path, **query)
    problem = answer.json()
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert pointer in problem["pointer"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problem["detailZh"])
    assert problem["detail"].isascii()
    assert problem["traceId"]
    assert "Traceback" not in answer.text
