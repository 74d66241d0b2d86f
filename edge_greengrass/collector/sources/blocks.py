"""Points of one source as point blocks: one per table, each small enough for one segment."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from edge_greengrass.collector.sources.channel import Channel
from edge_greengrass.collector.sources.source import Points
from plume.model.telemetry import Columns, SeriesTable, table_of
from plume.series import block

MOST_BYTES = 4_000
"""A block above this is halved: with its frame it must fit a segment of 5,000 bytes."""


def blocks_of(subject: str, channels: Sequence[Channel], points: Sequence[Points]) -> list[bytes]:
    """Encode points, given in any order, under their subject."""
    joined = _joined(points)
    return [
        data
        for table in SeriesTable
        for columns in _columns(subject, table, channels, joined)
        for data in _encoded(columns)
    ]


def _joined(points: Sequence[Points]) -> Points:
    """Put points into the order of time; of two words on one moment the later one stands."""
    times = np.concatenate([one.times for one in points])
    values = np.concatenate([one.values for one in points], axis=1)
    flags = np.concatenate([one.flags for one in points], axis=1)
    if bool((times[1:] > times[:-1]).all()):
        return Points(times, values, flags)
    unique, places = np.unique(times, return_inverse=True)
    merged = np.full((len(values), len(unique)), np.nan)
    marks = np.zeros((len(values), len(unique)), np.uint8)
    for row, marked in enumerate(flags):
        said = np.flatnonzero(marked)
        merged[row, places[said]] = values[row, said]
        marks[row, places[said]] = flags[row, said]
    return Points(unique, merged, marks)


def _columns(
    subject: str, table: SeriesTable, channels: Sequence[Channel], points: Points
) -> Iterator[Columns]:
    said = np.asarray(points.flags.any(axis=1))
    rows = [at for at, one in enumerate(channels) if said[at] and table_of(one.code) is table]
    if not rows:
        return
    moments = np.asarray(points.flags[rows].any(axis=0))
    yield Columns(
        table=table,
        subject=subject,
        times=points.times[moments],
        values={channels[at].code: points.values[at, moments] for at in rows},
        flags={channels[at].code: points.flags[at, moments] for at in rows},
        decimals={channels[at].code: channels[at].decimals for at in rows},
    )


def _encoded(columns: Columns) -> Iterator[bytes]:
    """Encode; what is too long is halved in time, and a single moment in channels."""
    data = block.encode(columns)
    halves = _halves(columns) if len(data) > MOST_BYTES else ()
    if not halves:
        yield data
    for half in halves:
        yield from _encoded(half)


def _halves(columns: Columns) -> tuple[Columns, ...]:
    middle = len(columns.times) // 2
    if middle:
        return _during(columns, slice(0, middle)), _during(columns, slice(middle, None))
    codes = list(columns.values)
    middle = len(codes) // 2
    return (_only(columns, codes[:middle]), _only(columns, codes[middle:])) if middle else ()


def _during(columns: Columns, moments: slice) -> Columns:
    return replace(
        columns,
        times=columns.times[moments],
        values={code: one[moments] for code, one in columns.values.items()},
        flags={code: one[moments] for code, one in columns.flags.items()},
    )


def _only(columns: Columns, codes: Sequence[str]) -> Columns:
    return replace(
        columns,
        values={code: columns.values[code] for code in codes},
        flags={code: columns.flags[code] for code in codes},
        decimals={code: columns.decimals[code] for code in codes},
    )
