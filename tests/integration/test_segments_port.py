"""One suite, two worlds: the index of segments and frames."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from plume.aws.segments_table import SegmentsTable
from plume.memory.world import MemorySegments
from plume.model.identity import ThingName
from plume.model.segment import SegmentEntry
from plume.ports.segments import Acknowledged, FrameEntry, Segments
from tests.integration.given import EIGHT, HOUR
from tests.integration.worlds import one_of

EDGE = ThingName("edge-1")


@pytest.fixture(params=["memory", "dynamodb"])
def segments(request: pytest.FixtureRequest) -> Iterator[Segments]:
    yield from one_of(request, MemorySegments, lambda: SegmentsTable("segments"))


def entry(sequence: int, thing: ThingName = EDGE) -> SegmentEntry:
    digest = sequence.to_bytes(32)
    return SegmentEntry(thing, sequence, digest, bytes(32), "bundles/x", 10, 20, EIGHT)


def frames(
    sequence: int, first: datetime, last: datetime | None = None, subject: str = "stack"
) -> FrameEntry:
    return FrameEntry(subject, first, last or first, 1, entry(sequence))


def test_a_segment_is_indexed_once(segments: Segments) -> None:
    assert segments.add(entry(5)) is None
    twin = replace(entry(5), digest=bytes(31) + b"x")
    assert segments.add(twin) == entry(5)


def test_segments_follow_in_numerical_order(segments: Segments) -> None:
    for number in (1_764_000_000_010, 9, 10, 1_764_000_000_009):
        segments.add(entry(number))
    segments.add(entry(11, ThingName("edge-2")))
    segments.acknowledge(Acknowledged(EDGE, 9, bytes(32)))
    found = [one.sequence for one in segments.after(EDGE, 9, 2)]
    assert found == [10, 1_764_000_000_009]
    assert [one.sequence for one in segments.after(EDGE, 1_764_000_000_010, 5)] == []


def test_the_mark_moves_forward_only(segments: Segments) -> None:
    assert segments.acknowledged(EDGE) is None
    segments.acknowledge(Acknowledged(EDGE, 9, b"nine" * 8))
    segments.acknowledge(Acknowledged(EDGE, 8, b"ate." * 8))
    assert segments.acknowledged(EDGE) == Acknowledged(EDGE, 9, b"nine" * 8)
    segments.acknowledge(Acknowledged(EDGE, 10, b"ten." * 8))
    assert segments.acknowledged(EDGE) == Acknowledged(EDGE, 10, b"ten." * 8)


def test_frames_that_overlap_come_newest_first(segments: Segments) -> None:
    kept = [frames(n, EIGHT + n * HOUR) for n in range(5)]
    segments.add_frames([*kept, *kept, frames(9, EIGHT, subject="other")])
    found = segments.frames("stack", EIGHT + HOUR, EIGHT + 4 * HOUR, 10)
    assert [one.segment.sequence for one in found] == [3, 2, 1]
    newest = segments.frames("stack", EIGHT, EIGHT + 9 * HOUR, 2)
    assert [one.segment.sequence for one in newest] == [4, 3]
    assert list(segments.frames("stack", EIGHT - HOUR, EIGHT, 10)) == []


def test_an_entry_that_lasts_for_days_is_found_from_within_and_given_once(
    segments: Segments,
) -> None:
    long = frames(1, EIGHT, EIGHT + timedelta(days=5))
    segments.add_frames([long])
    for hours in (0, 30, 77, 119):
        at = EIGHT + hours * HOUR
        assert list(segments.frames("stack", at, at + HOUR, 10)) == [long]
    assert list(segments.frames("stack", EIGHT, EIGHT + timedelta(days=9), 10)) == [long]
    assert list(segments.frames("stack", EIGHT + timedelta(days=6), EIGHT + timedelta(7), 9)) == []


def test_segments_of_one_instant_are_all_kept(segments: Segments) -> None:
    segments.add_frames([frames(n, EIGHT) for n in range(30)])
    found = segments.frames("stack", EIGHT, EIGHT + HOUR, 100)
    assert [one.segment.sequence for one in found] == list(range(29, -1, -1))
