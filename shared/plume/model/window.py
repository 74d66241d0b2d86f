"""A stretch of one outlet's time about which something new is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from plume.model.identity import OutletId


class Cause(StrEnum):
    """What made the window worth judging again."""

    READINGS = "readings"
    TELEMETRY = "telemetry"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class WindowTouched:
    """New data touched `[start, end)` of an outlet, in event time; told at least once."""

    outlet: OutletId
    start: datetime
    end: datetime
    cause: Cause


def spanning(windows: Sequence[WindowTouched]) -> WindowTouched:
    """Give the window from the first start to the last end of windows of one outlet and cause."""
    start, end = min(one.start for one in windows), max(one.end for one in windows)
    return replace(windows[0], start=start, end=end)


def joined(
    windows: Sequence[WindowTouched], *, apart: timedelta, most: timedelta
) -> list[list[int]]:
    """Join windows of one outlet and cause; give the places of those that are one (`spanning`).

    Args:
        windows: in any order; the same one may stand there twice.
        apart: what lies closer together than this, or overlaps, is joined.
        most: a joined window is not made longer than this.
    """
    made: list[list[int]] = []
    last: WindowTouched | None = None
    for place in sorted(range(len(windows)), key=lambda at: _order(windows[at])):
        window = windows[place]
        if last is not None and _reaches(last, window, apart, most):
            made[-1].append(place)
            last = spanning([last, window])
        else:
            made.append([place])
            last = window
    return made


def _order(window: WindowTouched) -> tuple[str, str, datetime]:
    return window.outlet, window.cause, window.start


def _reaches(
    last: WindowTouched, window: WindowTouched, apart: timedelta, most: timedelta
) -> bool:
    """Whether a window that does not begin before the last one belongs to it."""
    alike = (last.outlet, last.cause) == (window.outlet, window.cause)
    return (
        alike
        and window.start - last.end < apart
        and max(last.end, window.end) - last.start <= most
    )
