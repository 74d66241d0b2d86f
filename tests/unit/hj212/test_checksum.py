"""The fold against the bit loop that annex A prints."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plume.hj212.checksum import crc, crcs


def bit_loop(data: bytes) -> int:
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            low = register & 1
            register >>= 1
            if low:
                register ^= 0xA001
    return register


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"123456789", 0x2F80), (b"", 0xFFFF), (b"\0", 0x4040), (b"A", 0x7080), (b"QN=2", 0xF001)],
)
def test_known_values(data: bytes, expected: int) -> None:
    assert crc(data) == expected


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=1200))
def test_the_fold_equals_the_bit_loop(data: bytes) -> None:
    assert crc(data) == bit_loop(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=1, max_size=400), st.data())
def test_many_at_once_equal_one_by_one(buffer: bytes, data: st.DataObject) -> None:
    spans = data.draw(
        st.lists(
            st.integers(0, len(buffer) - 1).flatmap(
                lambda start: st.tuples(st.just(start), st.integers(start + 1, len(buffer)))
            ),
            min_size=1,
            max_size=20,
        )
    )
    starts, ends = (np.array(side, dtype=np.int64) for side in zip(*spans, strict=True))
    assert crcs(buffer, starts, ends).tolist() == [bit_loop(buffer[a:b]) for a, b in spans]


def test_only_256_values_exist() -> None:
    assert len({crc(bytes([a, b])) for a in range(256) for b in range(256)}) == 256
