"""Holes between what was seen."""

from hypothesis import given
from hypothesis import strategies as st

from edge_greengrass.collector.dialogue.gaps import (
    HOUR_STEPS,
    MINUTE_STEPS,
    SILENCE_STEPS,
    Hole,
    Seen,
)

HOUR = 3600


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
