"""The HTTP side: what an InfluxDB 3 answers, as far as Plume asks."""

import asyncio
import gzip
import hmac
import re
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from time import time_ns

from aiohttp import web

from infra.local.series_server.query import BadQuery, Engine, written
from infra.local.series_server.store import MOST_ROWS_IN_MEMORY, Database

MOST_BODY_BYTES = 10 << 20
_CHECKPOINT_SECONDS = 300.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,63}")
_UNITS = {"nanosecond": 1, "microsecond": 10**3, "millisecond": 10**6, "second": 10**9}
_SHORT_UNITS = {"ns": "nanosecond", "us": "microsecond", "ms": "millisecond", "s": "second",
                "n": "nanosecond", "u": "microsecond"}  # fmt: skip
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SeriesServer:
    """All databases of one folder behind one token.

    A database is made by the first write to it, as InfluxDB 3 does.
    """

    def __init__(self, folder: Path, token: str) -> None:
        self._folder = folder
        self._token = token
        self._databases: dict[str, tuple[Database, Engine]] = {}
        for path in sorted(folder.glob("*/")):
            self._open(path.name)

    def application(self) -> web.Application:
        """Give the aiohttp application."""
        app = web.Application(client_max_size=MOST_BODY_BYTES + 1, middlewares=[self._authorised])
        app.router.add_get("/health", _health)
        app.router.add_get("/ping", _health)
        app.router.add_post("/api/v3/write_lp", self._write_v3)
        app.router.add_post("/api/v2/write", self._write_v2)
        app.router.add_get("/api/v3/query_sql", self._query)
        app.router.add_post("/api/v3/query_sql", self._query)
        app.cleanup_ctx.append(self._checkpoints)
        return app

    @web.middleware
    async def _authorised(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        if request.path in {"/health", "/ping"}:
            return await handler(request)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        known = hmac.compare_digest(token.encode(), self._token.encode())
        if scheme not in {"Bearer", "Token"} or not known:
            return web.json_response({"error": "the request was not authenticated"}, status=401)
        return await handler(request)

    async def _checkpoints(self, _: web.Application) -> AsyncIterator[None]:
        settling = asyncio.create_task(self._settle_for_ever())
        yield
        settling.cancel()
        for database, _engine in self._databases.values():
            await asyncio.to_thread(database.close)

    async def _settle_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_CHECKPOINT_SECONDS)
            for database, _ in list(self._databases.values()):
                await asyncio.to_thread(database.checkpoint)

    async def _write_v3(self, request: web.Request) -> web.Response:
        precision = request.query.get("precision", "auto")
        accept_partial = request.query.get("accept_partial", "true") == "true"
        return await self._write(request, request.query.get("db", ""), precision, accept_partial)

    async def _write_v2(self, request: web.Request) -> web.Response:
        precision = _SHORT_UNITS.get(request.query.get("precision", "ns"), "")
        return await self._write(request, request.query.get("bucket", ""), precision, True)  # noqa: FBT003, v2 always accepts what is good

    async def _write(
        self,
        request: web.Request,
        name: str,
        precision: str,
        accept_partial: bool,  # noqa: FBT001, a parameter of the request
    ) -> web.Response:
        if precision not in _UNITS and precision != "auto":
            return _refused(400, f"unknown precision '{precision}'")
        if not _NAME.fullmatch(name):
            return _refused(400, "invalid character in database name")
        try:
            body = await _body(request)
        except (UnicodeDecodeError, OSError, EOFError, zlib.error) as fault:
            return _refused(400, f"could not read the body: {fault}")
        if len(body) > MOST_BODY_BYTES:
            return _refused(413, f"request body is longer than {MOST_BODY_BYTES} bytes")
        unit = _UNITS[precision] if precision in _UNITS else _guessed_unit(body)
        return await asyncio.to_thread(self._written, name, body, unit, accept_partial)

    def _written(self, name: str, body: str, unit: int, accept_partial: bool) -> web.Response:  # noqa: FBT001, a parameter of the request
        database, _ = self._open(name)
        faults = database.write(body, unit=unit, now=time_ns(), accept_partial=accept_partial)
        if database.rows_in_memory() > MOST_ROWS_IN_MEMORY:
            database.checkpoint()
        if not faults:
            return web.Response(status=204)
        if accept_partial:
            answer: dict[str, object] = {
                "error": "partial write of line protocol occurred",
                "data": [asdict(fault) for fault in faults],
            }
        else:
            answer = {
                "error": "parsing failed for write_lp endpoint",
                "data": asdict(faults[0]),
            }
        return web.json_response(answer, status=400)

    async def _query(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        if request.method == "POST":
            try:
                asked |= await request.json()
            except ValueError as fault:
                return _refused(400, f"could not read the body: {fault}")
        name, statement = str(asked.get("db", "")), str(asked.get("q", ""))
        if name not in self._databases:
            return _refused(404, f"database not found: {name}")
        _, engine = self._databases[name]
        try:
            rows = await asyncio.to_thread(engine.run, statement)
            content, content_type = written(rows, str(asked.get("format", "json")))
        except BadQuery as fault:
            return _refused(400, f"error while planning or running the query: {fault}")
        return web.Response(body=content, content_type=content_type)

    def _open(self, name: str) -> tuple[Database, Engine]:
        if name not in self._databases:
            database = Database(self._folder / name)
            self._databases[name] = (database, Engine(database))
        return self._databases[name]


async def _health(_: web.Request) -> web.Response:
    return web.Response(text="OK")


async def _body(request: web.Request) -> str:
    """Read a body as text.

    Raises:
        OSError: it is packed in a way that is not known, or not packed as it says.
        EOFError: it is cut short.
        UnicodeDecodeError: it is no text.
    """
    raw, packed = await request.read(), request.headers.get("Content-Encoding", "identity")
    if packed not in {"gzip", "identity"}:
        raise OSError(f"unknown content encoding '{packed}'")
    if packed == "gzip":
        raw = await asyncio.to_thread(_inflated, raw)
    return raw.decode()


def _inflated(raw: bytes) -> bytes:
    """Undo gzip, one byte past the limit at most; several members follow each other."""
    with gzip.open(BytesIO(raw)) as file:
        return file.read(MOST_BODY_BYTES + 1)


def _guessed_unit(body: str) -> int:
    """Guess the unit from the size of the first timestamp, as `precision=auto` does."""
    found = re.search(r" (-?\d+)\s*$", body.partition("\n")[0])
    size = len(found[1].lstrip("-")) if found else 19
    return next(
        (unit for digits, unit in ((11, 10**9), (14, 10**6), (17, 10**3)) if size < digits), 1
    )


def _refused(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)
