"""A data logger against a collector that answers, or refuses to."""

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from edge_greengrass.journal import Journal
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.data_logger import DataLogger
from edge_greengrass.twin.episode import Episode, Happening
from plume.hj212 import encode, reply
from plume.hj212.frame import Frame, decode
from plume.hj212.items import data_of
from plume.hj212.stream import FrameReader

MN = "010000A8900016F00016A001"


class Collector:
    """Accepts frames on a loopback port; `answers` decides about each."""

    def __init__(self, answers: Callable[[Frame], bool]) -> None:
        self.answers = answers
        self.heard: list[Frame] = []
        self.connections = 0
        self.writers: list[asyncio.StreamWriter] = []
        self.greeting = b""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        writer.write(self.greeting)
        frames = FrameReader()
        with suppress(ConnectionError):
            while data := await reader.read(4096):
                for raw in frames.feed(data):
                    frame = decode(raw, strict=True)
                    self.heard.append(frame)
                    if frame.wants_answer and self.answers(frame):
                        writer.write(reply.data_answer(frame))
        writer.close()


def settings(port: int, **changed: object) -> PlantSettings:
    given = {"interval": 1, "backfill_hours": 2, "patience": 0.2} | changed
    return PlantSettings("gas_turbine", "o", MN, "31", "123456", "127.0.0.1", port, **given)


async def lives(logger: DataLogger, until: Callable[[], bool], within: float = 60.0) -> None:
    task = asyncio.create_task(logger.run())
    try:
        async with asyncio.timeout(within):
            while not until():
                assert not task.done(), task.exception()
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def quiet() -> Journal:
    return Journal("twin", io.StringIO())


def times(heard: list[Frame], cn: str) -> list[datetime]:
    return [at for frame in heard if frame.cn == cn and (at := data_of(frame).data_time)]


async def test_the_past_hours_follow_in_order_and_none_is_missing() -> None:
    collector = Collector(lambda _: True)
    async with collector.listening() as port:
        logger = DataLogger(settings(port), quiet())
        await lives(logger, lambda: len(times(collector.heard, "2061")) >= 2)
    hours, minutes = times(collector.heard, "2061"), times(collector.heard, "2051")
    assert hours == sorted(hours)
    assert hours[1] - hours[0] == timedelta(hours=1)
    assert {later - earlier for earlier, later in pairwise(minutes)} == {timedelta(minutes=10)}
    now = datetime.now(tz=UTC)
    assert all(at <= now for at in hours + minutes + times(collector.heard, "2011"))
    assert now - hours[-1] < timedelta(hours=2)


async def test_the_past_can_be_told_at_a_pace_that_lets_the_present_through() -> None:
    collector = Collector(lambda _: True)
    async with collector.listening() as port:
        logger = DataLogger(settings(port, backfill_hours=24, backfill_pace=3600.0), quiet())
        await lives(logger, lambda: len(times(collector.heard, "2011")) >= 3)
    assert not times(collector.heard, "2061")
    assert len(logger.pending) > 24


async def test_an_unanswered_frame_is_sent_four_times_and_again_after_reconnecting() -> None:
    sent: Counter[str] = Counter()

    def deaf_at_first(frame: Frame) -> bool:
        sent[frame.cp] += 1
        return sent[frame.cp] > 5

    collector = Collector(deaf_at_first)
    async with collector.listening() as port:
        logger = DataLogger(settings(port, interval=3600, backfill_hours=1), quiet())
        await lives(logger, lambda: logger.acknowledged >= 1)
    first = collector.heard[0]
    qns = [frame.qn for frame in collector.heard if frame.cp == first.cp]
    assert qns[:4] == [first.qn] * 4
    assert len(set(qns)) == 2
    assert collector.connections == 2


async def test_a_refused_connection_loses_nothing() -> None:
    collector = Collector(lambda _: True)
    async with collector.listening() as port:
        pass
    logger = DataLogger(settings(port, backfill_hours=1), quiet())
    await lives(logger, lambda: len(logger.pending) > 7)
    owed = len(logger.pending)
    assert logger.acknowledged == 0
    assert owed > 6


async def test_the_clock_may_run_fast_but_never_ahead() -> None:
    collector = Collector(lambda _: True)
    async with collector.listening() as port:
        fast = settings(port, compression=36_000, interval=600, backfill_hours=10)
        logger = DataLogger(fast, quiet())
        await lives(logger, lambda: len(times(collector.heard, "2061")) >= 9)
    now = datetime.now(tz=UTC)
    assert all(at <= now for at in times(collector.heard, "2011"))
    assert len(set(times(collector.heard, "2061"))) >= 9


def coal(port: int, *episodes: Episode, **changed: object) -> PlantSettings:
    given = {"interval": 60, "backfill_hours": 6, "patience": 2.0} | changed
    return PlantSettings(
        "coal_unit", "o", MN, "31", "123456", "127.0.0.1", port, episodes=episodes, **given
    )


