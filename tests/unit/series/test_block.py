"""A point block gives back what went in, and bounds what it is told."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from plume.errors import Refused
from plume.model.telemetry import Columns, SeriesTable
from plume.series import block, framing

START = 1_732_420_000_000


def columns(values: dict[str, Any], **more: Any) -> Columns:
    arrays = {code: np.asarray(each, np.float64) for code, each in values.items()}
    count = len(next(iter(arrays.values()), []))
    times = more.pop("times", START + 1000 * np.arange(count))
    return Columns(SeriesTable.GAS, "outlet-1", np.asarray(times, np.int64), arrays, **more)


def assert_same(back: Columns, sent: Columns) -> None:
    assert (back.table, back.subject) == (sent.table, sent.subject)
    assert back.times.tolist() == sent.times.tolist()
    assert list(back.values) == list(sent.values)
    for code, each in sent.values.items():
        np.testing.assert_array_equal(back.values[code], each)
    assert {code: each.tolist() for code, each in back.flags.items()} == {
        code: each.tolist() for code, each in sent.flags.items()
    }
    assert back.decimals == sent.decimals


def test_decimal_numbers_come_back_digit_for_digit() -> None:
    sent = columns(
        {"a21026": [34.1, 34.2, 35.0, -0.1], "a01011": [12.05, 12.06, 12.04, 0.0]},
        decimals={"a21026": 1, "a01011": 2},
        flags={"a21026": np.array([1, 1, 5, 1], np.uint8)},
    )
    assert_same(block.decode(block.encode(sent)), sent)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_columns_come_back(data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 20))
    decimals = data.draw(st.lists(st.integers(0, 6), max_size=5))
    number = st.integers(-(10**9), 10**9) | st.integers(-9, 9)
    values: dict[str, NDArray[np.float64]] = {}
    for i, digits in enumerate(decimals):
        drawn = data.draw(st.lists(st.none() | number, min_size=count, max_size=count))
        values[f"c{i}"] = np.array([np.nan if n is None else n / 10.0**digits for n in drawn])
    ordinals = st.lists(st.integers(0, 8), min_size=count, max_size=count)
    steps = data.draw(st.lists(st.integers(1, 10**7), min_size=count, max_size=count))
    sent = columns(
        values,
        times=START + np.cumsum(np.array(steps, np.int64)) if values else np.array([], np.int64),
        decimals={f"c{i}": d for i, d in enumerate(decimals) if data.draw(st.booleans())},
        flags={c: np.array(data.draw(ordinals), np.uint8) for c in values if len(c) % 2 == 0},
    )
    assert_same(block.decode(block.encode(sent)), sent)


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=30))
def test_floats_that_are_no_short_decimals_come_back_too(floats: list[float]) -> None:
    sent = columns({"x": floats}, decimals={"x": 2})
    assert_same(block.decode(block.encode(sent)), sent)


@pytest.mark.parametrize("most", [2**15 - 1, 2**15, 2**31 - 1, 2**31, 2**52 - 1])
def test_numbers_that_swing_as_far_as_their_width_allows_come_back(most: int) -> None:
    sent = columns({"x": [most, -most, most, most, -most, 0, -most], "y": [1, 2, 3, 4, 5, 6, 7]})
    assert_same(block.decode(block.encode(sent)), sent)


@pytest.mark.parametrize("digits", [15, 16, 254])
def test_more_decimals_than_a_float_can_have_are_kept_and_do_no_harm(digits: int) -> None:
    sent = columns(
        {"x": [0.5, 1e-15, 123456.25], "y": [0, 0, 0]}, decimals={"x": digits, "y": 255}
    )
    back = block.decode(block.encode(sent))
    np.testing.assert_array_equal(back.values["x"], sent.values["x"])
    assert back.decimals == {"x": digits}


@pytest.mark.parametrize("digits", range(16))
@pytest.mark.parametrize("most", [2**15 - 1, 2**15])
def test_only_the_float_nearest_to_a_decimal_number_is_taken_for_it(
    digits: int, most: int
) -> None:
    # The literal is parsed by Python, so the expected float owes nothing to the codec's division.
    nearest = np.array([float(f"{n}e-{digits}") for n in (most, -most, 1, 2, 3, -7, 0)])
    beside = np.nextafter(nearest, np.inf)
    for each in (nearest, beside):
        back = block.decode(block.encode(columns({"x": each}, decimals={"x": digits})))
        np.testing.assert_array_equal(back.values["x"], each)


def test_a_block_that_was_stored_reads_as_it_was_written() -> None:
    stored = bytes.fromhex(
        "50420500000029000000000000001b00000005000001a20bb5e60000000000000003e80000000004"
        "0128b52ffd2020010100876770726f6365737366756e69742d316774310a666c6f7742010040f642"
        "010128b52ffd2012910000c902fffd33000000ff26000a010000000000e40a27dc70c300"
    )
    back = block.decode(stored)
    assert (back.table, back.subject) == (SeriesTable.PROCESS, "unit-1")
    assert back.times.tolist() == [1_795_492_800_000 + 1000 * second for second in range(5)]
    assert back.values["t1"].tolist() == [20.1, 20.3, 20.2, 19.9, 25.0]
    assert back.values["flow"].tolist() == [1000.0, 1001.0, 1003.0, 1002.0, 40000.0]
    assert {code: each.tolist() for code, each in back.flags.items()} == {
        "t1": [1] * 5,
        "flow": [1] * 5,
    }
    assert back.decimals == {"t1": 1, "flow": 0}


def test_a_clock_that_jumps_comes_back() -> None:
    sent = columns({"x": [1, 2, 3]}, times=[0, 1, 1_732_420_000_000])
    assert_same(block.decode(block.encode(sent)), sent)


def test_a_counter_costs_next_to_nothing_however_fast_it_counts() -> None:
    sent = columns({"x": 7.0 + 1234 * np.arange(10_000)}, decimals={"x": 0})
    data = block.encode(sent)
    assert_same(block.decode(data), sent)
    assert len(data) < 200


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    width=st.integers(1, 130),
    spreads=st.lists(st.integers(0, 40), min_size=1, max_size=12),
)
def test_noise_of_any_size_beside_ramps_and_spikes_comes_back(
    seed: int, width: int, spreads: list[int]
) -> None:
    rng = np.random.default_rng(seed)
    values = {}
    for place, bits in enumerate(spreads):
        noise = rng.integers(-(2**bits), 2**bits, width, endpoint=True)
        spike = (rng.random(width) < 0.03) * rng.integers(0, 2**45)
        values[f"c{place}"] = (noise + spike + place % 3 * np.arange(width) * 2**bits).astype(
            float
        )
    sent = columns(values, decimals=dict.fromkeys(values, 0))
    assert_same(block.decode(block.encode(sent)), sent)


@pytest.mark.parametrize("points", [65_535, 65_536, 300_000])
def test_a_spike_at_the_end_of_a_long_calm_comes_back(points: int) -> None:
    values = np.zeros(points)
    values[-1] = 20_000
    sent = columns({"x": values}, decimals={"x": 0})
    assert_same(block.decode(block.encode(sent)), sent)


def test_columns_that_are_not_contiguous_come_back() -> None:
    matrix = np.arange(12.0).reshape(6, 2)
    sent = columns({"x": matrix[:, 0], "y": matrix[:, 1]}, flags={"y": np.ones(12, np.uint8)[::2]})
    assert_same(block.decode(block.encode(sent)), sent)


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.float32, np.uint8, np.bool_])
@pytest.mark.parametrize("decimals", [{}, {"x": 0, "y": 0}, {"x": 2, "y": 1}])
def test_rows_of_another_type_are_read_as_the_numbers_they_are(
    kind: type[np.generic], decimals: dict[str, int]
) -> None:
    values = {"x": np.array([0, 1, 1, 0]), "y": np.array([7.5, -1, 0, 2])}
    sent = columns(values, decimals=decimals)
    mixed = replace(sent, values={"x": values["x"].astype(kind), "y": sent.values["y"]})
    assert_same(block.decode(block.encode(mixed)), sent)


def test_a_steady_signal_costs_next_to_nothing() -> None:
    sent = columns({"x": np.full(10_000, 35.2)}, decimals={"x": 1})
    assert len(block.encode(sent)) < 200


def test_any_flipped_bit_is_refused_or_harmless() -> None:
    sound = block.encode(columns({"x": [1.5, 2.5, np.nan, 1e-30], "y": [1, 2, 3, 4]}))
    for bit in range(len(sound) * 8):
        flipped = bytearray(sound)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            block.decode(bytes(flipped))
        except Refused:
            continue


@pytest.mark.parametrize(
    "junk", [b"", b"PB", b"PB\x01" + bytes(40), b"PB\x05" + bytes(38), b"not a block at all"]
)
def test_what_is_no_block_is_refused(junk: bytes) -> None:
    with pytest.raises(block.BadBlock):
        block.decode(junk)


NONSENSE = st.sampled_from([None, b"", b"\xff" * 9, "a\nb", 5, 1 << 40, [1], {"a": 1}, -1, 1.5])


@settings(max_examples=200, deadline=None)
@given(
    place=st.integers(0, 10),
    told=NONSENSE,
    numbers=st.lists(st.sampled_from([None, 0, 1, 2, 4, 255]), min_size=6, max_size=6),
)
def test_whatever_is_told_falsely_is_refused_or_harmless(
    place: int, told: object, numbers: list[int | None]
) -> None:
    sent = columns({"x": [1.5, np.nan, 9e9], "y": [1e-30, 2, 3]}, decimals={"x": 1})
    parts = framing.unframed(block.encode(sent))
    fields = [*framing.head_of(parts.plan), *parts.rare]
    fields[place] = told
    few = (was if now is None else now for was, now in zip(parts.numbers, numbers, strict=True))
    plan, rare = framing.head_frame(fields[:7]), fields[7:]
    forged = framing.Parts(framing.Numbers(*few), plan, rare, parts.high, parts.noise)
    try:
        block.decode(framing.framed(forged))
    except Refused:
        return


def test_a_claim_of_four_gigabytes_is_refused_before_memory_is_spent() -> None:
    bomb = zstandard.ZstdCompressor(write_content_size=True).compress(bytes(1 << 10))
    forged = b"\x28\xb5\x2f\xfd\xa0" + (0xFFFFFFFF).to_bytes(4, "little") + bomb[7:]
    data = b"PB\x05" + len(forged).to_bytes(4, "big") + bytes(8 + 26) + forged
    with pytest.raises(block.BadBlock, match="4294967295"):
        block.decode(data)


def test_more_points_than_a_block_may_hold_are_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="allowed"):
        block.encode(columns({"x": np.zeros(block.MOST_POINTS)}))
