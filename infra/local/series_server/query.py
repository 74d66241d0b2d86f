"""SQL over a database, by Apache DataFusion: the engine inside InfluxDB 3."""

import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from datafusion import DataFrame, SessionConfig, SessionContext, SQLOptions

from infra.local.series_server.store import Database


class BadQuery(Exception):
    """The statement cannot be planned or run."""


class Engine:
    """Plans and runs statements against one database; a plan sees what was written before it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._version = -1
        self._session = SessionContext()

    def run(self, statement: str) -> pa.Table:
        """Run one SELECT.

        Raises:
            BadQuery: with the engine's sentence.
        """
        options = SQLOptions().with_allow_ddl(allow=False).with_allow_dml(allow=False)
        try:
            frame = self._current().sql_with_options(
                statement, options.with_allow_statements(allow=False)
            )
            return pa.Table.from_batches(frame.collect(), schema=frame.schema())
        except Exception as fault:  # the engine raises bare Exception for every fault
            raise BadQuery(str(fault)) from fault

    def _current(self) -> SessionContext:
        with self._database.lock:
            if self._version != self._database.version:
                self._session = _session(self._database)
                self._version = self._database.version
            return self._session


def written(rows: pa.Table, form: str) -> tuple[bytes, str]:
    """Write rows in the form asked for; give the content type too.

    Raises:
        BadQuery: the form is unknown.
    """
    if form not in _FORMS:
        raise BadQuery(f"unknown format '{form}', use one of {', '.join(_FORMS)}")
    writer, content_type = _FORMS[form]
    return writer(rows), content_type


def _session(database: Database) -> SessionContext:
    config = SessionConfig().with_information_schema(enabled=True).with_target_partitions(2)
    session = SessionContext(config.with_default_catalog_and_schema("public", "iox"))
    for name in database.tables:
        session.register_view(name, _frame(session, database, name))
    return session


def _frame(session: SessionContext, database: Database, name: str) -> DataFrame:
    """Make one table of the settled files and of the days in memory."""
    touched = database.rows_of_touched_days(name)
    recent = session.read_batches(touched.to_batches() or [_empty(touched.schema)])
    folder = database.settled_folder(name)
    if folder is None:
        return recent
    settled = session.read_parquet(folder, schema=touched.schema)
    return settled.union(recent) if touched.num_rows else settled


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], each.type) for each in schema], schema=schema)


def _objects(rows: pa.Table) -> list[dict[str, Any]]:
    """Give rows as JSON objects: null left out, times as ISO 8601 in UTC without offset."""
    return [
        {name: _plain(value) for name, value in row.items() if value is not None}
        for row in _texted(rows).to_pylist()
    ]


def _texted(rows: pa.Table) -> pa.Table:
    """Turn times into text, to the nanosecond where there is a fraction."""
    for place, column in enumerate(rows.schema):
        if pa.types.is_timestamp(column.type):
            text = pc.strftime(rows[column.name], format="%Y-%m-%dT%H:%M:%S")
            whole = pc.replace_substring_regex(text, r"\.0+$", "")
            rows = rows.set_column(place, column.name, whole)
    return rows


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | float | str) else str(value)


def _json(rows: pa.Table) -> bytes:
    return json.dumps(_objects(rows), ensure_ascii=False).encode()


def _jsonl(rows: pa.Table) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _objects(rows)).encode()


def _csv(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    options = pyarrow.csv.WriteOptions(quoting_style="needed")
    pyarrow.csv.write_csv(_texted(rows), sink, options)
    return sink.getvalue()


def _parquet(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(rows, sink)
    return sink.getvalue()


_FORMS: dict[str, tuple[Callable[[pa.Table], bytes], str]] = {
    "json": (_json, "application/json"),
    "jsonl": (_jsonl, "application/jsonl"),
    "csv": (_csv, "text/csv"),
    "parquet": (_parquet, "application/vnd.apache.parquet"),
}
