"""The uplink against a cloud in memory: deaf, late, repeating itself; and killed at every step."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from edge_greengrass.home import FRAMES
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import AppendLog, OutboxFull
from edge_greengrass.uplink.courier import Courier
from edge_greengrass.uplink.disk import Disk
from edge_greengrass.uplink.identity import public_key
from edge_greengrass.uplink.ledger import Kind
from edge_greengrass.uplink.memory_publisher import MemoryPublisher
from edge_greengrass.uplink.outgoing import Outgoing
from edge_greengrass.uplink.sealing import Author, Sealing
from edge_greengrass.uplink.spool import Spool
from edge_greengrass.uplink.window import Window
from plume.evidence import envelope, payload
from plume.evidence.envelope import Sealer
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import ThingName
from plume.model.segment import CHAIN_START, Acknowledgement, Payload, Segment
from plume.wire.messages import ack_json
from plume.wire.names import MAX_SEGMENT_BYTES
from tests.component.patience import PATIENCE

AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
KEY = bytes(range(32))


def pem() -> bytes:
    key = generate_private_key(SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(private: bytes) -> bytes:
    key = load_pem_private_key(private, password=None).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


DEVICE, PLATFORM = pem(), pem()


def record(number: int) -> bytes:
    incompressible = sha256(b"%d" % number).hexdigest().encode()
    raw = b"##0101QN=%017d;CP=&&a21026-Rtd=%s&&0000\r\n" % (number, incompressible)
    frame = FrameRecord(AT + timedelta(seconds=number), raw, Verdict.OK, acknowledged=True)
    return payload.encode(Payload(frames=(frame,)))


class Cloud:
    """Opens every segment; acknowledges the highest contiguous one unless it is deaf."""

    def __init__(self) -> None:
        self.segments: dict[int, Segment] = {}
        self.deliveries = 0
        self.deaf = False

    def __call__(self, raw: bytes) -> list[bytes]:
        self.deliveries += 1
        opened = envelope.open_segment(
            raw, signing_key=public_key(DEVICE), platform_key_pem=PLATFORM
        )
        known = self.segments.setdefault(opened.header.sequence, opened)
        assert known.raw == raw, "one sequence, two contents"
        return [] if self.deaf else [self.mark()]

    def mark(self) -> bytes:
        """Acknowledge as the platform does: from the start of the chain, and what lies above."""
        starts = [n for n, one in self.segments.items() if one.header.previous == CHAIN_START]
        sequence = max(starts, default=0)
        while sequence + 1 in self.segments:
            sequence += 1
        above = tuple((n, n) for n in sorted(self.segments) if n > sequence)
        return ack_json(Acknowledgement(sequence, above[:100]))

    def frames(self) -> list[bytes]:
        ordered = sorted(self.segments.items())
        return [frame.raw for _, one in ordered for frame in one.payload.frames]

    def check_chain(self) -> None:
        ordered = [one for _, one in sorted(self.segments.items())]
        first = ordered[0].header
        assert first.previous == CHAIN_START
        for before, after in pairwise(ordered):
            assert after.header.sequence == before.header.sequence + 1
            assert after.header.previous == before.digest


def ack_of_sequence(sequence: int) -> bytes:
    return ack_json(Acknowledgement(sequence))


class Device:
    """One edge device's disk, and the programs that are started on it again and again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.collector = AppendLog(home / "intake", key=KEY, quota_bytes=8 << 20)
        self.seconds = 0.0
        self.outbox_bytes = 8 << 20

    def receives(self, *numbers: int) -> None:
        self.collector.append([record(number) for number in numbers])

    def starts(self) -> tuple[Sealing, Spool]:
        outbox = AppendLog(self.home / "outbox", key=KEY, quota_bytes=self.outbox_bytes)
        intake = AppendLog(self.home / "intake", key=KEY, quota_bytes=8 << 20)
        self.opened = outbox
        spool = Spool(outbox)
        author = Author(
            ThingName("edge-t1"),
            "boot",
            Sealer(DEVICE, public_pem(PLATFORM)),
            lambda: AT,
            lambda: self.seconds,
        )
        return Sealing({FRAMES: intake}, spool, author), spool

    def dies(self) -> None:
        self.opened.close()  # the kernel lets go of the lock; nothing else is tidied up


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


