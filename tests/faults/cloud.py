"""The cloud as a device meets it on a bad day: the real ingest over the memory world.

Between broker and ingest stands a queue as unreliable as the weather says: it may refuse, lose
after the broker's PUBACK, double, reorder and delay; acknowledgements may be lost, doubled, held
back and brought out of order. Seeded, so that a bad day can be lived again.
"""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)

from plume.evidence.envelope import open_segment
from plume.memory.certificates import MemoryCertificates
from plume.memory.commands import MemoryAudit, MemoryCommands
from plume.memory.device_standings import MemoryDeviceStandings
from plume.memory.media import MemoryMedia, MemoryMediaObjects
from plume.memory.world import (
    MemoryBacklog,
    MemoryBundles,
    MemoryDeviceCommands,
    MemoryFindings,
    MemoryLatest,
    MemoryOperations,
    MemoryReadings,
    MemorySegments,
    MemoryWindows,
)
from plume.model.device import Device
from plume.model.frame import FrameRecord
from plume.model.identity import EnterpriseId, ThingName
from plume.model.segment import CHAIN_START, Acknowledgement, Arrival, Segment
from plume.ports.notices import DeviceAcks
from plume.usecases.ingest_segments import IngestWorld, ingest_segments
from plume.usecases.open_backlog import open_backlog
from plume.wire.messages import ack_json
from plume.wire.names import ACK_TOPIC
from tests.faults.authority import Authority
from tests.faults.broker import QUOTA_EXCEEDED, SUCCESS, Broker
from tests.faults.provisioner import Provisioner
from tests.given import STACK, private_pem, public_pem, registry

THING = ThingName("edge-0001")
BATCH = 10


@dataclass(frozen=True)
class Weather:
    """Shares of messages [0, 1] that meet each trouble."""

    refused: float = 0.0
    swallowed: float = 0.0
    doubled: float = 0.0
    reordered: float = 0.0
    ack_lost: float = 0.0
    ack_doubled: float = 0.0
    ack_late: float = 0.0


FAIR = Weather()
FOUL = Weather(0.1, 0.1, 0.2, 0.3, 0.3, 0.2, 0.2)


