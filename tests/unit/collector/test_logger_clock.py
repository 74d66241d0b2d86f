"""The offset of a data logger's clock under delays, outliers and jumps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_greengrass.collector.dialogue.logger_clock import LoggerClock


def measured(*offsets: float) -> LoggerClock:
    clock = LoggerClock()
    for one in offsets:
        assert clock.measured(one) is None
    return clock


def offset(clock: LoggerClock) -> float:
    found = clock.estimate()
    assert found is not None
    return found.offset


def test_fewer_than_three_measurements_say_nothing() -> None:
    assert measured(1.0, 1.0).estimate() is None
    assert offset(measured(1.0, 1.0, 1.0)) == 1.0


@given(st.lists(st.floats(0, 4), min_size=31, max_size=31))
def test_a_few_late_frames_do_not_move_the_median(delays: list[float]) -> None:
    late = [0.0 if n % 2 else delay for n, delay in enumerate(delays)]
    clock = LoggerClock()
    for delay in [0.0] * 8 + late:
        clock.measured(7.0 - delay)
    assert offset(clock) == 7.0


def test_half_of_the_shortest_round_trip_is_added() -> None:
    clock = measured(-0.2, -0.2, -0.2)
    clock.tripped(0.9)
    clock.tripped(0.4)
    assert offset(clock) == pytest.approx(0.0)


def test_a_clock_that_was_set_forward_is_believed_at_the_third_witness() -> None:
    clock = measured(*[0.0] * 20)
    assert clock.measured(3600.0) is None
    assert clock.measured(3600.5) is None
    jump = clock.measured(3600.0)
    assert jump is not None
    assert (jump.offset, jump.jumped) == (3600.0, True)
    assert offset(clock) == 3600.0


def test_one_that_seems_to_have_gone_back_needs_five_for_delays_look_the_same() -> None:
    clock = measured(*[0.0] * 20)
    assert [clock.measured(-60.0) for _ in range(4)] == [None] * 4
    jump = clock.measured(-60.0)
    assert jump is not None
    assert jump.jumped


def test_single_frames_that_come_very_late_are_no_jump() -> None:
    clock = measured(*[0.0] * 20)
    for delay in (30.0, 90.0, 250.0, 600.0, 40.0, 75.0, 300.0):
        assert clock.measured(-delay) is None
    assert offset(clock) == 0.0


def test_a_step_of_our_own_clock_is_not_the_loggers_fault() -> None:
    clock = measured(*[2.0] * 20)
    clock.shifted(3600.0)
    assert clock.measured(-3598.0) is None
    assert offset(clock) == -3598.0


def test_a_clock_that_we_have_set_is_measured_anew_and_told_as_set_once() -> None:
    clock = measured(*[-37.0] * 20)
    clock.was_set()
    assert clock.estimate() is None
    for _ in range(3):
        clock.measured(0.0)
    found = clock.estimate()
    assert found is not None
    assert (found.offset, found.jumped) == (0.0, True)
    clock.told()
    again = clock.estimate()
    assert again is not None
    assert again.jumped is False
