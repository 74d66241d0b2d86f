"""A plant, a platform, and the line between them that is down for days, in compressed time.

The clock of the plant is the test's own; sealing, outbox, courier, parcels and the cloud's ingest
are the real ones. While the backlog drains the plant goes on.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from edge_greengrass import home
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.uplink.courier import Courier
from edge_greengrass.uplink.disk import Disk
from edge_greengrass.uplink.memory_publisher import MemoryPublisher
from edge_greengrass.uplink.outgoing import Outgoing
from edge_greengrass.uplink.parcels import Parcels
from edge_greengrass.uplink.sealing import Author, Sealing
from edge_greengrass.uplink.spool import Spool
from edge_greengrass.uplink.window import Window
from plume.evidence import payload
from plume.evidence.envelope import Sealer, open_segment, peek
from plume.hj212 import encode
from plume.memory.world import MemoryBacklog
from plume.model.event import SourceHealth, SourceState
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import ThingName
from plume.model.segment import Acknowledgement, Arrival, Payload, Segment
from plume.model.telemetry import Columns, SeriesTable
from plume.series import block
from plume.usecases.ingest_segments import ingest_segments
from plume.usecases.open_backlog import open_backlog
from plume.wire.events import event_fields
from plume.wire.messages import ack_json
from tests.faults import cloud as faults
from tests.faults.cloud import THING, ingest_world
from tests.given import BEIJING, STACK, EdgeDevice, numbered_qn, private_pem, public_pem

BEGIN = datetime(2026, 11, 24, tzinfo=UTC)
KEY = bytes(32)


class Plant:
    """What collector and cameras write, step by step, and the uplink's sealing of it."""

    step = timedelta(minutes=1)

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        self.now, self._chance = BEGIN, np.random.default_rng(212)
        self._folder, self._sealer = folder, sealer
        self.sent: list[bytes] = []
        self.lived_at: dict[bytes, float] = {}
        self.points = 0
        self._writers = {name: self._log(name) for name in home.UPWARD}
        self.spool = Spool(self._log(home.OUTBOX))
        logs = {name: self._log(name) for name in home.UPWARD}
        author = Author(THING, "boot", sealer, lambda: self.now, self._seconds)
        self.sealing = Sealing(logs, self.spool, author)

    def lives(self, step: timedelta) -> None:
        """Let one step pass: a frame, a block of eight signals, an event now and then."""
        self.now += step
        frame = _frame(len(self.sent), self.now)
        self.sent.append(frame)
        self.lived_at[frame] = time.monotonic()
        kept = FrameRecord(self.now, frame, Verdict.OK, mn=STACK.mn, acknowledged=True)
        self._writers[home.FRAMES].append([payload.encode(Payload(frames=(kept,)))])
        self._writers[home.TELEMETRY].append([self._block(int(step.total_seconds()))])
        if len(self.sent) % 60 == 0:
            event = SourceHealth(self.now, f"camera {len(self.sent)}", "camera", SourceState.OK)
            told = payload.encode(Payload(events=(event_fields(event),)))
            self._writers[home.CAMERA].append([told])

    def seals(self) -> None:
        while self.sealing.step():
            pass

    def _seconds(self) -> float:
        return (self.now - BEGIN).total_seconds()

    def _block(self, seconds: int) -> bytes:
        end = int(self.now.timestamp() * 1000)
        clock = np.arange(end - seconds * 1000, end, 1000)
        values = {
            f"s{n}": np.round(50 + self._chance.normal(0, 0.2, seconds).cumsum(), 2)
            for n in range(8)
        }
        self.points += 8 * seconds
        columns = Columns(
            SeriesTable.GAS, STACK.id, clock, values, decimals=dict.fromkeys(values, 2)
        )
        return payload.encode(Payload(blocks=(block.encode(columns),)))

    def _log(self, name: str) -> AppendLog:
        return AppendLog(self._folder / name, key=KEY, quota_bytes=256 << 20)


def _frame(number: int, at: datetime) -> bytes:
    return encode.frame(
        qn=numbered_qn(number, at), st="31", cn="2011", password="123456", mn=STACK.mn, flag=5,
        cp=f"DataTime={at.astimezone(BEIJING):%Y%m%d%H%M%S};a21026-Rtd=1.0,a21026-Flag=N",
    )  # fmt: skip


