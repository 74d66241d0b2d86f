"""The collector on real loopback sockets: what is answered, what is kept, and in which order."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone

import pytest

from edge_greengrass.collector.allowance import Allowance
from edge_greengrass.collector.configuration import Bounds, Listener, Station
from edge_greengrass.collector.desk import Floor
from edge_greengrass.collector.intake import Intake
from edge_greengrass.collector.judging import Judge
from edge_greengrass.collector.server import Server
from edge_greengrass.collector.turnstile import Turnstile
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import OutboxFull
from plume.evidence import payload
from plume.hj212 import encode
from plume.model.event import SourceHealth, SourceState
from plume.model.frame import FrameRecord, Verdict
from plume.wire.events import event_of
from tests.component.patience import PATIENCE

MN = "010000A8900016F000169DC0"
KEY = b"0" * 16
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8))


class DiskInMemory:
    """An intake log that can be held up, filled, or broken."""

    def __init__(self) -> None:
        self.records: list[bytes] = []
        self.commits = 0
        self.fault: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def append(self, records: Sequence[bytes]) -> None:
        assert self.gate.wait(10)
        if self.fault:
            raise self.fault
        self.records += records
        self.commits += 1

    def frames(self) -> list[FrameRecord]:
        return [frame for one in self.records for frame in payload.decode(one).frames]


def frame(
    number: int, *, mn: str = MN, password: str = "123456", hours: int = 1, **more: object
) -> bytes:
    at = (NOW - timedelta(hours=hours)).astimezone(BEIJING)
    fields = {"cn": "2061", "flag": 5, "st": "31", **more}
    return encode.frame(
        qn=f"20261124110000{number:03d}",
        password=password,
        mn=mn,
        cp=f"DataTime={at:%Y%m%d%H%M%S};a21026-Avg=25.0,a21026-Flag=N",
        **fields,
    )


class Caller:
    """A data logger's end of the line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def says(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hears(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readline()

    async def hears_nothing(self, seconds: float = 0.3) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return not await self.reader.readline()
        except TimeoutError:
            return True


Dial = Callable[[], "asyncio.Future[Caller]"]


@asynccontextmanager
async def collector(
    disk: DiskInMemory, bounds: Bounds | None = None
) -> AsyncIterator[tuple[Dial, Floor]]:
    bounds = bounds or Bounds()
    intake = Intake(disk, lambda frames, why: None)
    station = Station("bench-gas-1", MN, "31", "123456", (KEY,))
    floor = Floor(
        judge=Judge({MN: station}, lambda: NOW),
        intake=intake,
        allowance=Allowance(bounds.refusals, bounds.refusals_per_second),
        bounds=bounds,
    )
    server = Server(floor, Journal("collector"))
    ((host, port),) = await server.apply([Listener("127.0.0.1", 0)])
    working = [asyncio.create_task(one) for one in (intake.run(), server.run())]
    callers: list[Caller] = []

    async def dial() -> Caller:
        callers.append(Caller(*await asyncio.open_connection(host, port)))
        return callers[-1]

    try:
        yield dial, floor
    finally:
        disk.gate.set()
        for one in callers:
            one.writer.close()
        await server.close()
        for one in working:
            one.cancel()
        intake.close()


async def test_glued_frames_are_kept_in_order_and_each_is_answered_by_its_qn() -> None:
    disk = DiskInMemory()
    async with collector(disk) as (dial, _):
        caller = await dial()
        await caller.says(b"noise" + b"".join(frame(n) for n in range(5)))
        answers = [await caller.hears() for _ in range(5)]
    assert [answer[9:26] for answer in answers] == [
        f"20261124110000{n:03d}".encode() for n in range(5)
    ]
    assert all(b"ST=91;CN=9014;" in answer for answer in answers)
    assert [one.raw for one in disk.frames()] == [frame(n) for n in range(5)]


async def test_a_frame_cut_into_single_bytes_arrives_whole() -> None:
    disk = DiskInMemory()
    async with collector(disk) as (dial, _):
        caller = await dial()
        for byte in frame(1):
            await caller.says(bytes([byte]))
            await asyncio.sleep(0)
        assert b"CN=9014" in await caller.hears()
    (kept,) = disk.frames()
    assert (kept.raw, kept.verdict, kept.acknowledged) == (frame(1), Verdict.OK, True)


DAMAGED = frame(7).replace(b"25.0", b"26.0")


@pytest.mark.parametrize(
    ("sent", "verdict"),
    [
        (DAMAGED, Verdict.REJECT_CRC),
        (frame(7, mn="010000A8900016F000169DFF"), Verdict.UNKNOWN_MN),
        (frame(7, password="654321"), Verdict.BAD_PW),
    ],
)
async def test_a_refused_frame_is_kept_with_its_reason_and_never_answered(
    sent: bytes, verdict: Verdict
) -> None:
    disk = DiskInMemory()
    async with collector(disk) as (dial, _):
        caller = await dial()
        await caller.says(sent + frame(8))
        assert b"QN=20261124110000008" in await caller.hears()
        assert await caller.hears_nothing()
    refused, good = disk.frames()
    assert (refused.raw, refused.verdict, refused.acknowledged) == (sent, verdict, False)
    assert refused.reason
    assert good.verdict is Verdict.OK


async def test_a_quarantined_frame_is_whole_and_is_answered() -> None:
    disk = DiskInMemory()
    async with collector(disk) as (dial, _):
        caller = await dial()
        await caller.says(frame(1, hours=-2))
        assert b"CN=9014" in await caller.hears()
    assert disk.frames()[0].verdict is Verdict.QUARANTINE


