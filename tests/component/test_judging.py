"""The judge at a glance: what it recognises gets the word it would get when judged in full."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_greengrass.collector.configuration import Station
from edge_greengrass.collector.judging import Judge, Receipt, Received
from plume.hj212 import encode
from plume.hj212.glance import Glance
from plume.model.frame import Verdict

MN = "010000A8900016F000169DC0"
KEY = bytes(range(16))
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
STATIONS = {MN: Station("bench-gas-1", MN, "31", "123456", (KEY,))}


def frame(value: str = "25.0", *, at: str = "20261124115930", **more: object) -> bytes:
    fields = {"cn": "2011", "flag": 5, "mn": MN, "password": "123456", **more}
    cp = f"DataTime={at};a21026-Rtd={value},a21026-Flag=N"
    return encode.frame(qn="20261124115931123", st="31", cp=cp, **fields)


def judge() -> Judge:
    return Judge(STATIONS, lambda: NOW)


def taught() -> Judge:
    """A judge that has met, and believed, the frames of `frame`."""
    one = judge()
    for flag in (4, 5, 9):
        one.receipts([Received(frame(flag=flag), "10.0.0.9:7")])
    return one


def word(one: Judge, *frames: bytes) -> list[Receipt]:
    return one.receipts([Received(raw, "10.0.0.9:7") for raw in frames])


@pytest.mark.parametrize(
    ("sent", "verdict"),
    [
        (frame("31.5"), Verdict.OK),
        (frame("-0.25", flag=4), Verdict.OK),
        (frame("31.5", flag=9, key=KEY), Verdict.OK),
        (frame("31.5", password="654321"), Verdict.BAD_PW),
        (frame("31.5", mn="010000A8900016F000169DFF"), Verdict.UNKNOWN_MN),
        (frame("31.5", at="20261124121001"), Verdict.QUARANTINE),
        (frame("31.5", at="20251124000000"), Verdict.OK),
        (frame("31.5", at="20251124000000").replace(b"20251124", b"20240101"), Verdict.REJECT_CRC),
        (frame("31.5", at="20251123115959"), Verdict.QUARANTINE),
        (frame("31.5").replace(b"31.5", b"31.6"), Verdict.REJECT_CRC),
        (frame("31.5").replace(b"##0", b"##1"), Verdict.REJECT_LEN),
    ],
)
def test_a_taught_judge_says_what_a_new_one_says(sent: bytes, verdict: Verdict) -> None:
    (told,) = word(taught(), sent)
    assert told.record.verdict is verdict
    assert [told] == word(judge(), sent)


def test_a_recognised_frame_is_answered_by_its_own_qn() -> None:
    other = frame("27.0").replace(b"QN=20261124115931123", b"QN=20261124115931777")
    data = other[6:-6]
    again = encode.frame(
        qn="20261124115931777", st="31", cn="2011", password="123456", mn=MN, flag=5,
        cp=data.partition(b"CP=&&")[2].removesuffix(b"&&").decode(),
    )  # fmt: skip
    (told,) = word(taught(), again)
    assert told.answer[6:].startswith(b"QN=20261124115931777;ST=91;CN=9014;PW=123456;")
    assert [told] == word(judge(), again)


@given(
    place=st.integers(0, len(frame()) - 1),
    byte=st.integers(0, 255),
    value=st.decimals(-999, 9999, places=2).map(str),
)
def test_no_changed_byte_is_believed_at_a_glance_that_is_not_believed_in_full(
    place: int, byte: int, value: str
) -> None:
    raw = bytearray(frame(value))
    raw[min(place, len(raw) - 1)] = byte
    assert word(taught(), bytes(raw)) == word(judge(), bytes(raw))


@given(cp=st.text("aDTime-Rtd21026=.,;&N 0123456789", max_size=60))
def test_no_changed_parameters_are_believed_at_a_glance_that_are_not_believed_in_full(
    cp: str,
) -> None:
    raw = encode.frame(
        qn="20261124115931123", st="31", cn="2011", password="123456", mn=MN, flag=5, cp=cp
    )
    assert word(taught(), raw) == word(judge(), raw)


def test_frames_of_many_shapes_are_judged_in_their_order() -> None:
    one = taught()
    mixed = [frame("1.0"), frame("2.0").replace(b"2.0", b"3.0"), frame("4.0", password="000000")]
    verdicts = [told.record.verdict for told in word(one, *mixed, *mixed)]
    assert verdicts == 2 * [Verdict.OK, Verdict.REJECT_CRC, Verdict.BAD_PW]


def test_a_header_that_always_brings_a_new_shape_is_left_in_peace() -> None:
    glance: Glance[str] = Glance()
    shapes = [frame().replace(b"a21026-Flag=N", b"a21026-Flag=N,x-SN=%d" % n) for n in range(20)]
    framed = [
        encode.frame(
            qn="20261124115931123", st="31", cn="2011", password="123456", mn=MN, flag=5,
            cp=raw[6:-6].partition(b"CP=&&")[2].removesuffix(b"&&").decode(),
        )
        for raw in shapes
    ]  # fmt: skip
    assert sum(glance.learn(raw, "known") for raw in framed) <= 8


def test_only_so_many_headers_are_remembered() -> None:
    glance: Glance[str] = Glance(most=3)
    frames = [frame(mn=f"{n:024X}") for n in range(5)]
    for raw in frames:
        glance.learn(raw, "known")
    assert [seen is not None for seen in glance.recognise(frames)] == [False] * 2 + [True] * 3
