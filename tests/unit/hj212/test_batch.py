"""The fast ways accept exactly what decoding in full accepts, and say the same."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from plume.hj212 import encode
from plume.hj212.batch import VERDICTS, decode_batch
from plume.hj212.checksum import crc
from plume.hj212.frame import BadFrame, Frame, decode, decode_anew
from plume.hj212.shapes import Shapes, shape_of
from plume.model.frame import Verdict

MN = "010000A8900016F000169DC0"


def frame(cp: str, *, qn: str = "20240601090000001", cn: str = "2011") -> bytes:
    return encode.frame(qn=qn, st="31", cn=cn, password="123456", mn=MN, flag=5, cp=cp)


def said(value: str, flag: str = "N", hour: str = "08") -> bytes:
    return frame(f"DataTime=20240601{hour}0000;a21026-Rtd={value},a21026-Flag={flag};a19001-Rtd=8")


def strictly(raw: bytes) -> Verdict:
    try:
        decode_anew(raw, strict=True)
    except BadFrame as fault:
        return fault.verdict
    return Verdict.OK


def test_columns_say_what_the_frames_say() -> None:
    batch = decode_batch(said("1.5") + said("-2.25", "D") + frame("RtdInterval=30", cn="1062"))
    assert batch.accepted.tolist() == [True, True, True]
    assert [batch.channels[at] for at in batch.channel] == ["a21026-Rtd", "a19001-Rtd"] * 2
    assert batch.value.tolist() == [1.5, 8, -2.25, 8]
    assert bytes(batch.flag) == b"N\0D\0"
    assert batch.frame.tolist() == [0, 0, 1, 1]
    assert batch.times.tolist() == [20240601080000, 20240601080000, 0]
    assert batch.mn_names == (MN,)


def test_an_empty_buffer_and_half_a_frame_give_nothing() -> None:
    assert len(decode_batch(b"").starts) == 0
    assert len(decode_batch(said("1")[:50]).starts) == 0
    whole = decode_batch(said("1") + said("2")[:50])
    assert (len(whole.starts), whole.rest) == (1, len(said("1")))


def test_a_known_shape_does_not_excuse_an_impossible_time() -> None:
    late = frame("DataTime=20240601080000;a21026-Rtd=1", qn="20240601250000001")
    on_time = frame("DataTime=20240601080000;a21026-Rtd=1")
    batch = decode_batch(said("1") + said("1", hour="25") + on_time + late)
    assert batch.accepted.tolist() == [True, False, True, False]


TEXTS = st.sampled_from(
    ["1", "1.50", "-3", "1_0", "nan", "inf", "1e309", "", " 1", "12.", "9" * 16]
)
FLAGS = st.sampled_from(["N", "D", "St", "n"])
HOURS = st.sampled_from(["00", "08", "23", "24", "99"])
FRAMES = st.lists(st.builds(said, TEXTS, FLAGS, HOURS), min_size=1, max_size=12)


@settings(max_examples=200, deadline=None)
@given(FRAMES, st.integers(0, 400), st.integers(1, 255))
def test_every_verdict_is_that_of_strict_decoding(frames: list[bytes], at: int, flip: int) -> None:
    stream = bytearray(b"".join([said("1"), *frames]))
    place = min(at, len(stream) - 1)
    if stream[place] ^ flip not in b"#\r\n" and stream[place] not in b"#\r\n":
        stream[place] ^= flip
    batch = decode_batch(bytes(stream))
    for start, end, verdict in zip(batch.starts, batch.ends, batch.verdicts, strict=True):
        assert VERDICTS[verdict] == strictly(bytes(stream[start:end]))


def enveloped(data: bytes) -> bytes:
    return b"##%04d%b%04X\r\n" % (len(data), data, crc(data))


def outcome(raw: bytes, decoding: Callable[[bytes], Frame]) -> Frame | str:
    try:
        return decoding(raw)
    except BadFrame as fault:
        return f"{fault.verdict}: {fault.message}"


@settings(max_examples=200, deadline=None)
@given(FRAMES, st.integers(0, 400), st.integers(1, 255))
def test_a_frame_that_was_met_before_says_what_it_would_say_anew(
    frames: list[bytes], at: int, flip: int
) -> None:
    for _ in range(4):
        decode(said("1"))
    for raw in frames:
        changed = bytearray(raw[6:-6])
        changed[at % len(changed)] ^= flip
        for one in (raw, enveloped(bytes(changed))):
            assert outcome(one, decode) == outcome(one, decode_anew)


def test_a_shape_is_learned_from_the_second_frame_of_its_header_if_told_so() -> None:
    shapes: Shapes[str] = Shapes(most=1, patience=2)
    data, other = said("1")[6:-6], frame("DataTime=20240601080000;a21026-Rtd=1", cn="2051")[6:-6]
    frames = (data, data, said("-5.25", "D")[6:-6], said("x")[6:-6])
    learned = [shapes.learn(data, "gas", lambda: shape_of(data, cp_of(data))) for _ in range(2)]
    fits = [shapes.fit(one) for one in frames]
    assert learned == [False, True]
    assert [fit[0] if fit else "" for fit in fits] == ["gas", "gas", "gas", ""]
    shapes.learn(other, "hour", lambda: shape_of(other, cp_of(other)))
    assert shapes.fit(data) is None


def cp_of(data: bytes) -> str:
    return data.split(b"&&")[1].decode()