class Cloud:
    """Everything behind the broker; `wait_for` what the oracle must see."""

    def __init__(self, authority: Authority, weather: Weather = FAIR, seed: int = 212) -> None:
        self.platform = generate_private_key(SECP256R1())
        self.weather = weather
        self.counts: Counter[str] = Counter()
        self.device: Device | None = None
        self._chance = random.Random(seed)
        self._queue: list[Arrival] = []
        self._late: list[Acknowledgement] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self.world = ingest_world(self.platform, self)
        self.provisioner = Provisioner(authority, THING, valid=timedelta(days=30))
        self.broker = Broker(authority.server_context(), self._heard)
        self.provisioner.broker = self.broker
        self._worker = threading.Thread(target=self._work, daemon=True)
        self._worker.start()

    def register(self, signing_key: str) -> None:
        """Enter the device with its public signing key."""
        self.device = Device(THING, "0001", EnterpriseId("power"), "ab" * 32, signing_key)
        self.world.registry.put_device(self.device)

    def platform_public_pem(self) -> str:
        return public_pem(self.platform).decode()

    def tell(self, thing: ThingName, told: Acknowledgement) -> None:
        """Acknowledge as the weather allows (`plume.ports.notices.DeviceAcks`)."""
        every = [*self._late, told]
        self._late = []
        if self._chance.random() < self.weather.ack_late:
            self._late, every = [told], every[:-1]
        self._chance.shuffle(every)
        for one in every:
            if self._chance.random() < self.weather.ack_lost:
                self.counts["ack_lost"] += 1
                continue
            for _ in range(1 + (self._chance.random() < self.weather.ack_doubled)):
                self.broker.publish(ACK_TOPIC.format(thing=thing), ack_json(one))

    def object_put(self, key: str, content: bytes) -> None:
        """Take an object of the backlog, unless its notice is swallowed by the weather."""
        waiting = MemoryBacklog()
        waiting.objects[key] = content
        if self._chance.random() < self.weather.swallowed:
            self.counts["swallowed"] += 1
            return
        now, operations = datetime.now(tz=UTC), self.world.operations
        arrivals = open_backlog(key, now, backlog=waiting, operations=operations)
        with self._lock:
            self._queue += arrivals
        self.counts["objects"] += 1

    def segments(self) -> list[Segment]:
        """Open every stored segment once, in the order of the chain."""
        assert self.device is not None
        key = private_pem(self.platform)
        entries = self.world.segments.after(THING, -1, 10**9)
        return [
            open_segment(
                self.world.bundles.one(entry),
                signing_key=self.device.signing_key,
                platform_key_pem=key,
            )
            for entry in entries
        ]

    def close(self) -> None:
        self._ended.set()
        self._worker.join(5)
        self.broker.close()

    def _heard(self, topic: str, payload: bytes) -> int | None:
        if (answered := self.provisioner.heard(topic, payload)) is not None:
            return answered
        chance, weather = self._chance, self.weather
        self.counts["published"] += 1
        if chance.random() < weather.refused:
            self.counts["refused"] += 1
            return QUOTA_EXCEEDED
        if chance.random() < weather.swallowed:
            self.counts["swallowed"] += 1
            return SUCCESS
        arrival = Arrival(ThingName(topic.split("/")[3]), payload, datetime.now(tz=UTC))
        copies = 1 + (chance.random() < weather.doubled)
        with self._lock:
            for _ in range(copies):
                here = chance.random() < weather.reordered
                place = chance.randrange(len(self._queue) + 1) if here else len(self._queue)
                self._queue.insert(place, arrival)
        return SUCCESS

    def _work(self) -> None:
        while not self._ended.is_set():
            with self._lock:
                batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
            if not batch:
                time.sleep(0.01)
                continue
            report = ingest_segments(batch, world=self.world, now=datetime.now(tz=UTC))
            self.counts["failures"] += len(report.failures)


def ingest_world(platform: EllipticCurvePrivateKey, acks: DeviceAcks) -> IngestWorld:
    """Give the memory world of one platform, with the outlet STACK."""
    known = registry()
    known.put_outlet(STACK)
    return IngestWorld(
        registry=known, bundles=MemoryBundles(), segments=MemorySegments(),
        readings=MemoryReadings(), latest=MemoryLatest(), windows=MemoryWindows(),
        media=MemoryMedia(), media_objects=MemoryMediaObjects(),
        findings=MemoryFindings(), device_acks=acks,
        certificates=MemoryCertificates(), operations=MemoryOperations(),
        commands=MemoryCommands(), audit=MemoryAudit(),
        standings=MemoryDeviceStandings(), device_commands=MemoryDeviceCommands(),
        platform_key_pem=private_pem(platform),
    )  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What the oracle found; `tried` frames were answered to the data logger."""

    tried: int
    lost: int
    doubled: int
    forged: int
    gaps: int

    def line(self) -> str:
        return (
            f"tried {self.tried}, lost {self.lost}, doubled {self.doubled}, "
            f"forged {self.forged}, gaps {self.gaps}"
        )


def verdict(cloud: Cloud, sent: Counter[bytes], answered: set[bytes]) -> Verdict:
    """Hold what is stored against what was sent and answered.

    An answered frame must be stored, byte for byte, at most as often as it was sent; nothing may
    be stored that was never sent; every segment joins the one before it or begins a new chain.
    """
    segments = cloud.segments()
    frames: list[FrameRecord] = [frame for one in segments for frame in one.payload.frames]
    stored = Counter(frame.raw for frame in frames)
    gaps = sum(
        not (
            one.header.previous == CHAIN_START
            or (before is not None and one.header.previous == before.digest)
        )
        for before, one in zip([None, *segments], segments, strict=False)
    )
    return Verdict(
        tried=len(answered),
        lost=sum(not stored[one] for one in answered),
        doubled=sum(stored[one] > sent[one] for one in stored if one in sent),
        forged=sum(one not in sent for one in stored),
        gaps=gaps,
    )
