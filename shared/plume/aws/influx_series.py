"""The series store on Amazon Timestream for InfluxDB 3, over its HTTP interface.

Line protocol in, SQL out, in the subset that plain Apache DataFusion runs. Buckets begin at
Beijing midnight (+08:00).
"""

import csv
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import local
from urllib.parse import urlencode, urlsplit

import numpy as np
from numpy.typing import NDArray

from plume.aws.line_protocol import (
    FLAG_SUFFIX,
    SUBJECT_TAG,
    lines_of,
    required_code,
    required_subject,
)
from plume.errors import Refused, Unavailable
from plume.model.telemetry import Columns
from plume.ports.series import SeriesQuery, Step

MOST_BODY_BYTES = 4 << 20
"""Uncompressed; the engine's own limit is 10 MiB (`max-http-request-size`)."""
_TIMEOUT_SECONDS = 10.0
_REFUSED = {400, 413, 422}
_BEIJING_ORIGIN = "TIMESTAMP '1970-01-01T16:00:00'"
_INTERVALS = {
    Step.MINUTE: "INTERVAL '1 minute'",
    Step.HOUR: "INTERVAL '1 hour'",
    Step.DAY: "INTERVAL '1 day'",
}
_MILLISECONDS = "CAST({} AS BIGINT) / 1000000 AS at"


class InfluxSeries:
    """Implements `plume.ports.series.Series`.

    Args:
        url: scheme, host and port of the cluster.
        token: sent as bearer token.
        database: made by the first write.
    """

    def __init__(self, url: str, token: str, database: str) -> None:
        self._url = urlsplit(url)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._database = database
        self._thread = local()

    def write(self, batch: Sequence[Columns]) -> None:
        """Keep the batch; the same (table, subject, time) again replaces the row's fields.

        Raises:
            Unavailable: not written, or perhaps only in part: write it again.
            Refused: the store will never take it: a name, a type, a limit.
        """
        asked = {
            "db": self._database,
            "precision": "millisecond",
            "accept_partial": "false",
            "no_sync": "false",
        }
        headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain; charset=utf-8"}
        for body in _bodies(b"".join(lines_of(columns) for columns in batch)):
            packed = gzip.compress(body, compresslevel=1, mtime=0)
            self._call("POST", f"/api/v3/write_lp?{urlencode(asked)}", packed, headers)

    def read(self, query: SeriesQuery) -> Columns:
        """Give the channels asked for; one that is unknown comes back empty of values.

        Raises:
            Unavailable: the store did not answer.
            Refused: a channel or the subject is no name.
        """
        asked = [required_code(code) for code in query.channels]
        required_subject(query.subject)
        known = self._columns(query.table.value)
        shown = [code for code in asked if code in known]
        flags = [f"{code}{FLAG_SUFFIX}" for code in asked] if query.step is Step.RAW else []
        told = [name for name in flags if name in known]
        rows = self._rows(_statement(query, shown, told)) if shown or told else {}
        return _columns_of(query, rows, told)

    def close(self) -> None:
        """Let go of this thread's connection; the next call opens another."""
        if hasattr(self._thread, "connection"):
            self._thread.connection.close()
            del self._thread.connection

    def _columns(self, table: str) -> set[str]:
        """Give the columns of a table, none when it was never written to."""
        statement = (
            "SELECT column_name FROM information_schema.columns"  # noqa: S608, quoted by _text
            f" WHERE table_schema = 'iox' AND table_name = {_text(table)}"
        )
        return set(self._rows(statement).get("column_name", []))

    def _rows(self, statement: str) -> dict[str, list[str]]:
        """Run a statement and give its columns as text, '' for null."""
        body = json.dumps({"db": self._database, "q": statement, "format": "csv"}).encode()
        headers = {"Content-Type": "application/json"}
        answer = self._call("POST", "/api/v3/query_sql", body, headers, absent=b"")
        names, *rows = [*csv.reader(io.StringIO(answer.decode()))] or [[]]
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        return {name: list(column) for name, column in zip(names, columns, strict=True)}

    def _call(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: dict[str, str],
        *,
        absent: bytes | None = None,
    ) -> bytes:
        """Send one request; `absent` stands for the answer of a database not made yet."""
        status, answer = self._sent(method, path, body, {**self._headers, **headers})
        if status == 404 and absent is not None:  # noqa: PLR2004, the one status named twice
            return absent
        if status in _REFUSED:
            raise Refused(f"the series store refuses: {answer[:500].decode(errors='replace')}")
        if not 200 <= status < 300:  # noqa: PLR2004, the statuses of success
            raise Unavailable(f"series store: {status} {answer[:200].decode(errors='replace')}")
        return answer

    def _sent(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Send on this thread's connection; an old one that has gone is opened again, once."""
        fresh = not hasattr(self._thread, "connection")
        connection = self._connection()
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException) as fault:
            self.close()
            if fresh or isinstance(fault, TimeoutError):
                raise Unavailable(f"series store: {fault}") from fault
        return self._sent(method, path, body, headers)

    def _connection(self) -> HTTPConnection:
        if not hasattr(self._thread, "connection"):
            secure = self._url.scheme == "https"
            kind = HTTPSConnection if secure else HTTPConnection
            host = self._url.hostname or ""
            self._thread.connection = kind(host, self._url.port, timeout=_TIMEOUT_SECONDS)
        connection: HTTPConnection = self._thread.connection
        return connection


