"""Point blocks that follow one another, as one: channel names and first values are said once.

Nothing is lost or rounded: only blocks of one subject with the same channels, flags and decimals,
whose times do not overlap, are laid end to end.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from plume.model.telemetry import Columns
from plume.series import block

MOST_POINTS = 100_000
"""More points in one block than this do not fit into a segment anyway."""


def merged(blocks: Sequence[bytes]) -> tuple[bytes, ...]:
    """Give the blocks with those that follow one another made into one.

    A block that cannot be read stays as it is, and so do those that gain nothing.
    """
    if len(blocks) < 2:  # noqa: PLR2004, one has nothing to be merged with
        return tuple(blocks)
    alone: list[bytes] = []
    groups: list[list[tuple[bytes, Columns]]] = []
    open_groups: dict[object, list[tuple[bytes, Columns]]] = {}
    for each in blocks:
        try:
            columns = block.decode(each)
        except block.BadBlock:
            alone.append(each)
            continue
        layout = _layout(columns)
        group = open_groups.get(layout)
        if group is None or not _follows(group, columns):
            group = open_groups[layout] = []
            groups.append(group)
        group.append((each, columns))
    return (*alone, *(one for group in groups for one in _one(group)))


def joined(group: Sequence[Columns]) -> Columns:
    """Lay columns of one subject end to end; what one of them does not say is NaN, flag 0.

    Of two rows of the same time the later one in the group stays.
    """
    times = np.concatenate([one.times for one in group])
    order = np.argsort(times, kind="stable")
    last = np.append(np.diff(times[order]) > 0, [True]) if len(times) else np.zeros(0, np.bool_)
    chosen = order[last]
    codes = list(dict.fromkeys(code for one in group for code in one.values))
    flagged = list(dict.fromkeys(code for one in group for code in one.flags))
    return Columns(
        table=group[0].table,
        subject=group[0].subject,
        times=times[chosen],
        values={
            code: _laid((one.values.get(code) for one in group), group, np.nan)[chosen]
            for code in codes
        },
        flags={
            code: _laid((one.flags.get(code) for one in group), group, 0)[chosen].astype(np.uint8)
            for code in flagged
        },
        decimals={code: digits for one in group for code, digits in one.decimals.items()},
    )


def _layout(columns: Columns) -> object:
    decimals = tuple(sorted(columns.decimals.items()))
    channels = (tuple(columns.values), tuple(columns.flags))
    return columns.table, columns.subject, channels, decimals


def _follows(group: Sequence[tuple[bytes, Columns]], columns: Columns) -> bool:
    """Whether columns begin behind the last time of a group, and it has room for them."""
    last = group[-1][1].times
    if not len(last) or not len(columns.times) or columns.times[0] <= last[-1]:
        return False
    rows = sum(len(one.times) for _, one in group) + len(columns.times)
    return rows * (len(columns.values) + 1) <= MOST_POINTS


def _one(group: Sequence[tuple[bytes, Columns]]) -> list[bytes]:
    """Give a group as one block, or as it was where that is smaller."""
    raws = [raw for raw, _ in group]
    if len(raws) == 1:
        return raws
    whole = block.encode(joined([columns for _, columns in group]))
    return [whole] if len(whole) < sum(map(len, raws)) else raws


def _laid(
    parts: Iterable[NDArray[np.float64] | NDArray[np.uint8] | None],
    group: Sequence[Columns],
    missing: float,
) -> NDArray[np.float64]:
    filled = [
        np.full(len(one.times), missing) if part is None else part.astype(np.float64)
        for part, one in zip(parts, group, strict=True)
    ]
    return np.concatenate(filled)
