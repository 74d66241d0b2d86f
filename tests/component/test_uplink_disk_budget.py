"""The outbox fills up: telemetry is thinned, and that is told; frames and events are not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from edge_greengrass import home
from edge_greengrass.outbox.log import AppendLog, OutboxFull
from edge_greengrass.uplink.merging import joined, merged
from edge_greengrass.uplink.sealing import Author, Sealing
from edge_greengrass.uplink.spool import Spool
from edge_greengrass.uplink.thinning import minute_means, thinned
from plume.evidence import payload
from plume.evidence.envelope import open_segment
from plume.model.event import GapRecord, Loss
from plume.model.identity import ThingName
from plume.model.segment import Payload, Segment
from plume.model.telemetry import Columns, SeriesTable
from plume.series import block
from plume.wire.events import event_fields, event_of
from tests.component.test_uplink import DEVICE, PLATFORM
from tests.component.test_uplink_logs import KEY, SEALER, frame, public_key

BEGIN = datetime(2026, 11, 24, tzinfo=UTC)
BEGIN_MS = int(BEGIN.timestamp() * 1000)
N, C = ord("N"), ord("C")


def columns(seconds: list[float], values: list[float], flags: list[int] | None = None) -> Columns:
    times = BEGIN_MS + np.array([1000 * one for one in seconds], np.int64)
    flag = {} if flags is None else {"a": np.array(flags, np.uint8)}
    return Columns(
        SeriesTable.GAS, "stack-1", times, {"a": np.array(values, np.float64)}, flag, {"a": 1}
    )


def test_a_minute_becomes_its_mean_with_one_digit_more() -> None:
    mean = minute_means(columns([0, 20, 40, 60, 119, 130], [1.0, 2.0, 2.0, 5.0, 6.0, 9.0]))
    assert (mean.times - BEGIN_MS).tolist() == [0, 60_000, 130_000]
    assert mean.values["a"].tolist() == [1.67, 5.5, 9.0]
    assert mean.decimals == {"a": 2}


def test_values_of_calibration_do_not_count_where_there_are_normal_ones() -> None:
    mean = minute_means(
        columns([0, 20, 40, 60, 80], [100.0, 2.0, 4.0, 90.0, 80.0], [C, N, N, C, C])
    )
    assert mean.values["a"].tolist() == [3.0, 85.0]
    assert mean.flags["a"].tolist() == [N, C]


def test_a_minute_in_which_nothing_was_said_stays_silent() -> None:
    mean = minute_means(columns([0, 60], [float("nan"), 1.0]))
    assert np.isnan(mean.values["a"][0])
    assert mean.values["a"][1] == 1.0


def test_columns_of_one_subject_are_laid_end_to_end_whatever_each_says() -> None:
    other = Columns(
        SeriesTable.GAS, "stack-1", BEGIN_MS + np.array([500, 0]), {"b": np.array([1.0, 2.0])}
    )
    whole = joined([columns([0, 1], [3.0, 4.0], [N, N]), other])
    assert (whole.times - BEGIN_MS).tolist() == [0, 500, 1000]
    assert np.array_equal(whole.values["b"], [2.0, 1.0, np.nan], equal_nan=True)
    assert whole.flags["a"].tolist() == [0, 0, N]


def cut(at: int, width: int, values: list[float], code: str = "a") -> bytes:
    made = columns([float(at + n) for n in range(width)], values)
    return block.encode(made if code == "a" else replace(made, values={code: made.values["a"]}))


def test_blocks_that_follow_one_another_become_one_and_every_value_stays() -> None:
    walk = np.round(50 + np.random.default_rng(3).normal(0, 0.2, 60).cumsum(), 1).tolist()
    parts = [cut(at, 10, walk[at : at + 10]) for at in range(0, 60, 10)]
    (whole,) = merged(parts)
    assert block.decode(whole).values["a"].tolist() == walk
    assert block.decode(whole).decimals == {"a": 1}
    assert len(whole) < 0.6 * sum(map(len, parts))


@pytest.mark.parametrize(
    "parts",
    [
        [cut(0, 10, [1.0] * 10), cut(5, 10, [2.0] * 10)],  # overlapping
        [cut(10, 10, [1.0] * 10), cut(0, 10, [2.0] * 10)],  # backwards
        [cut(0, 10, [1.0] * 10), cut(10, 10, [2.0] * 10, code="b")],  # another channel
        [cut(0, 10, [1.0] * 10), b"no block"],
        [b"no block", b"nor this"],
        [cut(0, 10, [1.0] * 10)],
    ],
)
def test_blocks_that_do_not_stay_as_they_are(parts: list[bytes]) -> None:
    assert sorted(merged(parts)) == sorted(parts)


def test_what_thinning_costs_is_told_beside_the_means() -> None:
    blocks = tuple(
        block.encode(columns([60.0 * n + s for s in range(60)], [float(n)] * 60)) for n in range(3)
    )
    rotten = b"no block"
    made = thinned([Payload(blocks=(one,)) for one in (*blocks, rotten)], BEGIN, "why")
    kept, means = made.blocks
    assert kept == rotten
    assert block.decode(means).values["a"].tolist() == [0.0, 1.0, 2.0]
    (fields,) = made.events
    last = BEGIN + timedelta(seconds=179)
    wanted = GapRecord(BEGIN, "telemetry", Loss.THINNED, BEGIN, last, 180 - 3, "why")
    assert event_of(fields) == wanted


def test_frames_and_events_beside_telemetry_stay_as_they_are() -> None:
    told = event_fields(GapRecord(BEGIN, "frames", Loss.DROPPED, BEGIN, BEGIN, 1, "before"))
    mixed = Payload(
        frames=payload.decode(frame(1)).frames + payload.decode(frame(2)).frames,
        blocks=(block.encode(columns([0.0, 1.0], [1.0, 2.0])),),
        events=(told,),
    )
    made = thinned([mixed], BEGIN, "why")
    assert made.frames == mixed.frames
    assert made.events[0] == told


class Site:
    """A device with a small outbox that nobody empties."""

    def __init__(self, folder: Path, quota: int = 96 << 10) -> None:
        self.seconds, self._chance = 0.0, np.random.default_rng(5)
        self.outbox = AppendLog(folder / home.OUTBOX, key=KEY, quota_bytes=quota)
        self.spool = Spool(self.outbox)
        names = (home.FRAMES, home.TELEMETRY)
        self.writers = {
            name: AppendLog(folder / name, key=KEY, quota_bytes=128 << 10) for name in names
        }
        logs = {name: AppendLog(folder / name, key=KEY, quota_bytes=1) for name in names}
        author = Author(ThingName("edge-t1"), "boot", SEALER, self._now, lambda: self.seconds)
        self.sealing = Sealing(logs, self.spool, author)
        self.points = self.refused = self.full = 0

    def _now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.seconds)

    def lives(self, seconds: int) -> None:
        """Twenty noisy signals at 1 Hz in blocks of ten seconds, and a frame every ten seconds."""
        for _ in range(seconds // 10):
            self.writers[home.TELEMETRY].append([self._block()])
            self.seconds += 10
            self._seals()

    def hears(self, number: int) -> bool:
        try:
            self.writers[home.FRAMES].append([frame(number)])
        except OutboxFull:
            return False
        self.seconds += 2
        self._seals()
        return True

    def _seals(self) -> None:
        try:
            while self.sealing.step():
                pass
        except OutboxFull:
            self.full += 1

    def _block(self) -> bytes:
        times = BEGIN_MS + 1000 * (int(self.seconds) + np.arange(10))
        values = {f"s{n}": np.round(self._chance.normal(50, 9, 10), 1) for n in range(20)}
        self.points += 200
        made = Columns(SeriesTable.GAS, "stack-1", times, values, {}, dict.fromkeys(values, 1))
        return payload.encode(Payload(blocks=(block.encode(made),)))

    def segments(self) -> list[Segment]:
        key = public_key(DEVICE)
        return [
            open_segment(one.raw, signing_key=key, platform_key_pem=PLATFORM)
            for one in self.spool.after(None, 10_000)
        ]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.outbox.close()


def points_in(segments: list[Segment]) -> tuple[int, int]:
    """Give the values that are there, and those that were given up and told."""
    blocks = [block.decode(one) for each in segments for one in each.payload.blocks]
    there = sum(len(each) for one in blocks for each in one.values.values())
    gaps = [event_of(fields) for each in segments for fields in each.payload.events]
    assert all(isinstance(one, GapRecord) and one.loss is Loss.THINNED for one in gaps)
    return there, sum(one.count for one in gaps)


def test_from_four_fifths_on_telemetry_is_thinned_and_every_value_is_accounted_for(
    site: Site,
) -> None:
    site.lives(5400)
    assert 0.8 <= site.spool.fill < 0.95
    segments = site.segments()
    there, given_up = points_in(segments)
    waiting = sum(
        10 * len(block.decode(one).values)
        for reader in site.sealing._readers[1]
        for each in reader.taken
        for one in each.payload.blocks
    )
    assert given_up > 0.4 * site.points
    assert there + given_up + waiting == site.points
    thin = [one for one in segments if one.payload.events]
    steps = np.diff(block.decode(thin[0].payload.blocks[0]).times)
    assert set(steps[1:].tolist()) == {60_000}


def test_frames_go_on_where_telemetry_had_to_stop_and_nothing_of_them_is_dropped(
    site: Site,
) -> None:
    site.lives(3600)
    number = 0
    while site.hears(number):
        number += 1
    assert site.full > 0
    assert site.spool.fill > 0.95
    sealed = [one.raw for each in site.segments() for one in each.payload.frames]
    held = [
        payload.decode(record).frames[0].raw
        for _, record in site.writers[home.FRAMES].read(None, 100_000)
    ]
    assert sealed + held == [b"##%04d" % each for each in range(number)]
    assert not site.hears(number)


def test_near_the_end_telemetry_waits_in_its_own_log(tmp_path: Path) -> None:
    site = Site(tmp_path, quota=64 << 10)
    site.lives(1200)
    while site.spool.fill < 0.95:
        site.hears(1)
    sealed = len(site.segments())
    site.lives(1200)
    assert len(site.segments()) == sealed
    site.outbox.close()


def test_when_room_comes_back_telemetry_is_whole_again(site: Site) -> None:
    site.lives(3600)
    newest = site.spool.ledger.newest
    last = site.spool.after(site.spool.ledger.before(newest), 1)[0].position
    site.spool.forget(last)
    site.lives(600)
    tail = [one for one in site.segments() if one.header.sequence > newest]
    assert tail
    assert points_in(tail)[1] == 0
