"""Rows of one table as Arrow: new ones laid over settled ones, duplicates joined."""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from infra.local.series_server.line_protocol import Value

Key = tuple[tuple[tuple[str, str], ...], int]
"""Tags and time [ns] of one row."""
_MOST_CHUNKS = 32


@dataclass(slots=True)
class Day:
    """One day of one table that was written to: what was settled, and what came since."""

    settled: pa.Table | None
    fresh: dict[Key, dict[str, Value]] = field(default_factory=dict)


def _arrow(rows: dict[Key, dict[str, Value]], schema: pa.Schema) -> pa.Table:
    tags = [dict(key[0]) for key in rows]
    values: list[dict[str, Any]] = list(rows.values())
    columns = [
        pa.array([tag.get(each.name) for tag in tags], pa.string()).dictionary_encode()
        if pa.types.is_dictionary(each.type)
        else pa.array([row.get(each.name) for row in values], each.type)
        for each in schema
        if each.name != "time"
    ]
    times = pa.array([key[1] for key in rows], pa.timestamp("ns"))
    return pa.table([*columns, times], schema=schema)


def merged(day: Day, schema: pa.Schema, tags: list[str]) -> pa.Table:
    """Lay the fresh rows over the settled ones: per field the last value written wins."""
    fresh = _arrow(day.fresh, schema)
    if day.settled is None:
        return fresh
    settled = _widened(day.settled, schema)
    twice = pc.is_in(settled["time"], value_set=pc.unique(fresh["time"]))
    again = settled.filter(twice)
    top = _joined(pa.concat_tables([again, fresh]), [*tags, "time"]) if again.num_rows else fresh
    rows = pa.concat_tables([settled.filter(pc.invert(twice)), top])
    return rows.combine_chunks() if rows["time"].num_chunks > _MOST_CHUNKS else rows


def _widened(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Give rows the columns that came after they were settled."""
    known = set(rows.column_names)
    columns = [
        rows[column.name].cast(column.type)
        if column.name in known
        else pa.nulls(rows.num_rows, column.type)
        for column in schema
    ]
    return pa.table(columns, schema=schema)


def _joined(rows: pa.Table, keys: list[str]) -> pa.Table:
    """Make one row of those with equal keys: per field the last value that is not null."""
    plain = rows.cast(pa.schema([_without_dictionary(column) for column in rows.schema]))
    fields = [name for name in rows.column_names if name not in keys]
    grouped = plain.group_by(keys, use_threads=False).aggregate([(f, "last") for f in fields])
    columns = [grouped[name if name in keys else f"{name}_last"] for name in rows.column_names]
    return pa.table(columns, names=rows.column_names).cast(rows.schema)


def sorted_by(rows: pa.Table, keys: list[str]) -> pa.Table:
    """Sort by keys; Arrow cannot sort dictionaries, so their plain text leads."""
    plain = pa.table(
        [rows[key].cast(_without_dictionary(rows.schema.field(key)).type) for key in keys], keys
    )
    return rows.take(pc.sort_indices(plain, [(key, "ascending") for key in keys]))


def _without_dictionary(column: pa.Field) -> pa.Field:
    return pa.field(column.name, pa.string()) if pa.types.is_dictionary(column.type) else column
