"""New before old: what was sealed while the line was down waits, and goes by objects if long."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge_greengrass import home
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import AppendLog, Position
from edge_greengrass.uplink import ledger as ledger_module
from edge_greengrass.uplink.courier import Courier
from edge_greengrass.uplink.disk import Disk
from edge_greengrass.uplink.ledger import Kind, Ledger
from edge_greengrass.uplink.memory_publisher import MemoryPublisher
from edge_greengrass.uplink.outgoing import Outgoing
from edge_greengrass.uplink.parcels import Parcels
from edge_greengrass.uplink.spool import Spool, Spooled
from edge_greengrass.uplink.window import Window
from plume.errors import Unavailable
from plume.evidence import envelope
from plume.model.segment import CHAIN_START, Acknowledgement, SegmentHeader
from plume.wire import backlog
from plume.wire.messages import ack_json
from tests.component.patience import until
from tests.component.test_uplink_logs import AT, KEY, SEALER

FIRST = 1_795_492_800_000


class Outbox:
    """An outbox that is filled directly; every fourth segment is telemetry."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opens()

    def opens(self) -> None:
        self.log = AppendLog(self.folder / home.OUTBOX, key=KEY, quota_bytes=64 << 20)
        self.lost: list[int] = []
        self.spool = Spool(self.log)
        self.outgoing = Outgoing(self.spool, self.lost.append)

    def reopens(self) -> None:
        self.log.close()
        self.opens()

    def seals(self, count: int) -> list[int]:
        made = []
        for _ in range(count):
            end, number = self.spool.end, self.spool.next_sequence or FIRST
            previous = end.digest if end else CHAIN_START
            header = SegmentHeader("edge-t1", "boot", number, previous, AT, AT)
            kind = Kind.TELEMETRY if number % 4 == 0 else Kind.URGENT
            self.spool.add(SEALER.seal_body(header, b"%d" % number), number, kind, {})
            made.append(number)
        return made

    def acknowledges(self, sequence: int, *above: tuple[int, int]) -> bool:
        return self.outgoing.acknowledged(Acknowledgement(sequence, above))

    def remaining(self) -> list[int]:
        return [one.sequence for one in self.spool.after(None, 100_000)]


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    made = Outbox(tmp_path)
    yield made
    made.log.close()


def numbers(spooled: Sequence[Spooled]) -> list[int]:
    return [one.sequence for one in spooled]


def urgent(sequences: Sequence[int]) -> list[int]:
    return [each for each in sequences if each % 4]


def test_live_segments_go_first_then_old_frames_then_old_telemetry(outbox: Outbox) -> None:
    old = outbox.seals(40)
    outbox.outgoing.line_mended(())
    new = outbox.seals(4)
    assert numbers(outbox.outgoing.live(100)) == new
    assert numbers(outbox.outgoing.backlog(1_000)) == urgent(old)
    assert numbers(outbox.outgoing.backlog(1_000)) == [n for n in old if n % 4 == 0]
    assert outbox.outgoing.backlog(1_000) == []
    newest = outbox.seals(1)
    assert numbers(outbox.outgoing.live(100)) == newest


def test_what_an_uplink_finds_at_its_start_is_backlog(outbox: Outbox) -> None:
    outbox.seals(3)
    outbox.reopens()
    assert outbox.outgoing.live(10) == []
    assert len(outbox.outgoing.backlog(10)) == 2


def test_what_a_broken_connection_carried_goes_back_into_the_backlog(outbox: Outbox) -> None:
    made = outbox.seals(6)
    assert numbers(outbox.outgoing.live(4)) == made[:4]
    outbox.outgoing.line_mended(made[:4])
    assert outbox.outgoing.live(4) == []
    assert numbers(outbox.outgoing.backlog(9)) == urgent(made)


def test_a_line_too_slow_for_all_that_is_new_carries_the_newest(outbox: Outbox) -> None:
    made = outbox.seals(150)
    assert numbers(outbox.outgoing.live(10)) == made[-20:-10]
    assert numbers(outbox.outgoing.backlog(5)) == urgent(made)[:5]


def test_segments_are_forgotten_one_by_one_from_the_oldest_on(outbox: Outbox) -> None:
    made = outbox.seals(10)
    outbox.acknowledges(0, (made[3], made[5]))
    assert outbox.remaining() == made
    outbox.acknowledges(made[1])
    assert outbox.remaining() == made[2:]
    outbox.acknowledges(made[2])
    assert outbox.remaining() == made[6:]
    outbox.acknowledges(made[9])
    assert outbox.remaining() == made[9:]
    assert outbox.outgoing.ledger.owed == 0