def sealed_to_the_end(sealing: Sealing, device: Device) -> int:
    count = 0
    while sealing.step():
        count += 1
    device.seconds += 1.0
    while sealing.step():
        count += 1
    return count


def courier_of(
    sealing: Sealing, spool: Spool, publisher: MemoryPublisher, window: Window
) -> Courier:
    return Courier(sealing, Outgoing(spool), publisher, window, Disk(), Journal("uplink"))


async def carried(
    device: Device, publisher: MemoryPublisher, until: Callable[[], bool], *, patience: float = 20
) -> None:
    """Run the courier until something holds, then kill it."""
    sealing, spool = device.starts()
    device.seconds = 0.0
    courier = courier_of(sealing, spool, publisher, Window(patience=patience))
    running = asyncio.create_task(courier.run(lambda message: None))
    try:
        async with asyncio.timeout(PATIENCE):
            while not until():
                device.seconds += 1.0
                await asyncio.sleep(0.02)
                if running.done():
                    await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        device.dies()


def test_a_new_chain_starts_at_the_unix_time_of_its_making(device: Device) -> None:
    sealing, spool = device.starts()
    device.receives(1)
    assert sealed_to_the_end(sealing, device) == 1
    (only,) = spool.after(None, 10)
    header = envelope.peek(only.raw)
    assert (header.sequence, header.previous) == (1795492800000, CHAIN_START)
    assert header.first_at == header.last_at == AT + timedelta(seconds=1)


def test_a_lone_frame_waits_one_second_and_no_longer(device: Device) -> None:
    sealing, _ = device.starts()
    device.receives(1)
    assert not sealing.step()
    device.seconds = 0.99
    assert not sealing.step()
    device.seconds = 1.0
    assert sealing.step()


def test_segments_close_on_bytes_and_keep_every_frame_in_order(device: Device) -> None:
    sealing, spool = device.starts()
    device.receives(*range(1500))
    assert sealed_to_the_end(sealing, device) > 2
    cloud = Cloud()
    spooled = spool.after(None, 100)
    for one in spooled:
        cloud(one.raw)
    cloud.check_chain()
    assert [payload.decode(record(n)).frames[0].raw for n in range(1500)] == cloud.frames()
    assert max(len(one.raw) for one in spooled) <= MAX_SEGMENT_BYTES
    assert min(len(one.raw) for one in spooled[:-1]) > MAX_SEGMENT_BYTES * 0.8


def test_a_segment_sealed_before_a_crash_is_not_sealed_again(device: Device) -> None:
    """The crash comes after the append and before the intake is told to forget."""
    sealing, spool = device.starts()
    device.receives(1, 2)
    (reader,) = sealing._readers[Kind.URGENT]
    reader._log.forget = lambda upto: None
    sealed_to_the_end(sealing, device)
    first = spool.end
    device.dies()
    sealing, spool = device.starts()
    assert spool.end == first
    assert sealed_to_the_end(sealing, device) == 0
    device.receives(3)
    assert sealed_to_the_end(sealing, device) == 1
    assert spool.end.sequence == first.sequence + 1


def test_frames_taken_in_but_not_sealed_before_a_crash_are_sealed_after_it(
    device: Device,
) -> None:
    sealing, _ = device.starts()
    device.receives(1, 2)
    assert not sealing.step()
    device.dies()
    sealing, spool = device.starts()
    assert sealed_to_the_end(sealing, device) == 1
    cloud = Cloud()
    cloud(spool.after(None, 1)[0].raw)
    assert len(cloud.frames()) == 2