def hour_of(now: datetime, ago: int) -> int:
    return int(now.timestamp()) // 3600 * 3600 - ago * 3600


async def test_a_coal_unit_speaks_for_stack_and_plant_a_thousand_times_faster() -> None:
    collector = Collector(lambda _: True)
    async with collector.listening() as port:
        logger = DataLogger(coal(port, compression=1000), quiet())
        await lives(logger, lambda: len(times(collector.heard, "2061")) >= 1)
    assert {frame.st for frame in collector.heard if frame.cn == "2011"} == {"31", "51"}
    assert {frame.flag & 2 for frame in collector.heard if frame.st == "51"} == {2}


async def test_nothing_is_ever_said_of_a_blackout() -> None:
    dark = hour_of(datetime.now(tz=UTC), 4)
    episode = Episode(dark, dark + 2 * 3600, Happening.BLACKOUT)
    collector = Collector(lambda _: True)
    async with collector.listening() as port:
        logger = DataLogger(coal(port, episode), quiet())
        await lives(logger, lambda: len(times(collector.heard, "2061")) >= 4)
    told = [int(at.timestamp()) for at in times(collector.heard, "2061")]
    assert not {dark, dark + 3600} & set(told)
    assert {dark - 3600, dark + 2 * 3600} <= set(told)


async def test_rewritten_hours_come_twice_and_differ() -> None:
    start = hour_of(datetime.now(tz=UTC), 5)
    episode = Episode(start, start + 2 * 3600, Happening.REWRITTEN_HOURS)
    collector = Collector(lambda _: True)
    async with collector.listening() as port:
        logger = DataLogger(coal(port, episode), quiet())
        await lives(logger, lambda: len(times(collector.heard, "2061")) >= 8)
    hours = [frame for frame in collector.heard if frame.cn == "2061" and "a21026" in frame.cp]
    first, second = (
        f for f in hours if data_of(f).data_time == datetime.fromtimestamp(start, UTC)
    )
    assert int(second.qn) > int(first.qn)
    means = [float(data_of(frame).items["a21026"]["Avg"]) for frame in (first, second)]
    assert means[1] < 0.85 * means[0]


async def test_requests_of_the_host_are_answered_and_carried_out() -> None:
    def request(cn: str, cp: str) -> bytes:
        return encode.frame(
            qn="20261124080000000", st="31", cn=cn, password="123456", mn=MN, flag=5, cp=cp
        )

    collector = Collector(lambda _: True)
    collector.greeting = (
        request("1012", "SystemTime=20261124080000")
        + request("1062", "RtdInterval=30")
        + request("1061", "")
        + request("3014", "PolId=a21002")
    )

    def answers() -> list[tuple[str, str]]:
        heard = [f for f in collector.heard if not f.cn.startswith("2")]
        return [(f.cn, f.cp) for f in heard if f.qn == "20261124080000000"]

    async with collector.listening() as port:
        logger = DataLogger(settings(port, backfill_hours=1), quiet())
        await lives(logger, lambda: len(answers()) >= 8)
    assert answers() == [
        ("9011", "QnRtn=1"),
        ("9012", "ExeRtn=1"),
        ("9011", "QnRtn=1"),
        ("9012", "ExeRtn=1"),
        ("9011", "QnRtn=1"),
        ("1061", "RtdInterval=30"),
        ("9012", "ExeRtn=1"),
        ("9011", "QnRtn=8"),
    ]


@pytest.mark.parametrize(
    ("what", "slope"), [(Happening.SLOPE_EDITED, "0.700"), (Happening.CONSTANT, "1.000")]
)
async def test_an_edited_slope_is_told_to_who_asks_for_it(what: Happening, slope: str) -> None:
    now = int(datetime.now(tz=UTC).timestamp())
    episode = Episode(now - 3600, now + 3600, what)
    collector = Collector(lambda _: True)
    collector.greeting = encode.frame(
        qn="20261124080000000",
        st="31",
        cn="3020",
        password="123456",
        mn=MN,
        flag=5,
        cp="PolId=a21026;InfoId=i13008",
    )

    def told() -> list[str]:
        return [frame.cp for frame in collector.heard if frame.cn == "3020"]

    async with collector.listening() as port:
        logger = DataLogger(coal(port, episode), quiet())
        await lives(logger, lambda: bool(told()))
    assert told()[0].endswith(f"i13008-Info={slope}")


async def test_a_silent_data_logger_notices_that_its_host_has_hung_up() -> None:
    collector = Collector(lambda _: True)
    async with collector.listening() as port:
        logger = DataLogger(settings(port, interval=3600, backfill_hours=0), quiet())

        def hung_up_and_called_again() -> bool:
            for writer in collector.writers[:1]:
                writer.close()
            return collector.connections > 1

        await lives(logger, hung_up_and_called_again)
    assert collector.connections == 2
