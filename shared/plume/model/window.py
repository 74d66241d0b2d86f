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


def joined(
    windows: Sequence[WindowTouched], *, apart: timedelta, most: timedelta
) -> list[tuple[WindowTouched, list[int]]]:
    """Join windows of one outlet and cause; give each with the places of those it is made of.

    Args:
        windows: in any order; the same one may stand there twice.
        apart: what lies closer together than this, or overlaps, is joined.
        most: a joined window is not made longer than this.
    """
    made: list[tuple[WindowTouched, list[int]]] = []
    for place in sorted(range(len(windows)), key=lambda at: _order(windows[at])):
        window = windows[place]
        if made and _reaches(made[-1][0], window, apart, most):
            last, places = made[-1]
            made[-1] = replace(last, end=max(last.end, window.end)), [*places, place]
        else:
            made.append((window, [place]))
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
