"""What is under way is sent again when the cloud takes much longer than it usually does."""

from edge_greengrass.outbox.log import Position
from edge_greengrass.uplink.spool import Spooled
from edge_greengrass.uplink.window import Window
from plume.model.segment import Acknowledgement


def segment(number: int) -> Spooled:
    return Spooled(Position(0, number), number, b"", {})


def after_round_trips_of(window: Window, seconds: float) -> float:
    """Let the cloud answer a hundred segments after so many seconds each; give the time then."""
    now = 0.0
    for number in range(100):
        window.admit([segment(number)], now)
        window.due(now)
        now += seconds
        window.acknowledged(Acknowledgement(number, ()), now)
    return now


def test_a_quick_cloud_is_asked_again_after_the_patience_that_was_set() -> None:
    window = Window(patience=20.0)
    now = after_round_trips_of(window, 1.0)
    window.admit([segment(100)], now)
    window.due(now)
    assert window.due(now + 19.9) == []
    assert window.due(now + 20.0) == [segment(100)]


def test_a_slow_cloud_is_given_three_times_what_it_usually_takes() -> None:
    window = Window(patience=20.0)
    now = after_round_trips_of(window, 30.0)
    window.admit([segment(100)], now)
    window.due(now)
    assert window.due(now + 89.0) == []
    assert window.due(now + 91.0) == [segment(100)]


def test_no_segment_waits_longer_than_five_minutes_and_a_third() -> None:
    window = Window(patience=20.0)
    now = after_round_trips_of(window, 3_600.0)
    window.admit([segment(100)], now)
    window.due(now)
    assert window.due(now + 320.0) == [segment(100)]


def test_what_is_lost_on_the_way_does_not_make_the_cloud_look_slow() -> None:
    window, now = Window(patience=20.0), 0.0
    for number in range(100):
        window.admit([segment(number)], now)
        window.due(now)
        now += 20.0
        assert window.due(now) == [segment(number)], "it was lost, and is due again"
        now += 0.1
        window.acknowledged(Acknowledgement(number, ()), now)


def test_of_what_is_due_at_once_the_newest_goes_first() -> None:
    window = Window()
    window.admit([segment(2), segment(3)], now=0.0)
    window.admit([segment(1)], now=0.0)
    assert window.due(0.0) == [segment(3), segment(2), segment(1)]


def test_old_segments_never_take_the_room_that_is_kept_for_new_ones() -> None:
    window = Window(most=20)
    window.admit([segment(number) for number in range(window.room_for_backlog)], now=0.0)
    assert (window.room, window.room_for_backlog) == (5, 0)