async def test_a_heartbeat_is_answered_as_a_notice_and_an_answer_never() -> None:
    disk = DiskInMemory()
    async with collector(disk) as (dial, _):
        caller = await dial()
        await caller.says(frame(1, cn="9014", flag=9) + frame(2, cn="9015", flag=9))
        assert b"QN=20261124110000002;ST=91;CN=9013;" in await caller.hears()


async def test_an_enciphered_frame_of_2025_is_read_with_the_configured_key() -> None:
    disk = DiskInMemory()
    async with collector(disk) as (dial, _):
        caller = await dial()
        await caller.says(frame(1, flag=9, key=KEY))
        assert b"CN=9014" in await caller.hears()
    assert b"{0x" in disk.frames()[0].raw


async def test_nothing_is_answered_before_it_is_durable() -> None:
    disk = DiskInMemory()
    disk.gate.clear()
    async with collector(disk) as (dial, _):
        caller = await dial()
        await caller.says(frame(1))
        assert await caller.hears_nothing()
        disk.gate.set()
        assert b"CN=9014" in await caller.hears()


@pytest.mark.parametrize("fault", [OutboxFull("full"), OSError(5, "input/output error")])
async def test_what_could_not_be_kept_is_not_answered_and_the_next_one_is(
    fault: Exception,
) -> None:
    disk = DiskInMemory()
    disk.fault = fault
    async with collector(disk) as (dial, floor):
        caller = await dial()
        await caller.says(frame(1))
        assert await caller.hears_nothing()
        assert floor.counts["not_kept"] == 1
        disk.fault = None
        await caller.says(frame(1))
        assert b"CN=9014" in await caller.hears()
    assert len(disk.frames()) == 1


async def test_frames_that_arrive_during_a_commit_share_the_next_one() -> None:
    disk = DiskInMemory()
    disk.gate.clear()
    async with collector(disk) as (dial, _):
        callers = [await dial() for _ in range(20)]
        for number, caller in enumerate(callers):
            await caller.says(frame(number))
        await asyncio.sleep(0.3)
        disk.gate.set()
        for caller in callers:
            assert b"CN=9014" in await caller.hears()
    assert len(disk.frames()) == 20
    assert disk.commits <= 2


async def test_a_flood_of_refused_frames_ends_the_connection_and_spares_the_disk() -> None:
    disk = DiskInMemory()
    async with collector(disk, Bounds(refusals=10, refusals_per_second=0.0)) as (dial, floor):
        hostile, good = await dial(), await dial()
        await hostile.says(DAMAGED * 50)
        assert await hostile.hears_nothing(5)
        await good.says(frame(1))
        assert b"CN=9014" in await good.hears()
    assert floor.counts["refused"] == 10
    assert len(disk.frames()) == 11


@pytest.mark.parametrize(("most", "slowed"), [(10, True), (5_000, False)])
async def test_a_flood_of_good_frames_is_read_slowly_and_told_and_delays_nobody(
    most: int,
    slowed: bool,  # noqa: FBT001, the second case is the negative control
) -> None:
    disk = DiskInMemory()
    async with collector(disk, Bounds(frames=most, frames_per_second=5.0)) as (dial, _):
        flood, good = await dial(), await dial()
        await flood.says(frame(1) * 900)
        await good.says(frame(2))
        assert b"QN=20261124110000002" in await good.hears()
        await asyncio.sleep(1.2)
        kept = len(disk.frames())
        told = [event_of(one) for record in disk.records for one in payload.decode(record).events]
    assert (kept < 901) is slowed
    assert [one.state for one in told if isinstance(one, SourceHealth)][:1] == (
        [SourceState.FLOODING] if slowed else []
    )


async def test_one_that_is_read_slowly_is_not_taken_for_one_that_does_not_end_its_frame() -> None:
    bounds = Bounds(frames=10, frames_per_second=100.0, partial=0.3, idle=0.3)
    disk = DiskInMemory()
    async with collector(disk, bounds) as (dial, _):
        caller = await dial()
        await caller.says(frame(1) * 400)
        for _ in range(400):
            assert b"CN=9014" in await caller.hears()
    assert len(disk.frames()) == 400


async def test_a_frame_that_never_ends_does_not_hold_its_connection() -> None:
    async with collector(DiskInMemory(), Bounds(partial=0.1)) as (dial, _):
        caller = await dial()
        await caller.says(frame(1)[:40])
        async with asyncio.timeout(PATIENCE):
            assert await caller.reader.read() == b""


async def test_silent_sockets_give_way_to_a_newcomer_and_a_proven_one_stays() -> None:
    async with collector(DiskInMemory(), Bounds(connections=2)) as (dial, _):
        proven = await dial()
        await proven.says(frame(1))
        assert b"CN=9014" in await proven.hears()
        await dial()
        newcomer = await dial()
        await newcomer.says(frame(2))
        assert b"CN=9014" in await newcomer.hears()
        await proven.says(frame(3))
        assert b"CN=9014" in await proven.hears()


def test_when_all_inside_are_proven_nobody_else_comes_in() -> None:
    class Proven:
        proven = True

        def dismiss(self) -> None:
            raise AssertionError

    turnstile = Turnstile(1)
    assert turnstile.enter(Proven())
    assert not turnstile.enter(Proven())
