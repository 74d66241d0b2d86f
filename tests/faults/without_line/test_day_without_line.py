"""A day without a line comes up as objects, while what is new passes it.

The whole platform is real: the device's uplink, the bucket, its queue, the function, the tables.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.data_logger import BEIJING, beijing_now, packet, request_number
from tests.e2e.platform_under_test import Caller, Platform, until
from tests.faults.soak import times
from tests.faults.without_line.device_at_rest import Archive, DeviceAtRest, Written, breaks

pytestmark = pytest.mark.stack

OUTLET = "bench-water-1"
MN = "010000A8900016F000169DC1"
COD = "w01018"
HOURS, PER_HOUR = times(24, 240), 100


def a_day_of(begin: datetime) -> list[Written]:
    """Real-time data every 36 s, and the hour's value at its end."""
    frames = []
    for number in range(HOURS * PER_HOUR):
        at = begin + timedelta(hours=1) * number / PER_HOUR + timedelta(seconds=36)
        is_end = number % PER_HOUR == PER_HOUR - 1
        frames.append(_hour(at, number // PER_HOUR) if is_end else _moment(at, number))
    return frames


def _hour(at: datetime, number: int) -> Written:
    value = f"{COD}-Min=19.0,{COD}-Avg={_value(number)},{COD}-Max=31.0,{COD}-Flag=N"
    return _written(at, "2061", at - timedelta(hours=1), value)


def _moment(at: datetime, number: int) -> Written:
    return _written(at, "2011", at, f"{COD}-Rtd={20 + number % 10}.5,{COD}-Flag=N")


def _value(number: int) -> str:
    return f"{20 + number % 10}.{number % 7}"


def _written(at: datetime, cn: str, data_time: datetime, items: str) -> Written:
    head = f"QN={_local(at):%Y%m%d%H%M%S}000;ST=32;CN={cn};PW=123456;MN={MN};Flag=5"
    body = f"DataTime={_local(data_time):%Y%m%d%H%M%S};{items}"
    return Written(at, MN, packet(f"{head};CP=&&{body}&&"))


def _this_hour() -> datetime:
    return datetime.now(tz=UTC).replace(minute=0, second=0, microsecond=0)


def _local(at: datetime) -> datetime:
    return at.astimezone(BEIJING)


def test_a_day_of_segments_is_stored_once_and_in_a_whole_chain_while_new_data_pass(
    platform: Platform, record_property: Callable[[str, object], None]
) -> None:
    device = DeviceAtRest(platform, platform.collector(OUTLET)["thing"])
    archive, regulator = Archive(platform, device), platform.log_in("city_centre")
    begin = _this_hour() - timedelta(hours=HOURS + 6)
    _live(platform, regulator)  # the device has a chain to go on with
    with device.uplink_down():
        sealed = device.seal(a_day_of(begin))
    began, before = time.monotonic(), archive.count()
    until(lambda: archive.count() > before, within=120, what="the first of the backlog")
    record_property("new data beside the backlog [s]", _live(platform, regulator))
    assert archive.count() < before + len(sealed), "the backlog was over before new data came"
    until(
        lambda: archive.count() >= before + len(sealed),
        within=60 + len(sealed) / 4,
        what="all of the backlog",
    )
    record_property("backlog [segments/s]", round(len(sealed) / (time.monotonic() - began), 1))
    record_property("objects", archive.objects())
    assert archive.objects() >= 3
    entries = archive.entries()
    known = {entry["sequence"]: entry for entry in entries}
    assert len(known) == len(entries)
    assert sum(archive.content(known[key]) != raw for key, raw in sealed.items()) == 0
    assert breaks(entries) == 0
    assert _hours(regulator, begin) == [_value(number) for number in range(HOURS)]


def _live(platform: Platform, regulator: Caller) -> float:
    """Say something new, and give how long [s] it took until a regulator could read it."""
    now, begun = beijing_now(), time.monotonic()
    head = f"QN={request_number()};ST=32;CN=2011;PW=123456;MN={MN};Flag=5"
    frame = packet(f"{head};CP=&&DataTime={now:%Y%m%d%H%M%S};{COD}-Rtd=21.5,{COD}-Flag=N&&")
    with platform.logger_of(OUTLET) as logger:
        assert b"CN=9014" in logger.ask(frame)
    said = head[:20]
    since = (datetime.now(tz=UTC) - timedelta(minutes=5)).isoformat()

    def shown() -> bool:
        found = regulator.items(f"/outlets/{OUTLET}/frames", **{"from": since})
        return any(said in frame["raw"] for frame in found)

    until(shown, within=60, what="new data beside the backlog")
    return round(time.monotonic() - begun, 1)


def _hours(regulator: Caller, begin: datetime) -> list[str]:
    """The reported values of the day, in order of their hours."""
    span = {"from": begin.isoformat(), "to": (begin + timedelta(hours=HOURS)).isoformat()}

    def reported() -> list[tuple[str, str]]:
        found = regulator.items(f"/outlets/{OUTLET}/readings", span="hour", **span)
        kept = [one for one in found if (one["factor"], one["source"]) == (COD, "reported")]
        return sorted((one["start"], one["mean"]) for one in kept)

    until(lambda: len(reported()) >= HOURS, within=60, what="the value of every hour")
    return [mean for _, mean in reported()]


def test_the_oracle_sees_a_hole_and_a_foreign_link() -> None:
    first = {"sequence": 1, "digest": "MQ==", "previous": "MA=="}
    second = {"sequence": 2, "digest": "Mg==", "previous": "MQ=="}
    assert breaks([first, second]) == 0
    assert breaks([first, second | {"sequence": 3}]) == 1
    assert breaks([first, second | {"previous": "MA=="}]) == 1
