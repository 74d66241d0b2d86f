"""A bundle holds segments verbatim, each at a byte range."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plume.model.identity import ThingName
from plume.model.segment import Arrival
from plume.wire import bundle

AT = datetime(2026, 11, 23, 23, 59, 59, 999000, tzinfo=UTC)
ARRIVALS = st.lists(
    st.builds(Arrival, st.text(max_size=9).map(ThingName), st.binary(max_size=300), st.just(AT))
)


@given(ARRIVALS)
def test_segments_come_back_and_lie_where_the_ranges_say(arrivals: list[Arrival]) -> None:
    data = bundle.write(arrivals)
    assert bundle.read(data) == arrivals
    ranges = bundle.ranges(data)
    assert [data[start : start + size] for start, size in ranges] == [a.raw for a in arrivals]


def test_the_key_follows_from_content_and_day() -> None:
    key = bundle.key(b"", AT)
    # SHA-256 of nothing, FIPS 180-4.
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert key == f"bundles/2026/11/23/{digest}.plume"


def test_a_bundle_cut_short_is_refused() -> None:
    data = bundle.write([Arrival(ThingName("t"), b"raw", AT)])
    for end in range(1, len(data)):
        with pytest.raises(bundle.BadBundle):
            bundle.read(data[:end])
