"""Holes between what was seen."""

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge_greengrass.collector.dialogue.chronicle import Chronicle
from edge_greengrass.collector.dialogue.gaps import (
    HOUR_STEPS,
    MINUTE_STEPS,
    SILENCE_STEPS,
    Hole,
    Seen,
)
from edge_greengrass.collector.dialogue.sealed_file import SealedFile
from plume.hj212 import encode
from plume.hj212.moments import written

HOUR = 3600
KEY = bytes(range(16))


def hours(*numbers: int) -> Seen:
    seen = Seen(HOUR_STEPS)
    for number in numbers:
        seen.saw(number * HOUR)
    return seen


def test_a_missing_hour_is_a_hole_and_its_coming_closes_it() -> None:
    seen = hours(1, 2, 5)
    assert seen.holes(0) == [Hole(3 * HOUR, 4 * HOUR, 2)]
    assert seen.saw(4 * HOUR)
    assert seen.saw(3 * HOUR)
    assert seen.holes(0) == []
    assert not seen.saw(3 * HOUR)


def test_nothing_is_missing_before_the_first_or_after_the_last() -> None:
    assert hours(7).holes(0) == []


def test_what_came_late_before_all_others_may_leave_a_hole() -> None:
    assert hours(5, 1).holes(0) == [Hole(2 * HOUR, 4 * HOUR, 3)]


def test_holes_from_before_the_horizon_are_let_be() -> None:
    assert hours(1, 3, 5).holes(4 * HOUR) == [Hole(4 * HOUR, 4 * HOUR, 1)]


def test_a_closed_hole_never_opens_again_even_when_it_was_filled_in_part() -> None:
    seen = hours(1, 6)
    (hole,) = seen.holes(0)
    seen.saw(3 * HOUR)
    assert seen.missing(hole) == 3
    seen.close(hole)
    assert seen.holes(0) == []
    assert seen.ranges == [(HOUR, 6 * HOUR)]


def test_closing_a_part_leaves_the_rest_open() -> None:
    seen = hours(1, 6)
    seen.close(Hole(4 * HOUR, 5 * HOUR, 2))
    assert seen.holes(0) == [Hole(2 * HOUR, 3 * HOUR, 2)]


def test_the_spacing_of_minutes_is_learnt_from_frames_in_a_row() -> None:
    seen = Seen(MINUTE_STEPS)
    for at in (0, 600, 1200):
        seen.saw(at)
        assert seen.holes(0) == []
    for at in (1800, 3600):
        seen.saw(at)
    assert seen.holes(0) == [Hole(2400, 3000, 2)]


def test_a_silence_of_real_time_data_is_a_hole_when_it_is_longer_than_two_minutes() -> None:
    seen = Seen(SILENCE_STEPS, margin=1)
    for at in (0, 30, 149, 400):
        seen.saw(at)
    (hole,) = seen.holes(0)
    assert (hole.first, hole.last) == (150, 399)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=80))
def test_ranges_are_what_a_set_would_say_in_whatever_order_it_came(numbers: list[int]) -> None:
    seen = hours(*numbers)
    present = set(numbers)
    missing = [n for n in range(min(present), max(present)) if n not in present]
    found = [at // HOUR for hole in seen.holes(0) for at in range(hole.first, hole.last + 1, HOUR)]
    assert found == missing


class Day:
    """A chronicle of one data logger, and a clock."""

    def __init__(self, folder: Path) -> None:
        self.passed = 0.0
        self.file = SealedFile(folder / "chronicle", b"k" * 32)
        self.keys: tuple[bytes, ...] = (KEY,)
        self.chronicle = Chronicle(self.file, lambda: self.passed, lambda _: self.keys)

    def hears(self, cn: str, *hours: float) -> None:
        for hour in hours:
            self.passed += 30.0
            at = datetime.fromtimestamp(hour * HOUR, tz=UTC)
            self.chronicle.heard("mn", cn, f"DataTime={written(at)};x=1".encode())

    def holes(self, *, real_time_since: float = 0.0) -> list[tuple[str, int]]:
        def since(cn: str) -> int:
            return int(real_time_since * HOUR) if cn == "2011" else 0

        return [(cn, hole.first) for cn, hole in self.chronicle.holes("mn", since)]


def test_hours_come_first_and_old_silences_are_let_be(tmp_path: Path) -> None:
    day = Day(tmp_path)
    day.hears("2011", 1, 2, 8, 9)
    day.hears("2061", 3, 5)
    expected = [("2061", 4 * HOUR), ("2011", 2 * HOUR + 1), ("2011", 8 * HOUR + 1)]
    assert day.holes(real_time_since=1.5) == expected
    assert day.holes(real_time_since=7) == [expected[0], expected[2]]


def test_what_was_seen_and_what_was_closed_is_known_to_the_next_run(tmp_path: Path) -> None:
    day = Day(tmp_path)
    day.hears("2061", 1, 3, 5)
    day.chronicle.close("mn", "2061", Hole(2 * HOUR, 2 * HOUR, 1))
    assert Day(tmp_path).holes() == [("2061", 4 * HOUR)]


def test_back_fill_of_its_own_is_noticed_and_live_data_are_not_taken_for_it(
    tmp_path: Path,
) -> None:
    day = Day(tmp_path)
    day.hears("2061", 5, 6, 7)
    assert day.chronicle.quiet_for("mn") == float("inf")
    day.hears("2061", 2)
    day.passed += 90
    assert day.chronicle.quiet_for("mn") == 90


def test_a_text_that_names_no_time_tells_of_no_data(tmp_path: Path) -> None:
    day = Day(tmp_path)
    day.hears("2061", 1)
    day.chronicle.heard("mn", "2061", b"i11001-Info=//DataTime=20261399999999//")
    day.hears("2061", 2)
    assert day.holes() == []


def enciphered(hour: int, key: bytes) -> bytes:
    at = datetime.fromtimestamp(hour * HOUR, tz=UTC)
    return encode.frame(
        qn="20260801080000001", st="31", cn="2061", password="123456", mn="mn", flag=9,
        cp=f"DataTime={written(at)};a21026-Avg=1.0,a21026-Flag=N", key=key,
    )  # fmt: skip


def test_holes_between_enciphered_frames_are_seen_under_any_key_believed(tmp_path: Path) -> None:
    day, other = Day(tmp_path), bytes(16)
    day.keys = (KEY, other)
    for hour, key in ((1, KEY), (2, other), (5, KEY)):
        raw = enciphered(hour, key)
        assert b"DataTime" not in raw
        day.chronicle.heard("mn", "2061", raw)
    assert day.holes() == [("2061", 3 * HOUR)]


def test_a_frame_under_a_key_that_is_believed_no_more_shows_nothing(tmp_path: Path) -> None:
    day = Day(tmp_path)
    day.hears("2061", 1)
    day.chronicle.heard("mn", "2061", enciphered(5, bytes(16)))
    assert day.holes() == []
