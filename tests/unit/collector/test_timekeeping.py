"""What of a frame measures a clock, and what does not."""

from datetime import UTC, datetime, timedelta

from edge_greengrass.collector.dialogue.timekeeping import Timekeeping
from edge_greengrass.collector.steady_clock import SteadyClock
from plume.hj212 import encode
from plume.hj212.frame import decode
from plume.hj212.moments import request_number, written
from plume.model.event import ClockOffset, EdgeEvent
from plume.model.frame import FrameRecord, Verdict

MN = "010000A8900016F000169DC0"
START = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


class Edge:
    """Timekeeping on a clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.passed = 0.0
        clock = SteadyClock(lambda: START.timestamp() + self.passed, lambda: self.passed)
        self.clock = clock
        self.keeping = Timekeeping(lambda: {MN: "o"}, self._tell, clock, lambda: self.passed)
        self.told: list[EdgeEvent] = []

    async def _tell(self, events: object) -> None:
        self.told += events  # type: ignore[operator]  # a list of events

    def hears(self, ahead: float, qn: str | None = None, **more: bool) -> None:
        """Hear a frame of a data logger whose clock is so far ahead [s], two seconds later."""
        self.passed += 2.0
        at = START + timedelta(seconds=self.passed + ahead)
        raw = encode.frame(
            qn=request_number(at) if qn is None else qn,
            st="31", cn="2011", password="123456", mn=MN, flag=9,
            cp=f"DataTime={written(at)};a21026-Rtd=25.0,a21026-Flag=N", **more,
        )  # fmt: skip
        self.keeping.heard(FrameRecord(self.clock.now(), raw, Verdict.OK, MN))

    async def offsets(self) -> list[float]:
        self.keeping._look()
        await self.keeping._tell_owed()
        return [one.offset.total_seconds() for one in self.told if isinstance(one, ClockOffset)]


async def test_qns_measure_the_clock() -> None:
    edge = Edge()
    for _ in range(3):
        edge.hears(12.0)
    assert await edge.offsets() == [12.0]


async def test_what_is_sent_again_measures_nothing() -> None:
    edge = Edge()
    for _ in range(5):
        edge.hears(0.0, resent=True)
        edge.hears(0.0, qn="20261124120000000")
    assert await edge.offsets() == []


async def test_a_data_logger_of_2005_is_measured_by_its_samples() -> None:
    edge = Edge()
    for _ in range(3):
        edge.hears(-7.0, qn="")
    assert await edge.offsets() == [-7.0]


async def test_it_is_told_once_an_hour_while_nothing_changes_and_sooner_when_it_does() -> None:
    edge = Edge()
    for _ in range(3):
        edge.hears(12.0)
    assert len(await edge.offsets()) == 1
    edge.passed += 3590
    assert len(await edge.offsets()) == 1
    edge.passed += 10
    assert len(await edge.offsets()) == 2
    for _ in range(35):
        edge.hears(14.0)
    assert (await edge.offsets())[2:] == [14.0]


async def test_a_step_of_the_edges_own_clock_is_told_and_blamed_on_nobody_else() -> None:
    edge = Edge()
    for _ in range(3):
        edge.hears(0.0)
    edge.keeping.stepped(timedelta(hours=-1))
    assert await edge.offsets() == [-3600.0, 3600.0]
    (step, logger) = (one for one in edge.told if isinstance(one, ClockOffset))
    assert (step.subject, step.reference, step.jumped) == ("edge", "edge", True)
    assert (logger.subject, logger.jumped) == ("o", False)


async def test_what_names_no_time_measures_nothing() -> None:
    """A log, or the answer to a request, may say anything."""
    edge = Edge()
    for text in ("i11001-Info=//DataTime=20261399999999//", "QN=99999999999999999"):
        edge.passed += 2.0
        raw = encode.frame(qn="", st="31", cn="2011", password="123456", mn=MN, flag=1, cp=text)
        edge.keeping.heard(FrameRecord(edge.clock.now(), raw, Verdict.OK, MN))
    for text in ("SystemTime=20261399999999", "SystemTime=", "SystemTime=now"):
        answer = encode.frame(
            qn="20261124120000001", st="31", cn="1011", password="123456", mn=MN, flag=4, cp=text
        )
        edge.keeping.answered(decode(answer), 0.0)
    assert await edge.offsets() == []