@dataclass
class Platform:
    """The real ingest over the memory world; what comes may be lost on the way, or come twice."""

    device: EdgeDevice
    swallowed: float = 0.0
    doubled: float = 0.0
    arrived: list[int] = field(default_factory=list)
    arrived_at: dict[int, float] = field(default_factory=dict)
    messages: int = 0

    def __post_init__(self) -> None:
        self.chance, self.waiting = random.Random(7), MemoryBacklog()
        self.world = ingest_world(self.device.platform, self)
        self.world.registry.put_device(self.device.registered())
        self._answers: list[bytes] = []

    def tell(self, thing: ThingName, told: Acknowledgement) -> None:
        """Acknowledge (`plume.ports.notices.DeviceAcks`)."""
        self._answers.append(ack_json(told))

    def takes(self, arrivals: Sequence[Arrival]) -> list[bytes]:
        """Take a batch in; give the acknowledgements."""
        if self.chance.random() < self.swallowed:
            return []
        for _ in range(1 + (self.chance.random() < self.doubled)):
            ingest_segments(arrivals, world=self.world, now=datetime.now(tz=UTC))
        for one in arrivals:
            self.arrived.append(peek(one.raw).sequence)
            self.arrived_at.setdefault(self.arrived[-1], time.monotonic())
        answers, self._answers = self._answers, []
        return answers

    def message(self, raw: bytes) -> list[bytes]:
        self.messages += 1
        return self.takes([Arrival(THING, raw, datetime.now(tz=UTC))])

    def object(self, key: str) -> list[bytes]:
        operations = self.world.operations
        at = datetime.now(tz=UTC)
        return self.takes(open_backlog(key, at, backlog=self.waiting, operations=operations))

    def segments(self) -> list[Segment]:
        """Open every stored segment once, in the order of the chain."""
        key, signing = private_pem(self.device.platform), self.device.registered().signing_key
        return [
            open_segment(self.world.bundles.one(entry), signing_key=signing, platform_key_pem=key)
            for entry in self.world.segments.after(THING, -1, 10**9)
        ]


class Bucket:
    """The bucket of segments: it tells the platform of each object, in its own time."""

    def __init__(self, platform: Platform, tell: Callable[[bytes], None]) -> None:
        self._platform, self._tell = platform, tell
        self._telling: set[asyncio.Task[None]] = set()
        self.objects = 0

    async def put(self, key: str, body: bytes, content_type: str) -> None:
        self._platform.waiting.objects[key] = body
        self.objects += 1
        task = asyncio.create_task(self._told(key))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _told(self, key: str) -> None:
        for answer in await asyncio.to_thread(self._platform.object, key):
            self._tell(answer)


class Story:
    """The plant, the platform, and the line between them."""

    def __init__(
        self,
        folder: Path,
        courier: type[Courier] = Courier,
        plant: type[Plant] = Plant,
        **luck: float,
    ) -> None:
        self._courier = courier
        self.device = EdgeDevice(generate_private_key(SECP256R1()))
        self.platform = Platform(self.device, **luck)
        sealer = Sealer(private_pem(self.device.key), public_pem(self.device.platform))
        self.plant = plant(folder, sealer)
        self.outgoing = Outgoing(self.plant.spool)
        self.publisher = MemoryPublisher(self.platform.message)
        self.bucket = Bucket(self.platform, self.publisher.tell)

    def goes_without_a_line(self, hours: float) -> int:
        """Let the plant run; give how many segments wait at the end."""
        self.plant.sealing.listened = False
        for _ in range(int(timedelta(hours=hours) / self.plant.step)):
            self.plant.lives(self.plant.step)
            self.plant.seals()
        self.outgoing.line_mended(())
        return self.outgoing.ledger.owed

    def lags(self, since: int) -> list[float]:
        """Give how long [s] each frame of segments behind `since` took until it was stored."""
        return [
            self.platform.arrived_at[segment.header.sequence] - self.plant.lived_at[frame.raw]
            for segment in self.platform.segments()
            for frame in segment.payload.frames
            if segment.header.sequence > since
        ]

    async def drains(self, lives_on: int) -> None:
        """Mend the line; the plant lives on for so many steps; end when nothing is owed."""
        self.plant.sealing.listened = True
        async with self.uplink():
            for _ in range(lives_on):
                self.plant.lives(timedelta(seconds=10))
                await asyncio.sleep(0.02)
            self.plant.now += timedelta(seconds=30)
            async with asyncio.timeout(120):
                while not self._sealed() or self.outgoing.ledger.owed:
                    self.plant.now += timedelta(seconds=1)
                    await asyncio.sleep(0.05)

    def _sealed(self) -> bool:
        readers = [one for group in self.plant.sealing._readers.values() for one in group]
        return not any(one.taken or one._log.read(one._read_to, 1) for one in readers)

    @asynccontextmanager
    async def uplink(self) -> AsyncIterator[None]:
        disk, journal = Disk(), Journal("uplink")
        window = Window(patience=0.5, longest=2.0)
        courier = self._courier(
            self.plant.sealing, self.outgoing, self.publisher, window, disk, journal
        )
        parcels = Parcels(THING, self.outgoing, self.bucket, disk, journal)
        parcels.patience = 3.0
        courier.relieved = lambda: parcels.carries
        parts = (courier.run(lambda message: None), parcels.run())
        work = [asyncio.create_task(each) for each in parts]
        try:
            yield
        finally:
            for one in work:
                one.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            disk.close()

    def verdict(self) -> faults.Verdict:
        sent = Counter(self.plant.sent)
        return faults.verdict(self.platform, sent, set(self.plant.sent))

    def points(self) -> int:
        """Count the telemetry that the platform has."""
        blocks = [one for segment in self.platform.segments() for one in segment.payload.blocks]
        return sum(len(block.decode(one).times) * 8 for one in blocks)
