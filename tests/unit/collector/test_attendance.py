"""What is told of data loggers, and how often."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from edge_greengrass.collector.dialogue.attendance import Attendance
from plume.errors import Unavailable
from plume.model.event import EdgeEvent, SourceHealth, SourceState
from plume.model.frame import FrameRecord, Verdict

START = datetime(2026, 11, 24, 4, tzinfo=UTC)
MN, OTHER = "010000A8900016F000169DC0", "010000A8900016F000169DC1"


class Edge:
    """An attendance on a clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.full = False
        self.meanwhile: Callable[[], None] = lambda: None
        self.events: list[EdgeEvent] = []
        self.attendance = Attendance(
            lambda: {MN: "stack-1", OTHER: "drain-1"}, self._tell, lambda: START,
            lambda: self.passed,
        )  # fmt: skip

    async def _tell(self, events: Sequence[EdgeEvent]) -> None:
        if self.full:
            raise Unavailable("disk")
        self.events += events
        self.meanwhile()

    def hears(self, verdict: Verdict, count: int = 1, mn: str = MN) -> None:
        self.attendance.judged(FrameRecord(START, b"", verdict, mn) for _ in range(count))

    async def told(self, after: float = 1.0) -> list[SourceHealth]:
        """What is told within so many seconds."""
        before = len(self.events)
        for _ in range(int(after)):
            self.passed += 1.0
            await self.attendance.look()
        new = self.events[before:]
        assert all(isinstance(one, SourceHealth) for one in new)
        return [one for one in new if isinstance(one, SourceHealth)]


@pytest.mark.parametrize(
    ("version", "edition"), [(0, "2005"), (1, "2017"), (2, "2025"), (3, "2025")]
)
async def test_a_data_logger_is_told_of_when_it_is_met(version: int, edition: str) -> None:
    edge = Edge()
    edge.attendance.met(MN, "10.8.3.20:40112", version)
    edge.hears(Verdict.OK, 3)
    edge.hears(Verdict.REJECT_CRC)
    (told,) = await edge.told()
    assert (told.source, told.outlet, told.kind) == ("stack-1", "stack-1", "hj212")
    assert (told.state, told.at) == (SourceState.OK, START)
    assert told.facts == {
        "peer": "10.8.3.20:40112", "edition": edition, "taken": 3, "refused": 1,
    }  # fmt: skip


async def test_counts_alone_are_told_every_ten_minutes_and_nothing_new_never() -> None:
    edge = Edge()
    edge.attendance.met(MN, "10.8.3.20:40112", 1)
    edge.hears(Verdict.OK)
    assert len(await edge.told(5)) == 1
    edge.hears(Verdict.OK, 59)
    assert await edge.told(590) == []
    (told,) = await edge.told(10)
    assert told.facts is not None
    assert told.facts["taken"] == 60
    assert await edge.told(1_200) == []


async def test_another_peer_or_edition_is_told_soon_and_another_port_is_not() -> None:
    edge = Edge()
    edge.attendance.met(MN, "10.8.3.20:40112", 1)
    await edge.told()
    edge.attendance.met(MN, "10.8.3.20:40113", 1)
    assert await edge.told(120) == []
    edge.attendance.met(MN, "10.8.3.21:40113", 1)
    assert len(await edge.told()) == 1
    edge.attendance.met(MN, "10.8.3.21:40114", 2)
    assert await edge.told(50) == []
    (told,) = await edge.told(10)
    assert told.facts is not None
    assert told.facts["edition"] == "2025"


async def test_half_an_hour_without_a_good_frame_is_a_silence_that_the_next_one_ends() -> None:
    edge = Edge()
    edge.attendance.met(MN, "10.8.3.20:40112", 1)
    edge.hears(Verdict.OK)
    await edge.told(1_700)
    (silent,) = await edge.told(200)
    assert (silent.state, silent.detail) == (SourceState.SILENT, "no frame for 1800 s")
    edge.hears(Verdict.OK_WITH_WARNINGS)
    assert [one.state for one in await edge.told(60)] == [SourceState.OK]


async def test_frames_refused_in_a_row_are_a_failure_with_its_reason() -> None:
    edge = Edge()
    edge.attendance.met(MN, "10.8.3.20:40112", 1)
    edge.hears(Verdict.OK)
    await edge.told(60)
    edge.hears(Verdict.BAD_PW, 9)
    assert await edge.told(60) == []
    edge.hears(Verdict.BAD_PW)
    (told,) = await edge.told()
    assert (told.state, told.detail) == (
        SourceState.FAILING, "10 frames in a row refused: BAD_PW",
    )  # fmt: skip
    edge.hears(Verdict.OK)
    assert [one.state for one in await edge.told(60)] == [SourceState.OK]


async def test_a_stranger_is_on_no_roll_and_each_data_logger_on_its_own() -> None:
    edge = Edge()
    edge.hears(Verdict.UNKNOWN_MN, 50, "F" * 24)
    assert await edge.told(700) == []
    for mn in (MN, OTHER):
        edge.attendance.met(mn, "10.8.3.20:40112", 1)
        edge.hears(Verdict.OK, 1, mn)
    assert {one.outlet for one in await edge.told()} == {"stack-1", "drain-1"}


async def test_what_a_full_disk_does_not_take_is_told_later() -> None:
    edge = Edge()
    edge.attendance.met(MN, "10.8.3.20:40112", 1)
    edge.full = True
    assert await edge.told(30) == []
    edge.full = False
    assert len(await edge.told()) == 1
    assert timedelta(seconds=edge.passed) == timedelta(seconds=31)


async def test_what_changes_while_it_is_told_is_told_next() -> None:
    edge = Edge()
    edge.attendance.met(MN, "10.8.3.20:40112", 1)
    edge.hears(Verdict.OK)
    edge.meanwhile = lambda: edge.attendance.met(MN, "10.8.3.21:40112", 1)
    assert [one.facts["peer"] for one in await edge.told()] == ["10.8.3.20:40112"]
    edge.meanwhile = lambda: None
    assert [one.facts["peer"] for one in await edge.told(after=61)] == ["10.8.3.21:40112"]


async def test_good_frames_are_not_told_of_before_it_is_known_whence_they_came() -> None:
    edge = Edge()
    edge.hears(Verdict.OK)
    assert await edge.told() == []
    edge.attendance.met(MN, "10.8.3.20:40112", 1)
    assert [one.facts["peer"] for one in await edge.told()] == ["10.8.3.20:40112"]
