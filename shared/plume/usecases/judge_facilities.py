"""Judge whether treatment ran while there was something to treat, on the curves of the plant."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from plume.model.facility import Facility, Signal
from plume.model.finding import Finding
from plume.model.identity import OutletId
from plume.model.outlet import Outlet
from plume.model.telemetry import Columns
from plume.model.window import Cause, WindowTouched
from plume.ports.registry import Registry
from plume.ports.series import Series, SeriesQuery, Step
from plume.rules.treatment import MINUTES, WINDOW, Minute, judge_treatment
from plume.usecases.read_series import by_table

SETTLING = timedelta(minutes=1)
"""The last minute of a quarter may still be on its way when the quarter is over."""
STRAGGLING = timedelta(minutes=5)
"""What comes in the first minutes of a quarter has the one before judged, too: it is over."""
STRETCH = timedelta(days=1)
"""How much is read at once: a backlog may touch days, in a window of its own."""
_MINUTE_MS = 60_000

_Said = Mapping[Signal, Mapping[int, Decimal]]


@dataclass(frozen=True, slots=True)
class _Watched:
    """One facility, whose it is, and where its signals are to be read."""

    facility: Facility
    outlet: Outlet
    series: Series


def judge_facilities(
    window: WindowTouched, *, registry: Registry, series: Series, now: datetime
) -> Sequence[Finding]:
    """Judge T-04 and G-15 on the quarters of an hour that the telemetry touches and that are over.

    A window is of one subject, outlet or unit; every facility with a signal of that subject is
    judged, on all its signals. The word is of `now`: what is known then counts, so that of two
    words on one quarter the later is right, and ours goes before that of the site, which speaks
    of the same quarters.

    The last quarter before the points fall silent is touched by nothing that comes after it; the
    sweep has it judged (`just_over`).

    Raises:
        Unavailable: the time-series store does not answer; deliver the window again.
    """
    found: list[Finding] = []
    for facility in registry.facilities(window.outlet):
        outlet = registry.outlet(facility.outlet)
        if outlet is not None:
            watched = _Watched(facility, outlet, series)
            found += _judged(watched, window, now)
    return sorted(found, key=lambda one: one.start)


def just_over(outlet: OutletId, now: datetime) -> WindowTouched:
    """Give a window that touches the quarter of an hour just over, and no other."""
    end = whole_quarter(now)
    return WindowTouched(outlet, end - WINDOW + STRAGGLING, end, Cause.TELEMETRY)


def whole_quarter(at: datetime) -> datetime:
    """Give the start of the quarter of an hour; every offset is made of whole quarters."""
    past = timedelta(minutes=at.minute % MINUTES, seconds=at.second, microseconds=at.microsecond)
    return at - past


def _judged(watched: _Watched, window: WindowTouched, now: datetime) -> Iterator[Finding]:
    since, until = _quarters(window, now)
    while since < until:
        end = min(since + STRETCH, until)
        yield from _stretch(watched, since, end, now)
        since = end


def _stretch(
    watched: _Watched, since: datetime, until: datetime, now: datetime
) -> Iterator[Finding]:
    said = _said(watched, since, until)
    told = {minute // MINUTES for minutes in said.values() for minute in minutes}
    for quarter in sorted(told):
        start = datetime.fromtimestamp(quarter * WINDOW.total_seconds(), tz=UTC)
        finding = judge_treatment(
            watched.facility,
            start,
            [_minute(watched.facility, said, quarter * MINUTES + at) for at in range(MINUTES)],
            outlet=watched.outlet.name,
            known_at=now,
        )
        if finding is not None:
            yield finding


def _quarters(window: WindowTouched, now: datetime) -> tuple[datetime, datetime]:
    """Give `[since, until)`, whole quarters that are over and that the window touches."""
    until = min(
        whole_quarter(window.end - timedelta(microseconds=1)) + WINDOW,
        whole_quarter(now - SETTLING),
    )
    return whole_quarter(window.start - STRAGGLING), until


def _minute(facility: Facility, said: _Said, minute: int) -> Minute:
    running = tuple(said[signal].get(minute) for signal in facility.running)
    return Minute(said[facility.demand].get(minute), running)


def _said(watched: _Watched, since: datetime, until: datetime) -> _Said:
    """Give the last word of each signal in each minute of the epoch, as the site keeps it."""
    told: dict[Signal, dict[int, Decimal]] = {signal: {} for signal in watched.facility.signals}
    for query in _queries(watched, since, until):
        columns = watched.series.read(query)
        for signal, minutes in told.items():
            if signal.subject == query.subject and signal.channel in columns.values:
                minutes.update(_words(columns, signal.channel))
    return told


def _words(columns: Columns, channel: str) -> Iterator[tuple[int, Decimal]]:
    """Give the minute of each word of a channel, in order of time, with the word."""
    for at, value in zip(columns.times.tolist(), columns.values[channel].tolist(), strict=True):
        if value == value:  # noqa: PLR0124, not a NaN: something was said
            yield at // _MINUTE_MS, Decimal(str(value))


def _queries(watched: _Watched, since: datetime, until: datetime) -> Iterator[SeriesQuery]:
    signals = watched.facility.signals
    for subject in watched.facility.subjects:
        asked = dict.fromkeys(one.channel for one in signals if one.subject == subject)
        for table, channels in by_table(tuple(asked), watched.outlet.medium):
            yield SeriesQuery(table, subject, channels, since, until, Step.RAW)
