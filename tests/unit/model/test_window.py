"""Windows that lie close together are judged as one."""

from datetime import UTC, datetime, timedelta

from plume.model.identity import OutletId
from plume.model.window import Cause, WindowTouched, joined, spanning

EIGHT = datetime(2026, 8, 1, 8, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def window(
    first: int, last: int, outlet: str = "stack", cause: Cause = Cause.READINGS
) -> WindowTouched:
    """From one minute past eight to another."""
    return WindowTouched(OutletId(outlet), EIGHT + first * MINUTE, EIGHT + last * MINUTE, cause)


def made(*windows: WindowTouched) -> list[tuple[WindowTouched, list[int]]]:
    groups = joined(windows, apart=HOUR, most=3 * HOUR)
    return [(spanning([windows[place] for place in places]), places) for places in groups]


def test_the_minutes_of_a_backlog_are_one_window_in_whatever_order_they_come() -> None:
    assert made(window(20, 21), window(0, 1), window(10, 11), window(0, 1)) == [
        (window(0, 21), [1, 3, 2, 0])
    ]


def test_what_lies_an_hour_apart_stays_apart() -> None:
    assert made(window(0, 1), window(60, 61), window(121, 122)) == [
        (window(0, 61), [0, 1]),
        (window(121, 122), [2]),
    ]


def test_no_window_grows_beyond_the_most() -> None:
    found = made(*(window(at, at + 30) for at in range(0, 360, 30)))
    assert [one for one, _ in found] == [window(0, 180), window(180, 360)]


def test_a_window_within_another_does_not_shorten_it() -> None:
    assert made(window(0, 120), window(10, 20), window(150, 160)) == [(window(0, 160), [0, 1, 2])]


def test_outlets_and_causes_are_never_mixed() -> None:
    other, curve = window(0, 1, "stack-2"), window(0, 1, cause=Cause.TELEMETRY)
    found = made(window(0, 1), other, curve, window(1, 2))
    assert [places for _, places in found] == [[0, 3], [2], [1]]
