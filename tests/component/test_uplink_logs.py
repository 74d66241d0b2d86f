"""Every upward log goes into one chain: the urgent first, each record once, through crashes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cbor2
import numpy as np
import pytest

from edge_greengrass import home
from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.uplink.identity import public_key
from edge_greengrass.uplink.ledger import Kind
from edge_greengrass.uplink.sealing import Author, Sealing
from edge_greengrass.uplink.spool import Spool
from plume.evidence import envelope, payload
from plume.evidence.envelope import Sealer
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import ThingName
from plume.model.segment import CHAIN_START, Payload, Segment, SegmentHeader
from plume.wire.events import event_of
from plume.wire.names import MAX_SEGMENT_BYTES
from tests.component.test_uplink import DEVICE, PLATFORM, public_pem

AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
KEY = bytes(32)
SEALER = Sealer(DEVICE, public_pem(PLATFORM))


def frame(number: int) -> bytes:
    raw = b"##%04d" % number
    return payload.encode(Payload(frames=(FrameRecord(AT, raw, Verdict.OK, acknowledged=True),)))


def block(number: int, size: int = 300) -> bytes:
    return payload.encode(Payload(blocks=(b"block %d " % number + bytes(range(256)) * size,)))


def event(name: str) -> bytes:
    return payload.encode(Payload(events=({"type": name},)))


class Site:
    """The upward logs of one device and the uplink that is started on them again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.seconds = folder, 0.0
        self.writers = {name: self.log(name) for name in home.UPWARD}
        self.starts()

    def log(self, name: str) -> AppendLog:
        return AppendLog(self.folder / name, key=KEY, quota_bytes=8 << 20)

    def starts(self) -> None:
        self.outbox = self.log(home.OUTBOX)
        self.spool = Spool(self.outbox)
        author = Author(ThingName("edge-t1"), "boot", SEALER, lambda: AT, lambda: self.seconds)
        logs = {name: self.log(name) for name in home.UPWARD}
        self.sealing = Sealing(logs, self.spool, author)

    def restarts(self) -> None:
        self.outbox.close()
        self.starts()

    def seals(self, seconds: float) -> int:
        """Let time pass in steps of a tenth; give how many segments were made."""
        count, until = 0, self.seconds + seconds
        while self.seconds < until:
            while self.sealing.step():
                count += 1
            self.seconds += 0.1
        return count

    def segments(self) -> list[Segment]:
        key = public_key(DEVICE)
        return [
            envelope.open_segment(one.raw, signing_key=key, platform_key_pem=PLATFORM)
            for one in self.spool.after(None, 10_000)
        ]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.outbox.close()


def test_frames_and_events_share_a_segment_and_telemetry_has_its_own(site: Site) -> None:
    for name, record in (
        (home.TELEMETRY, block(1)),
        (home.UPLINK, event("gap")),
        (home.CAMERA, event("media")),
        (home.SENTINEL, event("finding")),
        (home.FRAMES, frame(1)),
    ):
        site.writers[name].append([record])
    assert site.seals(1.5) == 1
    (urgent,) = site.segments()
    assert [one.raw for one in urgent.payload.frames] == [b"##0001"]
    assert [one["type"] for one in urgent.payload.events] == ["media", "finding", "gap"]
    assert site.seals(10) == 1
    assert [len(one.payload.blocks) for one in site.segments()] == [0, 1]
    assert [one.kind for one in site.spool.after(None, 9)] == [Kind.URGENT, Kind.TELEMETRY]


def test_frames_are_served_before_events_when_both_are_many(site: Site) -> None:
    site.writers[home.CAMERA].append([event("media")])
    site.writers[home.FRAMES].append([frame(n) for n in range(400)])
    site.seals(3)
    segments = site.segments()
    assert segments[-1].payload.events == ({"type": "media"},)
    assert sum(len(one.payload.frames) for one in segments) == 400


def test_telemetry_closes_when_it_is_full_or_ten_seconds_old(site: Site) -> None:
    for number in range(40):
        site.writers[home.TELEMETRY].append([block(number, size=4)])
        site.seals(1.0)
    site.seals(10.5)
    segments = site.segments()
    assert 4 <= len(segments) <= 6
    assert max(len(one.raw) for one in segments) <= MAX_SEGMENT_BYTES
    assert sum(len(one.payload.blocks) for one in segments) == 40


