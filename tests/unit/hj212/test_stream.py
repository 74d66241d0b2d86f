"""Framing: what comes out depends on the bytes alone, never on their chunks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plume.hj212 import encode
from plume.hj212.stream import MOST_BYTES, SLICE_BYTES, FrameReader

MN = "010000A8900016F000169DC0"


def frame(at: int = 0, cp: str = "DataTime=20240601080000;a21026-Rtd=1.5,a21026-Flag=N") -> bytes:
    return encode.frame(
        qn=f"2024060109000{at:04d}", st="31", cn="2011", password="123456", mn=MN, flag=5, cp=cp
    )


ONE, TWO, THREE = frame(1), frame(2, ""), frame(3, "DataTime=20240601080000;i11001-Info=//##1//")
UNENDED = ONE.removesuffix(b"\r\n")
SHORT = b"##0050" + ONE[6:]
LONG = b"##9999" + ONE[6:]
BAD_CRC = ONE[:-6] + b"0140\r\n"
PIECES = st.sampled_from(
    [
        ONE,
        TWO,
        THREE,
        UNENDED,
        SHORT,
        LONG,
        BAD_CRC,
        ONE[:40],
        ONE[50:],
        b"##",
        b"#",
        b"\r\n",
        UNENDED + b"\\r\\n",
        UNENDED + b"\n",
        UNENDED + b"\r",
        b"##9999",
        b"noise",
        b"\xff\x00",
        b"&&1C80",
        b"&1C80\r",
        b"##0101##0101",
        b"##0000&&FFFF\r\n",
        b"12",
        ONE[:-6] + b"XYZW\r\n",
        b"&&\r\n",
        b"CP=&&\r\n",
        b"##01X5" + ONE[6:],
        b"##01",
        b"##01X5Q",
        b"##    QN",
        b"##-001MN=",
    ]
)


def cut(stream: bytes, sizes: list[int]) -> tuple[list[bytes], int, int]:
    reader, frames, at = FrameReader(), [], 0
    for size in [*sizes, len(stream)]:
        frames += reader.feed(stream[at : at + size])
        at += size
    return frames, reader.noise_bytes, reader.pending_bytes


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=8).map(b"".join), st.lists(st.integers(1, 60), max_size=40))
def test_any_chunking_gives_the_same_frames(stream: bytes, sizes: list[int]) -> None:
    assert cut(stream, sizes) == cut(stream, [])
    assert cut(stream, [1] * len(stream)) == cut(stream, [])


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=8).map(b"".join))
def test_every_byte_is_in_a_frame_or_noise_or_waits(stream: bytes) -> None:
    frames, noise, pending = cut(stream, [])
    assert sum(map(len, frames)) + noise + pending == len(stream)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_random_noise_before_a_frame_costs_nothing_but_itself(noise: bytes) -> None:
    quiet = noise.replace(b"#", b"").replace(b"&", b"")
    assert FrameReader().feed(quiet + ONE) == [ONE]


def test_glued_frames_come_apart() -> None:
    assert FrameReader().feed(ONE + TWO + THREE) == [ONE, TWO, THREE]


def test_a_lost_line_end_costs_no_frame() -> None:
    assert FrameReader().feed(UNENDED + TWO) == [UNENDED, TWO]


def test_a_silent_peer_that_lost_the_last_line_end_is_heard_by_flush() -> None:
    reader = FrameReader()
    assert reader.feed(UNENDED) == []
    assert reader.flush() == [UNENDED]
    assert reader.pending_bytes == 0
    assert reader.feed(TWO) == [TWO]


def test_half_a_frame_is_never_flushed() -> None:
    reader = FrameReader()
    assert reader.feed(ONE[:60]) == []
    assert reader.flush() == []
    assert reader.feed(ONE[60:]) == [ONE]


def test_a_truncated_frame_gives_way_to_the_next() -> None:
    assert FrameReader().feed(ONE[:70] + TWO) == [TWO]


def test_a_false_length_is_handed_out_at_once() -> None:
    for damaged in (SHORT, LONG, BAD_CRC):
        assert FrameReader().feed(damaged) == [damaged]


def test_a_gigantic_claim_delays_nothing() -> None:
    assert FrameReader().feed(b"##9999" + TWO) == [TWO]


def test_the_buffer_is_bounded_whatever_comes() -> None:
    reader = FrameReader()
    for piece in (b"##9999" + b"A" * 70_000, b"#" * 200_000, b"##0101" * 40_000):
        assert reader.feed(piece) == []
        assert reader.pending_bytes <= MOST_BYTES + SLICE_BYTES <= 64 * 1024
    assert reader.feed(b"\r\n" + b" " * MOST_BYTES + ONE)[-1] == ONE


def test_two_number_signs_within_data_are_data() -> None:
    quoting = frame(4, "DataTime=20240601080000;i11001-Info=//##0101QN=1;ST=32//")
    assert FrameReader().feed(THREE + quoting) == [THREE, quoting]


@pytest.mark.parametrize("check", [b"XYZW", b"", b"123", b"1C80A", b"0x1C80"])
def test_a_frame_whose_check_is_none_is_handed_out_at_once(check: bytes) -> None:
    damaged = ONE[:-6] + check + b"\r\n"
    assert FrameReader().feed(damaged + TWO) == [damaged, TWO]
    assert FrameReader().feed(damaged) == [damaged]


@pytest.mark.parametrize(
    "length", [b"01X5", b"-139", b"    ", b"1_39", b"+139", b"\xb2\xb2\xb2\xb2"]
)
def test_a_frame_whose_length_is_none_is_handed_out_and_delays_nothing(length: bytes) -> None:
    damaged = b"##" + length + ONE[6:]
    assert FrameReader().feed(damaged + TWO) == [damaged, TWO]
    assert FrameReader().feed(damaged[:40] + TWO) == [TWO]


def test_a_line_that_ends_behind_the_opening_ampersands_ends_no_frame() -> None:
    for line_end in (b"\r\n", b" \r\n"):
        broken = ONE.replace(b"CP=&&", b"CP=&&" + line_end)
        assert FrameReader().feed(broken + TWO) == [broken, TWO]


def test_number_signs_before_anything_else_are_noise() -> None:
    for noise in (b"##noise\r\n", b"##12", b"##abcdef=1;", b"####", b"##\r\n##"):
        reader = FrameReader()
        assert reader.feed(noise + ONE) == [ONE]
        assert reader.noise_bytes == len(noise)
