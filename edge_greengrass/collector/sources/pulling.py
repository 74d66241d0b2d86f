"""What pulls have in common: tables read row by row, beside everything else, and bad rows told.

A business system may answer with a hundred thousand rows at once. They are read and written down
in a thread, and kept part by part, so that no data logger waits for its answer meanwhile.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from edge_greengrass.collector.sources.rows import BadRow, Mapped, RowMap
from edge_greengrass.collector.sources.source import Sink
from plume.errors import Unavailable

PART_ROWS = 1_000
"""So many are kept at a time."""
_T = TypeVar("_T")


async def aside(act: Callable[[], _T]) -> _T:
    """Do something in a thread; whoever is cancelled meanwhile sees it through first."""
    doing = asyncio.ensure_future(asyncio.to_thread(act))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait({doing})
        raise


async def keep_rows(mapping: RowMap, rows: Sequence[Mapped], sink: Sink) -> None:
    """Keep rows; returns when all are on the disk."""
    for first in range(0, len(rows), PART_ROWS):
        await sink.keep(mapping.points(rows[first : first + PART_ROWS]))


def read_rows(mapping: RowMap, content: bytes, sink: Sink) -> list[Mapped]:
    """Read the rows of an answer or a file; a bad one is complained of and left out.

    Raises:
        Unavailable: not a single row is as the mapping says, or it is no table at all.
    """
    try:
        rows = mapping.rows_of(content)
    except BadRow as fault:
        raise Unavailable(fault.message) from fault
    for name in mapping.absent(rows):
        sink.complain(f"no column {name}")
    found: list[Mapped] = []
    why = ""
    for number, row in enumerate(rows):
        try:
            found.append(mapping.mapped(row))
        except BadRow as fault:
            why = f"row {number}: {fault.message}"
            sink.complain(why)
    if rows and not found:
        raise Unavailable(why)
    return found