async def test_the_chain_goes_on_after_everything_was_acknowledged_and_forgotten(
    device: Device,
) -> None:
    cloud = Cloud()
    for number in range(4):
        device.receives(number)
        await carried(device, MemoryPublisher(cloud), lambda n=number: len(cloud.frames()) > n)
    cloud.check_chain()
    assert len(cloud.segments) == 4


async def test_a_deaf_cloud_is_told_again_until_it_hears(device: Device) -> None:
    cloud = Cloud()
    cloud.deaf = True
    device.receives(1)
    publisher = MemoryPublisher(cloud)
    await carried(device, publisher, lambda: cloud.deliveries >= 3, patience=0.1)
    assert len(cloud.segments) == 1
    _, spool = device.starts()
    assert len(spool.after(None, 10)) == 1


async def test_a_cut_line_loses_nothing_and_a_mended_one_sends_at_once(device: Device) -> None:
    cloud = Cloud()
    publisher = MemoryPublisher(cloud)
    publisher.online = False
    device.receives(*range(300))
    mended = time.monotonic() + 0.5

    def all_there() -> bool:
        if not publisher.online and time.monotonic() > mended:
            publisher.reconnect()
        return len(cloud.frames()) == 300

    await carried(device, publisher, all_there)
    cloud.check_chain()


async def test_acknowledgements_twice_late_and_out_of_order_forget_once_and_no_more(
    device: Device,
) -> None:
    cloud = Cloud()
    cloud.deaf = True
    publisher = MemoryPublisher(cloud)
    device.receives(*range(1500))
    spoken: list[int] = []

    def spoken_to() -> bool:
        if len(cloud.frames()) == 1500 and not spoken:
            low, high = min(cloud.segments), max(cloud.segments)
            spoken.extend([low + 1, low, low + 1, high - 1, low])
            for one in spoken:
                publisher.tell(ack_of_sequence(one))
        return bool(spoken) and device.opened.read(None, 1)[0][1] != b"" and forgotten()

    def forgotten() -> bool:
        return len(device.opened.read(None, 100)) == 1

    await carried(device, publisher, spoken_to)
    _, spool = device.starts()
    assert [one.sequence for one in spool.after(None, 9)] == [max(cloud.segments)]


async def test_an_acknowledgement_from_beyond_the_chain_is_not_believed(device: Device) -> None:
    cloud = Cloud()
    cloud.deaf = True
    publisher = MemoryPublisher(cloud)
    device.receives(*range(1500))
    told: list[float] = []

    def beyond() -> bool:
        if len(cloud.frames()) == 1500 and not told:
            publisher.tell(ack_of_sequence(max(cloud.segments) + 1))
            publisher.tell(b"not an acknowledgement")
            told.append(time.monotonic())
        return bool(told) and time.monotonic() > told[0] + 0.3

    await carried(device, publisher, beyond)
    _, spool = device.starts()
    assert len(spool.after(None, 100)) == len(cloud.segments)


async def test_a_full_outbox_holds_frames_in_the_intake_and_recovers(device: Device) -> None:
    device.outbox_bytes = 48 << 10
    device.receives(*range(3000))
    sealing, _ = device.starts()
    with pytest.raises(OutboxFull):
        sealed_to_the_end(sealing, device)
    device.dies()
    cloud = Cloud()
    await carried(device, MemoryPublisher(cloud), lambda: len(cloud.frames()) == 3000)
    cloud.check_chain()
    assert len(set(cloud.frames())) == 3000


def test_resending_waits_twice_as_long_each_time_up_to_a_ceiling() -> None:
    window = Window(patience=20, longest=60)
    window.admit([_Thing(7)], now=0)
    sent = [now for now in range(300) if window.due(now)]
    assert sent == [0, 20, 60, 120, 180, 240]
    assert window.emptied() == [7]
    assert window.room == 20


class _Thing:
    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
