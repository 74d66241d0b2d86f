"""What the collector learns of frames that were kept, and what it does not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge_greengrass.collector.configuration import Station
from edge_greengrass.collector.dialogue.attendance import Attendance
from edge_greengrass.collector.dialogue.chronicle import Chronicle
from edge_greengrass.collector.dialogue.credentials import Credentials
from edge_greengrass.collector.dialogue.reception import Reception
from edge_greengrass.collector.dialogue.sealed_file import SealedFile
from edge_greengrass.collector.dialogue.switchboard import Switchboard
from edge_greengrass.collector.dialogue.timekeeping import Timekeeping
from edge_greengrass.collector.judging import Judge, Received
from edge_greengrass.collector.steady_clock import SteadyClock
from edge_greengrass.journal import Journal
from plume.hj212 import encode
from plume.hj212.moments import request_number, written

MN = "010000A8900016F000169DC0"
STATIONS = {MN: Station("o", MN, "31", "123456")}
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Line:
    """A data logger on its line."""

    peer, host, proven = "10.0.0.9:7", "10.0.0.9", True

    async def say(self, raw: bytes) -> None:
        """Nothing is said here."""

    def settle(self, frames: int, answers: bytes) -> None:
        """Nothing is owed here."""

    def leave(self, reason: str) -> None:
        """Nobody goes."""


async def _tell(events: object) -> None:
    del events


def hour(at: datetime) -> bytes:
    return encode.frame(
        qn=request_number(NOW), st="31", cn="2061", password="123456", mn=MN, flag=5,
        cp=f"DataTime={written(at)};a21026-Avg=25.0,a21026-Flag=N",
    )  # fmt: skip


def test_an_hour_that_cannot_be_leaves_no_hole_to_be_filled(tmp_path: Path) -> None:
    clock = SteadyClock(NOW.timestamp, lambda: 0.0)
    credentials = Credentials(STATIONS, SealedFile(tmp_path / "c", b"k" * 32), lambda: NOW)
    chronicle = Chronicle(SealedFile(tmp_path / "h", b"k" * 32), lambda: 0.0)
    outlets = credentials.outlets
    reception = Reception(
        *(Switchboard(), credentials, Timekeeping(outlets, _tell, clock, lambda: 0.0), chronicle),
        attendance=Attendance(outlets, _tell, lambda: NOW, lambda: 0.0),
        journal=Journal("collector"),
    )
    line, judge = Line(), Judge(STATIONS, lambda: NOW)
    hours = [NOW - 5 * HOUR, NOW - 4 * HOUR, NOW + 400 * HOUR, NOW - 2 * HOUR]
    for told in judge.receipts([Received(hour(at), line.peer) for at in hours]):
        reception.heard(told.record, line)
    (hole,) = (hole for _, hole in chronicle.holes(MN, lambda _: 0))
    assert (hole.first, hole.last) == ((NOW - 3 * HOUR).timestamp(),) * 2
