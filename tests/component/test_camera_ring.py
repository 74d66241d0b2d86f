"""A camera is recorded as it sends, cut at key frames, kept within bounds and through crashes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from queue import Queue

import av
import pytest

from edge_greengrass.camera.piece import Piece, piece_name
from edge_greengrass.camera.recorder import Ears, Recorder
from edge_greengrass.camera.ring import Bounds, Ring
from tests.component.cameras import gstreamer_camera, slices

DAY = Bounds(1 << 30, timedelta(days=1))
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
WITHIN = 40
"""Seconds after which a test gives up."""


@contextmanager
def recording(*urls: str, folder: Path) -> Iterator[tuple[Ring, Queue[Piece], Queue[str]]]:
    ring, pieces, losses = Ring(folder, DAY), Queue[Piece](), Queue[str]()
    recorder = Recorder(urls, ring, Ears(pieces.put, losses.put), shortest=1.0)
    recorder.start()
    yield ring, pieces, losses
    recorder.stop()


def take(pieces: Queue[Piece], count: int) -> list[Piece]:
    return [pieces.get(timeout=WITHIN) for _ in range(count)]


def kept(ring: Ring, start: datetime, packets: int = 1) -> Piece:
    """Admit a piece of two seconds."""
    ring.draft().write_bytes(b"\x47" + bytes(188 * packets - 1))
    return ring.admit(ring.draft(), start, start + timedelta(seconds=2), NOON)


def test_a_real_rtsp_server_is_recorded_in_pieces_that_each_begin_with_a_key_frame(
    tmp_path: Path,
) -> None:
    with gstreamer_camera() as url, recording(url, folder=tmp_path) as (ring, pieces, _):
        first, second, third = take(pieces, 3)
        assert ring.newest == third
    for piece in (first, second, third):
        with av.open(str(piece.path)) as film:
            packets = [one for one in film.demux(video=0) if one.size]
        assert packets[0].is_keyframe
        assert len(packets) == 10, "ten pictures per second, a key frame each second"
        assert piece.seconds == pytest.approx(1.0, abs=0.3)
    for earlier, later in pairwise((first, second, third)):
        assert abs((later.start - earlier.end).total_seconds()) < 0.5
        assert earlier.session == later.session


def test_every_slice_in_the_ring_is_bit_for_bit_one_that_the_camera_sent(tmp_path: Path) -> None:
    with gstreamer_camera() as url, recording(url, folder=tmp_path) as (_, pieces, _):
        take(pieces, 1)
        tcp = {"rtsp_transport": "tcp"}
        sent = list(islice(slices(url, options=tcp, timeout=(WITHIN, WITHIN)), 40))
        stored = [unit for one in take(pieces, 5) for unit in slices(str(one.path))]
    begin = next(place for place, unit in enumerate(sent) if unit in stored)
    there = stored.index(sent[begin])
    assert stored[there : there + 20] == sent[begin : begin + 20]


def test_a_camera_that_goes_away_is_reported_and_called_again(tmp_path: Path) -> None:
    with gstreamer_camera() as url:
        port = int(url.split(":")[2].split("/")[0])
        with recording(url, folder=tmp_path) as (_, pieces, losses):
            (before,) = take(pieces, 1)
            losses_so_far = losses.qsize()
            assert losses_so_far == 0
            ended = url
    with recording(ended, folder=tmp_path / "other") as (_, pieces, losses):
        assert "efused" in losses.get(timeout=WITHIN)
        with gstreamer_camera(port=port):
            (after,) = take(pieces, 1)
    assert after.session > before.session


def test_the_sub_stream_is_taken_when_the_main_stream_is_no_h264(tmp_path: Path) -> None:
    with gstreamer_camera() as url:
        main = url.replace("/camera", "/h265")
        with recording(main, url, folder=tmp_path) as (_, pieces, losses):
            assert "hevc, not h264" in losses.get(timeout=WITHIN)
            (piece,) = take(pieces, 1)
    with av.open(str(piece.path)) as film:
        assert film.streams.video[0].codec_context.name == "h264"


def test_the_index_is_rebuilt_from_the_names_and_a_half_written_piece_is_no_piece(
    tmp_path: Path,
) -> None:
    ring = Ring(tmp_path, DAY)
    whole = kept(ring, NOON)
    ring.draft().write_bytes(b"\x47" * 100)
    torn = tmp_path / piece_name(NOON, NOON, NOON)
    torn.write_bytes(b"\x47" * 100)
    again = Ring(tmp_path, DAY)
    assert again.pieces(NOON, NOON + timedelta(hours=1)) == (whole,)
    assert [path.name for path in tmp_path.iterdir()] == [whole.path.name]


def test_the_oldest_pieces_go_when_there_are_too_many_bytes(tmp_path: Path) -> None:
    ring = Ring(tmp_path, Bounds(188 * 30, timedelta(days=1)))
    made = [kept(ring, NOON + timedelta(seconds=2 * n), packets=10) for n in range(5)]
    assert ring.pieces(NOON, NOON + timedelta(hours=1)) == tuple(made[2:])
    assert ring.bytes_used == 188 * 30
    assert not made[0].path.exists()


class Steady:
    """A monotonic clock that tests move on."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_piece_goes_when_it_is_too_old(tmp_path: Path) -> None:
    clock = Steady()
    ring = Ring(tmp_path, Bounds(1 << 20, timedelta(minutes=1)), clock)
    old = kept(ring, NOON)
    clock.now += 90
    new = kept(ring, NOON + timedelta(seconds=90))
    assert ring.pieces(NOON, NOON + timedelta(hours=1)) == (new,)
    assert not old.path.exists()


def test_a_clock_that_is_set_forward_a_day_takes_no_film(tmp_path: Path) -> None:
    clock = Steady()
    ring = Ring(tmp_path, DAY, clock)
    before = kept(ring, NOON)
    clock.now += 2
    tomorrow = NOON + timedelta(days=1, seconds=2)
    after = kept(ring, tomorrow)
    assert ring.pieces(NOON, tomorrow + timedelta(hours=1)) == (before, after)
    clock.now += 86_400 - 1
    kept(ring, tomorrow + timedelta(hours=1))
    assert not before.path.exists()


def test_what_is_too_old_at_a_start_goes_with_the_next_piece(tmp_path: Path) -> None:
    old, young = (kept(Ring(tmp_path, DAY), NOON + timedelta(hours=each)) for each in (0, 20))
    late = NOON + timedelta(hours=30)
    ring = Ring(tmp_path, DAY, Steady(), wall=late.timestamp)
    kept(ring, late)
    assert not old.path.exists()
    assert young.path.exists()


def test_a_range_gives_the_pieces_that_show_any_of_it(tmp_path: Path) -> None:
    ring = Ring(tmp_path, DAY)
    made = [kept(ring, NOON + timedelta(seconds=2 * n)) for n in range(4)]
    asked = ring.pieces(NOON + timedelta(seconds=3), NOON + timedelta(seconds=6))
    assert asked == (made[1], made[2]), "[2, 4) and [4, 6); [6, 8) begins where the range ends"