def test_while_nobody_listens_frames_wait_for_fuller_segments(site: Site) -> None:
    site.sealing.listened = False
    for number in range(100):
        site.writers[home.FRAMES].append([frame(number)])
        site.seals(2.0)
    assert 3 <= len(site.segments()) <= 4
    site.sealing.listened = True
    site.writers[home.FRAMES].append([frame(100)])
    assert site.seals(1.1) == 1


def test_while_nobody_listens_a_segment_fills_three_units_of_the_meter(site: Site) -> None:
    site.sealing.listened = False
    chance = np.random.default_rng(1)
    told = [chance.bytes(900) for _ in range(60)]
    for one in told:
        site.writers[home.TELEMETRY].append([payload.encode(Payload(blocks=(one,)))])
        site.seals(1.0)
    site.seals(60)
    sizes = [len(one.raw) for one in site.spool.after(None, 100)]
    assert max(sizes) <= 15_000
    assert min(sizes[:-1]) > 13_500
    assert [block for one in site.segments() for block in one.payload.blocks] == told


def test_each_record_of_each_log_is_sealed_once_whenever_the_uplink_dies(site: Site) -> None:
    """Killed after every single step, with the logs told to forget or not."""
    for number in range(15):
        for name in home.UPWARD:
            record = block(number) if name == home.TELEMETRY else event(f"{name} {number}")
            site.writers[name].append([record])
        if number % 3 == 0:
            for group in site.sealing._readers.values():
                for reader in group:
                    reader._log.forget = lambda upto: None
        site.seals(number % 12)
        site.restarts()
    site.seals(12)
    segments = site.segments()
    told = [one["type"] for segment in segments for one in segment.payload.events]
    wanted = [f"{name} {n}" for name in home.UPWARD[:-1] for n in range(15)]
    assert sorted(told) == sorted(wanted)
    blocks = [one.split()[1] for segment in segments for one in segment.payload.blocks]
    assert blocks == [b"%d" % number for number in range(15)]


def test_a_record_that_makes_no_sense_is_told_as_lost(site: Site) -> None:
    site.writers[home.FRAMES].append([b"nonsense", frame(1)])
    site.seals(1.5)
    (segment,) = site.segments()
    (fields,) = segment.payload.events
    gap = event_of(fields)
    assert (gap.klass, gap.loss.value, gap.count, gap.at) == ("frames", "dropped", 1, AT)
    assert site.sealing.unreadable == 1
    assert len(segment.payload.frames) == 1


def test_a_record_that_has_rotted_on_the_disk_is_told_once_and_its_neighbours_stay(
    site: Site,
) -> None:
    ends = [site.writers[home.FRAMES].append([frame(number)]).end for number in range(3)]
    path = site.folder / home.FRAMES / f"{1:020d}.log"
    content = bytearray(path.read_bytes())
    content[ends[1] - 20] ^= 1
    path.write_bytes(content)
    site.seals(1.5)
    site.restarts()
    site.writers[home.FRAMES].append([frame(3)])
    site.seals(1.5)
    segments = site.segments()
    frames = [one.raw for each in segments for one in each.payload.frames]
    assert frames == [b"##0000", b"##0002", b"##0003"]
    (gap,) = [event_of(fields) for each in segments for fields in each.payload.events]
    assert (gap.klass, gap.loss.value, gap.count) == ("frames", "dropped", 1)
    assert f"bytes {ends[0]} to {ends[1]} of file 1" in gap.reason


def test_an_outbox_of_an_older_uplink_goes_on_where_it_stood(tmp_path: Path) -> None:
    """It wrote `[sequence, intake position, segment]`, the only log it knew."""
    first = Site(tmp_path)
    position = first.writers[home.FRAMES].append([frame(1)])
    first.writers[home.FRAMES].append([frame(2)])
    header = SegmentHeader(ThingName("edge-t1"), "old", 7, CHAIN_START, AT, AT + timedelta(0))
    old = SEALER.seal_body(header, frame(1))
    first.outbox.append([cbor2.dumps([7, list(position), old])])
    first.restarts()
    first.seals(1.5)
    before, after = first.segments()
    assert (before.header.sequence, after.header.sequence) == (7, 8)
    assert after.header.previous == before.digest
    assert [one.raw for one in after.payload.frames] == [b"##0002"]
    first.outbox.close()
