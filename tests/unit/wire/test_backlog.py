"""An object of the backlog holds segments as they are, and unfolds into nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plume.wire import backlog

SEGMENTS = st.lists(st.binary(max_size=400), max_size=20)


@given(SEGMENTS)
def test_segments_come_back_in_their_order(segments: list[bytes]) -> None:
    assert backlog.read(backlog.write(segments)) == segments


@given(SEGMENTS.filter(bool), st.data())
def test_what_is_cut_short_within_a_segment_gives_nothing(
    segments: list[bytes], data: st.DataObject
) -> None:
    whole = backlog.write([*segments, b"last"])
    cut = data.draw(st.integers(1, 4 + len(b"last") - 1))
    with pytest.raises(backlog.BadBacklog):
        backlog.read(whole[:-cut])


@given(st.binary(max_size=200))
def test_noise_is_refused_or_small(noise: bytes) -> None:
    try:
        found = backlog.read(b"PLUMEBL1" + noise)
    except backlog.BadBacklog:
        return
    assert sum(map(len, found)) <= len(noise)


def test_an_object_closes_at_five_mebibytes() -> None:
    segments = [bytes(100_000)] * 60
    count = backlog.fitting(segments)
    assert count == 52
    assert len(backlog.write(segments[:count])) <= 5 << 20
    assert len(backlog.write(segments[: count + 1])) > 5 << 20
    assert backlog.fitting(segments[:3]) == 3


def test_the_name_follows_from_the_content() -> None:
    # SHA-256 of nothing, FIPS 180-4.
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert backlog.name(b"") == f"{digest}.plume"
