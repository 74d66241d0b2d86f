"""The curves of an outlet, with no more points than a screen can show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from plume.model.identity import OutletId
from plume.model.outlet import Medium
from plume.model.permission import Permission
from plume.model.person import Person
from plume.model.telemetry import Columns, SeriesTable, table_in
from plume.ports.registry import Registry
from plume.ports.series import Series, SeriesQuery, Step
from plume.usecases.in_sight import outlet_in_sight, require

WIDTHS = {
    Step.RAW: timedelta(seconds=10),  # how close samples are expected to be, for `auto` only
    Step.MINUTE: timedelta(minutes=1),
    Step.HOUR: timedelta(hours=1),
    Step.DAY: timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class CurveQuestion:
    """Which curves: `[since, until)`; no channels means the outlet's factors; None step: auto."""

    outlet: OutletId
    channels: tuple[str, ...]
    since: datetime
    until: datetime
    step: Step | None
    max_points: int


@dataclass(frozen=True, slots=True)
class Curves:
    """The answer; `thinned` says that points were left out, never an extreme one."""

    columns: Columns
    step: Step
    thinned: bool


def read_series(
    asker: Person, question: CurveQuestion, *, registry: Registry, series: Series
) -> Curves:
    """Give the curves.

    Raises:
        NotThere: no such outlet within the scope.
        Unavailable: the time-series store does not answer.
    """
    require(asker, Permission.MONITOR_VIEW)
    outlet = outlet_in_sight(asker, question.outlet, registry)
    step = question.step or fitting_step(question.until - question.since, question.max_points)
    queries = [
        SeriesQuery(table, outlet.id, channels, question.since, question.until, step)
        for table, channels in by_table(question.channels or outlet.factors, outlet.medium)
    ]
    columns = joined([series.read(query) for query in queries])
    thin = thinned(columns, question.max_points)
    return Curves(thin, step, thinned=len(thin.times) < len(columns.times))


def joined(parts: Sequence[Columns]) -> Columns:
    """Put curves of several tables side by side; NaN, without a flag, where one says nothing."""
    if len(parts) == 1:
        return parts[0]
    times = np.unique(np.concatenate([part.times for part in parts]))
    values: dict[str, NDArray[np.float64]] = {}
    flags: dict[str, NDArray[np.uint8]] = {}
    for part in parts:
        places = np.searchsorted(times, part.times)
        for code, said in part.values.items():
            values[code] = np.full(len(times), np.nan)
            values[code][places] = said
        for code, letters in part.flags.items():
            flags[code] = np.zeros(len(times), np.uint8)
            flags[code][places] = letters
    decimals = {code: digits for part in parts for code, digits in part.decimals.items()}
    return replace(parts[0], times=times, values=values, flags=flags, decimals=decimals)


def by_table(
    channels: Sequence[str], medium: Medium
) -> Iterator[tuple[SeriesTable, tuple[str, ...]]]:
    """Tell where the channels lie; with none, where those of the outlet would."""
    if not channels:
        yield table_in(medium, "a"), ()
    for table in SeriesTable:
        mine = tuple(code for code in channels if table_in(medium, code) is table)
        if mine:
            yield table, mine


def fitting_step(length: timedelta, max_points: int) -> Step:
    """Choose the finest step that gives at most about `max_points`."""
    return next((s for s, width in WIDTHS.items() if length / width <= max_points), Step.DAY)


def thinned(columns: Columns, max_points: int) -> Columns:
    """Keep the lowest and highest point of each channel in equal stretches, first and last."""
    count, channels = len(columns.times), max(len(columns.values), 1)
    if count <= max_points:
        return columns
    stretches = max((max_points - 2) // (2 * channels), 1)
    kept = [np.array([0, count - 1])]
    for values in columns.values.values():
        kept += _extremes(values, stretches)
    chosen = np.unique(np.concatenate(kept))
    return replace(
        columns,
        times=columns.times[chosen],
        values={code: values[chosen] for code, values in columns.values.items()},
        flags={code: flags[chosen] for code, flags in columns.flags.items()},
    )


def _extremes(values: NDArray[np.float64], stretches: int) -> list[NDArray[np.int64]]:
    """Give the places of the minimum and of the maximum of each stretch; NaN counts as neither."""
    width = -(-len(values) // stretches)
    padded = np.full(width * stretches, np.nan)
    padded[: len(values)] = values
    grid = padded.reshape(stretches, width)
    starts = np.arange(stretches) * width
    low = starts + np.where(np.isnan(grid), np.inf, grid).argmin(axis=1)
    high = starts + np.where(np.isnan(grid), -np.inf, grid).argmax(axis=1)
    return [places[places < len(values)] for places in (low, high)]
