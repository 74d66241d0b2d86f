"""Curves keep their extremes; frames come out of the evidence itself."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from plume.evidence import envelope
from plume.hj212.verdict import NO_REASON
from plume.memory.series import MemorySeries
from plume.model.device import Device
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import EnterpriseId, FactorCode, OutletId, ThingName
from plume.model.segment import CHAIN_START, Arrival, Payload, SegmentEntry, SegmentHeader
from plume.model.telemetry import Columns, SeriesTable
from plume.ports.segments import FrameEntry
from plume.ports.series import Step
from plume.usecases import read_frames
from plume.usecases.read_frames import FrameWorld, ShownFrame, read_outlet_frames
from plume.usecases.read_series import CurveQuestion, fitting_step, read_series, thinned
from plume.wire import bundle, resource_of
from tests.component.api_world import OWN, PEOPLE, MemoryWorld
from tests.integration.given import EIGHT, HOUR

EDGE = ThingName("edge-stack")
CENTRE = next(iter(PEOPLE.values()))


def columns(*channels: list[float]) -> Columns:
    values = {f"c{n}": np.array(channel) for n, channel in enumerate(channels)}
    return Columns(SeriesTable.GAS, OWN, np.arange(len(channels[0])) * 1000, values)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), min_size=1, max_size=2_000),
    st.integers(100, 500),
)
def test_thinning_keeps_the_extremes_the_ends_and_the_bound(
    values: list[float], most: int
) -> None:
    before = columns(values, values[::-1])
    after = thinned(before, most)
    assert len(after.times) <= max(most, 2)
    assert {before.times[0], before.times[-1]} <= set(after.times)
    for code, original in before.values.items():
        if not np.isnan(original).all():
            assert np.nanmin(after.values[code]) == np.nanmin(original)
            assert np.nanmax(after.values[code]) == np.nanmax(original)
    assert np.all(np.diff(after.times) > 0)


def test_a_curve_that_fits_is_left_as_it_is() -> None:
    before = columns([1.0] * 100)
    assert thinned(before, 100) is before


@pytest.mark.parametrize(
    ("length", "step"),
    [
        (timedelta(hours=5), Step.RAW),  # 1,800 samples of ten seconds
        (timedelta(hours=24), Step.MINUTE),  # 1,440 minutes
        (timedelta(days=60), Step.HOUR),  # 1,440 hours
        (timedelta(days=3660), Step.DAY),
    ],
)
def test_the_step_follows_from_the_range(length: timedelta, step: Step) -> None:
    assert fitting_step(length, 2_000) is step


def test_curves_of_the_plant_stand_beside_those_of_the_outlet() -> None:
    series = MemorySeries()
    flag = np.full(2, ord("N"), np.uint8)
    stack = {"a21026": np.array([20.0, 21.0])}
    pump = {"g10401": np.array([62.0])}
    at = int(EIGHT.timestamp() * 1000)
    series.write(
        [
            Columns(SeriesTable.GAS, OWN, np.array([at, at + 10_000]), stack, {"a21026": flag}),
            Columns(SeriesTable.PROCESS, OWN, np.array([at + 5_000]), pump, {"g10401": flag[:1]}),
        ]
    )
    world = MemoryWorld()
    world.fill()
    since, until = EIGHT, EIGHT + HOUR
    question = CurveQuestion(OWN, ("a21026", "g10401"), since, until, Step.RAW, 2_000)
    curves = read_series(CENTRE, question, registry=world.registry, series=series).columns
    assert curves.times.tolist() == [at, at + 5_000, at + 10_000]
    assert curves.values["a21026"].tolist()[::2] == [20.0, 21.0]
    assert curves.values["g10401"][1] == 62.0
    assert np.isnan(curves.values["g10401"][0])
    assert np.isnan(curves.values["a21026"][1])
    assert curves.flags["g10401"].tolist() == [0, ord("N"), 0]


def test_a_process_code_is_named_by_its_class_and_the_number_of_its_device() -> None:
    assert resource_of.factor(FactorCode("g10402")) == {
        "code": "g10402",
        "name": {
            "zh": "浆液循环泵电流（2 号）",
            "en": "slurry recirculation pump current (no. 2)",
        },
        "unit": "A",
    }
    assert resource_of.factor(FactorCode("a21026"))["name"]["zh"] == "二氧化硫"
    assert resource_of.factor(FactorCode("dust-7"))["name"]["zh"] == "dust-7"


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def public(key: ec.EllipticCurvePrivateKey, encoding: serialization.Encoding) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(encoding, form)


@pytest.fixture
def evidence() -> tuple[FrameWorld, Callable[[int], None]]:
    device, platform = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    world = MemoryWorld()
    world.fill()
    signing = base64.b64encode(public(device, serialization.Encoding.DER)).decode()
    world.registry.put_device(Device(EDGE, "s", EnterpriseId("north"), signing_key=signing))
    sealer = envelope.Sealer(pem(device), public(platform, serialization.Encoding.PEM))

    def keep(number: int) -> None:
        at = EIGHT + number * HOUR
        body = b"ST=31;CN=2061;MN=MN-stack;no%d" % number
        record = FrameRecord(at, body, Verdict.REJECT_SYNTAX, mn="MN-stack", reason="no frame")
        raw = sealer.seal(
            SegmentHeader(EDGE, "boot", number, CHAIN_START, at, at), Payload(frames=(record,))
        )
        arrivals = [Arrival(EDGE, raw, at)]
        key = world.bundles.put(arrivals)
        ((offset, length),) = bundle.ranges(bundle.write(arrivals))
        digest = envelope.digest(raw)
        where = SegmentEntry(EDGE, number, digest, CHAIN_START, key, offset, length, at)
        world.segments.add_frames(
            [FrameEntry(s, at, at, 1, where) for s in (OWN, f"device#{EDGE}")]
        )

    read = FrameWorld(world.registry, world.segments, world.bundles, pem(platform))
    return read, keep


DAY = (EIGHT, EIGHT + timedelta(days=1))


def everything(world: FrameWorld, key: str, most: int = 50) -> list[bytes]:
    """Read all pages."""
    found: list[bytes] = []
    since, until = DAY
    while True:
        page = read_outlet_frames(CENTRE, OutletId(key), (since, until), most=most, world=world)
        found += [frame.raw for frame in page.items]
        if page.before is None:
            return found
        until = page.before


def test_frames_come_verbatim_newest_first_and_pages_join(
    evidence: tuple[FrameWorld, Callable[[int], None]],
) -> None:
    world, keep = evidence
    for number in range(6):
        keep(number)
    whole = everything(world, OWN)
    assert [int(raw[-1:]) for raw in whole] == [5, 4, 3, 2, 1, 0]
    assert everything(world, OWN, most=2) == whole


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=12),
    st.integers(1, 4),
)
@settings(max_examples=60, deadline=None)
def test_pages_join_even_where_segments_overlap(spans: list[tuple[int, int]], most: int) -> None:
    """Each segment holds a frame at its first and its last minute; none is lost or told twice."""
    expected = sorted((m for span in spans for m in span), reverse=True)
    entries = []
    for number, span in enumerate(spans):
        first, last = (EIGHT + timedelta(minutes=m) for m in (min(span), max(span)))
        where = SegmentEntry(EDGE, number, b"", b"", "", 0, 0, first)
        entries.append(FrameEntry(OWN, first, last, 2, where))
    world = MemoryWorld()
    world.fill()
    world.segments.add_frames(entries)
    read = FrameWorld(world.registry, world.segments, world.bundles, b"")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_frames, "_frames", _both_ends)
        assert told_minutes(read, most) == expected


def _both_ends(entry: FrameEntry, world: FrameWorld) -> list[ShownFrame]:
    ends = (entry.first_at, entry.last_at)
    return [ShownFrame(at, EDGE, "", b"", "OK", (), NO_REASON, acknowledged=True) for at in ends]


def told_minutes(world: FrameWorld, most: int) -> list[int]:
    found: list[int] = []
    since, until = DAY
    while True:
        page = read_outlet_frames(CENTRE, OutletId(OWN), (since, until), most=most, world=world)
        found += [(one.received_at - EIGHT) // timedelta(minutes=1) for one in page.items]
        if page.before is None:
            return found
        assert page.before < until
        until = page.before


def test_a_segment_that_cannot_be_verified_is_shown_as_such(
    evidence: tuple[FrameWorld, Callable[[int], None]],
) -> None:
    world, keep = evidence
    keep(1)
    stranger = ec.generate_private_key(ec.SECP256R1())
    deaf = replace(world, platform_key_pem=pem(stranger))
    (frame,) = read_outlet_frames(CENTRE, OutletId(OWN), DAY, most=5, world=deaf).items
    assert (frame.verdict, frame.raw, frame.acknowledged) == ("UNREADABLE", b"", False)
    assert frame.reason.en.startswith("segment 1: ")
    assert frame.reason.zh.startswith("数据段 1：")


def test_the_reason_that_is_shown_is_the_clouds_and_not_the_edges(
    evidence: tuple[FrameWorld, Callable[[int], None]],
) -> None:
    world, keep = evidence
    keep(1)
    (frame,) = read_outlet_frames(CENTRE, OutletId(OWN), DAY, most=5, world=world).items
    assert (frame.reason.zh, frame.reason.en) == (
        "缺少包头、长度、校验或包尾",
        "no ##, length, CRC or line end",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_in_a_frame_is_read_in_either_encoding(encoding: str) -> None:
    assert resource_of.frame_text("//校准完成//".encode(encoding)) == "//校准完成//"


@given(st.binary(max_size=60))
def test_a_frame_as_text_loses_no_byte(raw: bytes) -> None:
    text = resource_of.frame_text(raw)
    spelled = [text.encode(one, "replace") for one in ("utf-8", "gb18030", "latin-1")]
    assert raw in spelled