def test_an_acknowledgement_from_beyond_the_chain_is_not_believed(outbox: Outbox) -> None:
    made = outbox.seals(3)
    assert not outbox.acknowledges(made[-1] + 1)
    assert not outbox.acknowledges(made[0], (made[1], made[-1] + 1))
    assert outbox.remaining() == made
    assert outbox.acknowledges(0)


class Account:
    """What a ledger says, in sets."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.waiting: set[int] = set()
        self.under_way: set[int] = set()
        self.low = self.end = FIRST

    def adds(self, count: int) -> None:
        for number in range(self.end, self.end + count):
            self.ledger.add(number, Kind.URGENT, Position(1, number - FIRST + 1))
        self.waiting |= set(range(self.end, self.end + count))
        self.end += count

    def takes(self, count: int) -> None:
        taken = self.ledger.oldest(Kind.URGENT, count, until=self.end)
        assert taken == sorted(self.waiting)[:count]
        self.ledger.take(taken)
        self.waiting -= set(taken)
        self.under_way |= set(taken)

    def puts_back(self, numbers: list[int]) -> None:
        self.ledger.put_back(numbers)
        self.waiting |= set(numbers) & self.under_way
        self.under_way -= set(numbers)

    def hears(self, told: Acknowledgement) -> None:
        moved = self.ledger.acknowledge(told)
        over = {each for each in self.waiting | self.under_way if told.covers(each)}
        self.waiting -= over
        self.under_way -= over
        before, self.low = self.low, min(self.waiting | self.under_way, default=self.end)
        assert moved == (Position(1, self.low - FIRST) if self.low > before else None)


def test_the_ledger_agrees_with_a_plain_account_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "TRIM", 64)
    chance, account = random.Random(7), Account()  # noqa: S311, luck that can be had again
    for _ in range(3_000):
        account.adds(chance.randrange(20))
        account.takes(chance.randrange(20))
        account.puts_back(sorted(account.under_way)[: chance.randrange(9)])
        first = chance.randrange(account.low, account.end + 1)
        upto = min(account.low + chance.randrange(-5, 20), account.end - 1)
        above = (first, min(first + 20, account.end - 1))
        account.hears(Acknowledgement(max(upto, 0), (above,)))
    assert account.low - FIRST > 10_000
    assert account.ledger.waiting == len(account.waiting)
    assert account.ledger.owed == len(account.waiting | account.under_way)


def flip(outbox: Outbox, sequence: int) -> None:
    """Flip a bit within one record on the disk."""
    position = outbox.outgoing.ledger.before(sequence + 1)
    assert position is not None
    path = outbox.folder / home.OUTBOX / f"{position.file:020d}.log"
    content = bytearray(path.read_bytes())
    content[position.end - 20] ^= 1
    path.write_bytes(content)


def test_a_rotten_segment_is_told_and_keeps_nobody(outbox: Outbox) -> None:
    made = outbox.seals(12)
    flip(outbox, made[4])
    outbox.reopens()
    assert outbox.lost == [1]
    found = [*outbox.outgoing.backlog(99), *outbox.outgoing.backlog(99)]
    assert sorted(numbers(found)) == made[:4] + made[5:]
    outbox.acknowledges(made[3], (made[5], made[11]))
    assert outbox.remaining() == made[-1:]


def test_a_segment_that_rots_while_it_waits_is_told_when_it_is_missed(outbox: Outbox) -> None:
    made = outbox.seals(12)
    flip(outbox, made[4])
    found = numbers(outbox.outgoing.live(99))
    assert found == made[:4] + made[5:]
    assert outbox.lost == [1]


def test_a_number_that_rotted_at_the_end_of_the_chain_is_never_used_again(outbox: Outbox) -> None:
    """Else the cloud would take the next segment for that of another machine."""
    made = outbox.seals(5)
    flip(outbox, made[-1])
    outbox.reopens()
    (new,) = outbox.seals(1)
    assert new > made[-1]
    outbox.reopens()
    assert outbox.remaining() == [*made[:-1], new]
    assert outbox.lost == [new - made[-1]]


class Bucket:
    """Keeps objects, unless it is away; tells `then` of each."""

    def __init__(self, then: Callable[[list[int]], None] = lambda numbers: None) -> None:
        self.objects: dict[str, bytes] = {}
        self.away, self.then = False, then
        self.order: list[str] = []

    async def put(self, key: str, body: bytes, content_type: str) -> None:
        if self.away:
            raise Unavailable("no way")
        self.objects[key] = body
        self.order.append(key)
        self.then(self.numbers(key))

    def numbers(self, key: str) -> list[int]:
        return [envelope.peek(raw).sequence for raw in backlog.read(self.objects[key])]


@asynccontextmanager
async def carrying(
    outbox: Outbox, publisher: MemoryPublisher, bucket: Bucket
) -> AsyncIterator[Courier]:
    class Nothing:
        def step(self) -> bool:
            return False

    disk, journal = Disk(), Journal("uplink")
    courier = Courier(Nothing(), outbox.outgoing, publisher, Window(), disk, journal)
    parcels = Parcels("edge-t1", outbox.outgoing, bucket, disk, journal)
    parcels.patience = 0.5
    courier.relieved = lambda: parcels.carries
    work = [
        asyncio.create_task(each) for each in (courier.run(lambda message: None), parcels.run())
    ]
    try:
        yield courier
    finally:
        for one in work:
            one.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        disk.close()


def told_of(raw: bytes) -> list[bytes]:
    number = envelope.peek(raw).sequence
    return [ack_json(Acknowledgement(0, ((number, number),)))]


async def test_a_long_backlog_goes_as_objects_and_the_rest_as_messages(outbox: Outbox) -> None:
    old = outbox.seals(2_600)
    outbox.reopens()
    publisher = MemoryPublisher(told_of)

    def acknowledge(numbers: list[int]) -> None:
        above = tuple((each, each) for each in numbers)
        publisher.tell(ack_json(Acknowledgement(0, above)))

    bucket = Bucket(acknowledge)
    async with carrying(outbox, publisher, bucket):
        await until(lambda: outbox.outgoing.ledger.owed == 0)
    put = [each for key in bucket.order for each in bucket.numbers(key)]
    assert put == urgent(old)[: len(put)]
    assert len(put) >= 1_500
    sent = [envelope.peek(raw).sequence for raw in publisher.published]
    assert sorted([*sent, *put]) == old
    assert all(key.startswith("backlog/edge-t1/") for key in bucket.order)
    assert outbox.remaining() == old[-1:]


async def test_without_its_bucket_a_backlog_goes_as_messages(outbox: Outbox) -> None:
    outbox.seals(1_200)
    outbox.reopens()
    publisher, bucket = MemoryPublisher(told_of), Bucket()
    bucket.away = True
    async with carrying(outbox, publisher, bucket):
        await until(lambda: outbox.outgoing.ledger.owed == 0)
    assert len(publisher.published) == 1_200


async def test_an_object_that_nobody_acknowledges_is_forgotten_by_nobody_and_put_again(
    outbox: Outbox,
) -> None:
    outbox.seals(1_400)
    outbox.reopens()
    publisher, bucket = MemoryPublisher(lambda raw: []), Bucket()
    publisher.online = False
    async with carrying(outbox, publisher, bucket):
        await until(lambda: len(bucket.order) > len(bucket.objects))
    assert outbox.outgoing.ledger.owed == 1_400
    assert len(outbox.remaining()) == 1_400


async def test_nothing_is_put_while_nobody_would_answer(outbox: Outbox) -> None:
    outbox.seals(1_200)
    outbox.reopens()
    bucket, disk = Bucket(), Disk()
    parcels = Parcels("edge-t1", outbox.outgoing, bucket, disk, Journal("uplink"))
    looks: list[int] = []

    def heard() -> bool:
        looks.append(len(bucket.order))
        return len(looks) > 2

    parcels.heard = heard
    running = asyncio.create_task(parcels.run())
    await until(lambda: bool(bucket.order))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    disk.close()
    assert looks[:3] == [0, 0, 0]


async def test_live_segments_do_not_wait_for_the_backlog(outbox: Outbox) -> None:
    """In the midst of two thousand old ones, each new one leaves before the next window of old."""
    outbox.seals(2_000)
    outbox.reopens()
    new: dict[int, int] = {}

    def sent(raw: bytes) -> list[bytes]:
        if len(publisher.published) % 100 == 0:
            new[outbox.seals(1)[0]] = len(publisher.published)
        return told_of(raw)

    publisher, bucket = MemoryPublisher(sent), Bucket()
    bucket.away = True
    async with carrying(outbox, publisher, bucket):
        await until(lambda: outbox.outgoing.ledger.owed == 0)
    order = [envelope.peek(raw).sequence for raw in publisher.published]
    assert len(new) >= 20
    assert max(order.index(number) - sealed for number, sealed in new.items()) <= 20


def test_the_ledger_of_a_gigabyte_is_small() -> None:
    ledger = Ledger()
    for number in range(200_000):
        ledger.add(FIRST + number, Kind.URGENT, Position(1, number))
    assert len(ledger._files) * 16 + len(ledger._codes) <= 200_000 * 18
