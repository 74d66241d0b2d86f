"""Telemetry in dictionaries: the same promises as the time-series store, nothing to start."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plume.model.telemetry import Columns, SeriesTable
from plume.ports.series import SeriesQuery, Step

_WIDTHS = {Step.MINUTE: 60_000, Step.HOUR: 3_600_000, Step.DAY: 86_400_000}
_BEIJING_MS = 8 * 3_600_000
_Row = dict[str, float]


class MemorySeries:
    """The series store in dictionaries, one per (table, subject)."""

    def __init__(self) -> None:
        self._rows: dict[tuple[SeriesTable, str], dict[int, _Row]] = {}

    def write(self, batch: Sequence[Columns]) -> None:
        """Keep the batch; the same (table, subject, time) again replaces the row's fields."""
        for columns in batch:
            rows = self._rows.setdefault((columns.table, columns.subject), {})
            for code, values in columns.values.items():
                present = np.isfinite(values)
                _put(rows, code, columns.times[present], values[present])
            for code, flags in columns.flags.items():
                told = flags != 0
                _put(rows, f"{code}_flag", columns.times[told], flags[told])

    def read(self, query: SeriesQuery) -> Columns:
        """Give the channels asked for; flags for raw steps only."""
        since, until = (round(at.timestamp() * 1000) for at in (query.since, query.until))
        rows = self._rows.get((query.table, query.subject), {})
        flags = [f"{code}_flag" for code in query.channels] if query.step is Step.RAW else []
        asked = {*query.channels, *flags}
        times = np.array(
            sorted(at for at, row in rows.items() if since <= at < until and asked & row.keys()),
            np.int64,
        )
        values = {code: _column(rows, times, code) for code in query.channels}
        told = {name.removesuffix("_flag"): _column(rows, times, name) for name in flags}
        ordinals = {code: np.nan_to_num(each).astype(np.uint8) for code, each in told.items()}
        raw = Columns(query.table, query.subject, times, values, _told(ordinals))
        return raw if query.step is Step.RAW else _means(raw, _WIDTHS[query.step])


def _put(
    rows: dict[int, _Row], name: str, times: NDArray[np.int64], values: NDArray[np.generic]
) -> None:
    for at, value in zip(times.tolist(), values.tolist(), strict=True):
        rows.setdefault(at, {})[name] = value


def _column(rows: dict[int, _Row], times: NDArray[np.int64], name: str) -> NDArray[np.float64]:
    return np.array([rows[at].get(name, np.nan) for at in times.tolist()], np.float64)


def _told(flags: dict[str, NDArray[np.uint8]]) -> dict[str, NDArray[np.uint8]]:
    """Leave out channels for which no flag was ever said."""
    return {code: each for code, each in flags.items() if each.any()}


def _means(raw: Columns, width: int) -> Columns:
    """Average over buckets `[start, start + width)` that begin at Beijing midnight."""
    buckets = (raw.times + _BEIJING_MS) // width * width - _BEIJING_MS
    starts, place = np.unique(buckets, return_inverse=True)
    values = {code: _mean(each, place, len(starts)) for code, each in raw.values.items()}
    return Columns(raw.table, raw.subject, starts, values)


def _mean(values: NDArray[np.float64], place: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    present = np.isfinite(values)
    sums = np.bincount(place[present], values[present], minlength=count)
    counts = np.bincount(place[present], minlength=count)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