def _bodies(lines: bytes) -> Iterator[bytes]:
    """Cut lines into bodies of at most MOST_BODY_BYTES, at line ends."""
    start = 0
    while start < len(lines):
        end = len(lines)
        if end - start > MOST_BODY_BYTES:
            end = lines.rindex(b"\n", start, start + MOST_BODY_BYTES) + 1
        yield lines[start:end]
        start = end


def _statement(query: SeriesQuery, channels: list[str], flags: list[str]) -> str:
    said = " OR ".join(f"{_name(name)} IS NOT NULL" for name in [*channels, *flags])
    where = (
        f" FROM {_name(query.table.value)} WHERE {_name(SUBJECT_TAG)} = {_text(query.subject)}"
        f" AND time >= {_instant(query.since)} AND time < {_instant(query.until)} AND ({said})"
    )
    if query.step is Step.RAW:
        shown = [_MILLISECONDS.format("time"), *map(_name, [*channels, *flags])]
        return f"SELECT {', '.join(shown)}{where} ORDER BY time"
    bucket = f"date_bin({_INTERVALS[query.step]}, time, {_BEIJING_ORIGIN})"
    shown = [_MILLISECONDS.format(bucket), *(f"avg({_name(c)}) AS {_name(c)}" for c in channels)]
    return f"SELECT {', '.join(shown)}{where} GROUP BY {bucket} ORDER BY at"


def _columns_of(query: SeriesQuery, rows: dict[str, list[str]], flags: list[str]) -> Columns:
    times = np.array(rows.get("at", []), np.int64)
    values = {code: _floats(rows.get(code), len(times)) for code in query.channels}
    ordinals = {name: np.nan_to_num(_floats(rows[name], len(times))) for name in flags if rows}
    return Columns(
        table=query.table,
        subject=query.subject,
        times=times,
        values=values,
        flags={
            name.removesuffix(FLAG_SUFFIX): each.astype(np.uint8)
            for name, each in ordinals.items()
            if each.any()
        },
    )


def _floats(texts: list[str] | None, count: int) -> NDArray[np.float64]:
    if texts is None:
        return np.full(count, np.nan)
    return np.array([text or "nan" for text in texts], np.float64)


def _name(identifier: str) -> str:
    """Quote an identifier; a quote within is doubled, though no name that got here has one."""
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _instant(at: datetime) -> str:
    return f"TIMESTAMP '{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}'"
