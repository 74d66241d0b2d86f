"""One suite, three worlds: whatever keeps telemetry keeps the same promises."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, perf_counter, sleep
from urllib.request import urlopen
from uuid import uuid4

import numpy as np
import pytest

from plume.aws.influx_series import InfluxSeries
from plume.errors import Refused, Unavailable
from plume.memory.series import MemorySeries
from plume.model.telemetry import Columns, SeriesTable
from plume.ports.series import Series, SeriesQuery, Step

TOKEN = "a-token-for-tests"  # noqa: S105, guards nothing
NAN = float("nan")
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)  # 12:00 in Beijing
NOON_MS = 1_795_492_800_000  # date -d 2026-11-24T12:00:00+08:00 +%s, times 1000


def start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start the stand-in on a free port and wait until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "infra.local.series_server", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603, our own module
        [*command, "--folder", str(folder), "--token", TOKEN], stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    deadline = monotonic() + 20
    while monotonic() < deadline:
        try:
            with urlopen(f"{url}/health", timeout=1):  # noqa: S310, our own address
                return process, url
        except OSError:
            sleep(0.05)
    process.kill()
    raise TimeoutError("the stand-in does not answer")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = start(tmp_path_factory.mktemp("series"))
    yield url
    stop(process)


@pytest.fixture(params=["memory", "stand-in", pytest.param("live", marks=pytest.mark.influx_live)])
def series(request: pytest.FixtureRequest) -> Iterator[Series]:
    if request.param == "memory":
        yield MemorySeries()
        return
    if request.param == "live" and "INFLUX_URL" not in os.environ:
        pytest.skip("INFLUX_URL is not set")
    with closing(_influx(request)) as influx:
        yield influx


def _influx(request: pytest.FixtureRequest) -> InfluxSeries:
    if request.param == "stand-in":
        return InfluxSeries(request.getfixturevalue("stand_in"), TOKEN, f"t{uuid4().hex}")
    database = os.environ.get("INFLUX_DATABASE", "plume_test")
    return InfluxSeries(os.environ["INFLUX_URL"], os.environ["INFLUX_TOKEN"], database)


@pytest.fixture
def outlet() -> str:
    return f"outlet-{uuid4().hex}"


def gas(
    outlet: str, times: list[int], values: dict[str, list[float]], **flags: list[int]
) -> Columns:
    return Columns(
        SeriesTable.GAS,
        outlet,
        np.array(times, np.int64),
        {code: np.array(each, np.float64) for code, each in values.items()},
        {code: np.array(each, np.uint8) for code, each in flags.items()},
    )


def ask(
    outlet: str,
    *channels: str,
    step: Step = Step.RAW,
    since: datetime = NOON,
    until: datetime = NOON + timedelta(days=2),
) -> SeriesQuery:
    return SeriesQuery(SeriesTable.GAS, outlet, channels, since, until, step)


def test_values_and_flags_come_back_as_written(series: Series, outlet: str) -> None:
    times = [NOON_MS, NOON_MS + 1_000]
    series.write([gas(outlet, times, {"a21026": [34.1, 0.1 + 0.2]}, a21026=[1, 5])])
    back = series.read(ask(outlet, "a21026"))
    assert (back.table, back.subject, back.times.tolist()) == (SeriesTable.GAS, outlet, times)
    assert back.values["a21026"].tolist() == [34.1, 0.1 + 0.2]
    assert back.flags["a21026"].tolist() == [1, 5]


def test_what_was_not_said_comes_back_as_not_said(series: Series, outlet: str) -> None:
    times = [NOON_MS, NOON_MS + 1, NOON_MS + 2]
    values = {"a21026": [1.0, NAN, NAN], "a21002": [NAN, 2.0, NAN]}
    series.write([gas(outlet, times, values)])
    back = series.read(ask(outlet, "a21026", "a21002"))
    assert back.times.tolist() == times[:2]
    np.testing.assert_array_equal(back.values["a21026"], [1.0, NAN])
    np.testing.assert_array_equal(back.values["a21002"], [NAN, 2.0])
    assert back.flags == {}


def test_the_same_row_again_replaces_its_fields(series: Series, outlet: str) -> None:
    series.write([gas(outlet, [NOON_MS], {"a21026": [1.0], "a21002": [7.0]})])
    series.write([gas(outlet, [NOON_MS], {"a21026": [2.0]})])
    back = series.read(ask(outlet, "a21026", "a21002"))
    assert back.times.tolist() == [NOON_MS]
    assert [back.values[code].tolist() for code in ("a21026", "a21002")] == [[2.0], [7.0]]


def test_the_end_is_outside_and_the_start_inside(series: Series, outlet: str) -> None:
    times = [NOON_MS - 1, NOON_MS, NOON_MS + 999, NOON_MS + 1_000]
    series.write([gas(outlet, times, {"x": [1.0, 2.0, 3.0, 4.0]})])
    back = series.read(ask(outlet, "x", until=NOON + timedelta(seconds=1)))
    assert back.values["x"].tolist() == [2.0, 3.0]


def test_outlets_do_not_see_one_another(series: Series, outlet: str) -> None:
    series.write([gas(outlet, [NOON_MS], {"x": [1.0]})])
    series.write([gas(f"{outlet}-b", [NOON_MS], {"x": [2.0]})])
    assert series.read(ask(outlet, "x")).values["x"].tolist() == [1.0]


def test_an_unknown_channel_comes_back_empty(series: Series, outlet: str) -> None:
    assert series.read(ask(outlet, "x")).values["x"].tolist() == []
    series.write([gas(outlet, [NOON_MS], {"x": [1.0]})])
    back = series.read(ask(outlet, "x", "never"))
    np.testing.assert_array_equal(back.values["never"], [NAN])


def test_minutes_and_hours_are_means_over_their_buckets(series: Series, outlet: str) -> None:
    times = [NOON_MS, NOON_MS + 59_999, NOON_MS + 60_000, NOON_MS + 3_600_000]
    series.write([gas(outlet, times, {"x": [1.0, 2.0, 6.0, 10.0], "y": [NAN, 4.0, NAN, NAN]})])
    minutes = series.read(ask(outlet, "x", "y", step=Step.MINUTE))
    assert minutes.times.tolist() == [NOON_MS, NOON_MS + 60_000, NOON_MS + 3_600_000]
    assert minutes.values["x"].tolist() == [1.5, 6.0, 10.0]
    np.testing.assert_array_equal(minutes.values["y"], [4.0, NAN, NAN])
    hours = series.read(ask(outlet, "x", step=Step.HOUR))
    assert hours.values["x"].tolist() == [3.0, 10.0]
    assert hours.flags == {}


def test_a_day_begins_at_midnight_in_beijing(series: Series, outlet: str) -> None:
    midnight = NOON_MS + 12 * 3_600_000
    series.write([gas(outlet, [NOON_MS, midnight - 1, midnight], {"x": [1.0, 3.0, 9.0]})])
    days = series.read(ask(outlet, "x", step=Step.DAY))
    assert days.times.tolist() == [NOON_MS - 12 * 3_600_000, midnight]
    assert days.values["x"].tolist() == [2.0, 9.0]


def test_nothing_to_write_is_nothing_wrong(series: Series, outlet: str) -> None:
    series.write([])
    series.write([gas(outlet, [], {}), gas(outlet, [NOON_MS], {"x": [NAN]})])
    assert series.read(ask(outlet, "x")).times.tolist() == []


@pytest.mark.parametrize("code", ['a" OR 1=1 --', "a b", "a,b", "a=1", "", "time", "a\nb"])
def test_a_channel_that_is_no_name_is_refused(stand_in: str, outlet: str, code: str) -> None:
    series = InfluxSeries(stand_in, TOKEN, "names")
    with pytest.raises(Refused):
        series.read(ask(outlet, code))
    with pytest.raises(Refused):
        series.write([gas(outlet, [NOON_MS], {code: [1.0]})])


def test_a_subject_that_is_no_name_is_refused(stand_in: str) -> None:
    with pytest.raises(Refused):
        InfluxSeries(stand_in, TOKEN, "names").read(ask("x' OR '1'='1", "x"))


def test_a_store_that_is_away_is_unavailable(outlet: str) -> None:
    series = InfluxSeries("http://127.0.0.1:9", TOKEN, "away")
    with pytest.raises(Unavailable):
        series.write([gas(outlet, [NOON_MS], {"x": [1.0]})])


def test_a_wrong_token_is_unavailable_and_writes_nothing(stand_in: str, outlet: str) -> None:
    away = InfluxSeries(stand_in, "wrong", "names")
    with closing(away) as series, pytest.raises(Unavailable, match="401"):
        series.write([gas(outlet, [NOON_MS], {"x": [1.0]})])


def test_what_was_answered_survives_kill_and_restart(tmp_path: Path, outlet: str) -> None:
    process, url = start(tmp_path)
    with closing(InfluxSeries(url, TOKEN, "plume")) as series:
        series.write([gas(outlet, [NOON_MS], {"x": [1.0], "y": [5.0]})])
    process.kill()
    process.wait()
    process, url = start(tmp_path)
    with closing(InfluxSeries(url, TOKEN, "plume")) as series:
        series.write([gas(outlet, [NOON_MS, NOON_MS + 1], {"x": [2.0, 3.0]})])
    stop(process)
    process, url = start(tmp_path)
    with closing(InfluxSeries(url, TOKEN, "plume")) as series:
        back = series.read(ask(outlet, "x", "y"))
    stop(process)
    assert back.values["x"].tolist() == [2.0, 3.0]
    np.testing.assert_array_equal(back.values["y"], [5.0, NAN])
    assert list(tmp_path.rglob("*.parquet"))


def test_a_week_of_minutes_is_drawn_by_the_hour(
    stand_in: str, record_property: Callable[[str, object], None]
) -> None:
    count = 7 * 1_440
    times = NOON_MS + 60_000 * np.arange(count)
    values = {f"c{i}": np.sin(np.arange(count) / (i + 9.0)) for i in range(10)}
    question = ask("outlet-1", "c1", "c2", step=Step.HOUR, until=NOON + timedelta(days=7))
    with closing(InfluxSeries(stand_in, TOKEN, "week")) as series:
        for number in range(4):
            series.write([Columns(SeriesTable.GAS, f"outlet-{number}", times, values)])
        drawn = series.read(question)
        took = sorted(_seconds(series, question) for _ in range(20))
    assert len(drawn.times) == 7 * 24
    record_property("a week of minutes, drawn by the hour: p95 [s]", round(took[18], 3))


def _seconds(series: InfluxSeries, question: SeriesQuery) -> float:
    begin = perf_counter()
    series.read(question)
    return perf_counter() - begin
