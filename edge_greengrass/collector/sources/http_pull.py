"""HTTP pull: a business system asked at a steady pace for what is new.

Ambient quality, vehicle exhaust inspection (机动车尾气), door access and electricity meters lie in
systems that answer with JSON or CSV. What is not modified (ETag, Last-Modified) is not read again.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import time
from urllib.parse import urlencode, urlsplit

import httpx

from edge_greengrass.collector.sources.channel import Channel
from edge_greengrass.collector.sources.cursor import Cursor
from edge_greengrass.collector.sources.fields import Fields
from edge_greengrass.collector.sources.pulling import aside, keep_rows, read_rows
from edge_greengrass.collector.sources.rows import Mapped, RowMap, row_map_of
from edge_greengrass.collector.sources.source import Kind, Sink, Terms, terms_of
from edge_greengrass.collector.sources.taking import Taking
from plume.errors import Unavailable

MOST_BYTES = 16 << 20
"""An answer above this is refused before it fills the memory."""
MOST_ANSWERS = 100
"""Answers taken in one look where the system gives part of what there is at a time."""
_NOT_MODIFIED, _OK, _NOT_FOUND = 304, 200, 404


@dataclass(frozen=True, slots=True)
class HttpPull:
    """One address, asked every `period` [s].

    `since` names the parameter for the time from which on to tell; `page` that for the number of a
    page, the first of which is `first_page`; both empty for none. `authority` is the file of the
    certificates to believe, empty for those of the system.
    """

    terms: Terms
    url: str
    headers: tuple[tuple[str, str], ...]
    since: str
    page: str
    first_page: int
    period: float
    late: float
    timeout: float
    authority: str
    mapping: RowMap
    cursor: Path

    @property
    def channels(self) -> Sequence[Channel]:
        """Its channels; the rows of its points."""
        return self.mapping.channels

    async def run(self, sink: Sink) -> None:
        """Ask for ever."""
        clock = asyncio.get_running_loop().time
        async with self._client() as client:
            talk = _Conversation(self, client, sink)
            while True:
                due = clock() + self.period
                await talk.look()
                await asyncio.sleep(max(0.0, due - clock()))

    def _client(self) -> httpx.AsyncClient:
        """Make the client, which believes the authority of the plant where there is one.

        Raises:
            Unavailable: the file of the authority cannot be read.
        """
        try:
            trust = ssl.create_default_context(cafile=self.authority or None)
        except (OSError, ssl.SSLError) as fault:
            raise Unavailable(f"caFile {self.authority}: {fault}") from fault
        return httpx.AsyncClient(timeout=self.timeout, headers=dict(self.headers), verify=trust)


class _Conversation:
    """The conversation with one address, what was taken, and by what the last answer is known."""

    def __init__(self, pull: HttpPull, client: httpx.AsyncClient, sink: Sink) -> None:
        self._pull, self._client, self._sink = pull, client, sink
        self._cursor = Cursor(pull.cursor)
        state = self._cursor.read()
        self._taking = Taking(state, round(1000 * pull.late))
        self._validators: dict[str, str] = dict(state.get("validators", {}))
        self._pending = self._validators

    async def look(self) -> None:
        """Take what is new, by as many answers as that needs.

        Raises:
            Unavailable: no answer, or one that is no success.
        """
        if self._pull.page:
            await self._take(await self._pages(self._taking.horizon))
            return
        since: int | None = self._taking.horizon
        for _ in range(MOST_ANSWERS):
            if since is None:
                return
            since = await self._go_on(since)

    async def _go_on(self, since: int) -> int | None:
        """Take one answer; give the time [ms] from which on to ask again, None at the end.

        An answer may have been cut short. So the next one begins where this one ended, though all
        of this one had been taken before: behind it may lie what never was. What is younger than
        a period can wait for the next look.
        """
        rows = await self._rows(since)
        if rows is None:
            return None
        await self._take(rows)
        now = round(1000 * time())
        newest = max((row.at for row in rows if row.at <= now), default=since)
        is_behind = since < newest < now - 1000 * self._pull.period
        return newest if self._pull.since and is_behind else None

    async def _pages(self, since: int) -> list[Mapped]:
        """Read page after page, until one has nothing that was not on those before.

        Nothing is taken before all are read: the oldest rows may stand on the last one.
        """
        found: dict[str, Mapped] = {}
        first = self._pull.first_page
        for page in range(first, first + MOST_ANSWERS):
            rows = await self._rows(since, page)
            known = len(found)
            found |= {row.key: row for row in rows or ()}
            if len(found) == known:
                return list(found.values())
        self._sink.complain(f"more than {MOST_ANSWERS} pages")
        return list(found.values())

    async def _rows(self, since: int, page: int | None = None) -> list[Mapped] | None:
        """Ask once; None when the answer has not changed."""
        content = await self._answer(since, page)
        self._sink.hear()
        if content is None:
            return None
        return await aside(lambda: read_rows(self._pull.mapping, content, self._sink))

    async def _take(self, rows: Sequence[Mapped]) -> None:
        new = await aside(lambda: self._taking.new(rows))
        await keep_rows(self._pull.mapping, new, self._sink)
        await aside(lambda: self._settle(rows, new))

    def _settle(self, rows: Sequence[Mapped], new: Sequence[Mapped]) -> None:
        took = self._taking.took(rows, new, round(1000 * time()))
        self._validators = self._pending
        self._cursor.write({**took, "validators": self._validators})

    async def _answer(self, since: int, page: int | None) -> bytes | None:
        pull, asked = self._pull, {}
        if pull.since and since >= 0:
            asked[pull.since] = pull.mapping.time.written(since)
        if page is not None:
            asked[pull.page] = str(page)
        url = _asking(pull.url, asked)
        known = {} if pull.since or pull.page else self._validators
        try:
            async with self._client.stream("GET", url, headers=known) as told:
                if told.status_code == _NOT_FOUND and page not in {None, pull.first_page}:
                    return None
                return await self._content(told)
        except httpx.HTTPError as fault:
            raise Unavailable(f"{type(fault).__name__}: {fault}") from fault

    async def _content(self, told: httpx.Response) -> bytes | None:
        if told.status_code == _NOT_MODIFIED:
            return None
        if told.status_code != _OK:
            raise Unavailable(f"status {told.status_code}")
        content = bytearray()
        async for part in told.aiter_bytes():
            content += part
            if len(content) > MOST_BYTES:
                raise Unavailable(f"answers with more than {MOST_BYTES} bytes")
        self._pending = _validators(told)
        return bytes(content)


def _asking(url: str, asked: Mapping[str, str]) -> str:
    """Ask something more of an address; all else stays as it is written, in whatever encoding."""
    if not asked:
        return url
    parts = urlsplit(url)
    said = [one for one in parts.query.split("&") if one and one.partition("=")[0] not in asked]
    return parts._replace(query="&".join([*said, urlencode(asked)])).geturl()


def _validators(told: httpx.Response) -> dict[str, str]:
    names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
    return {ours: told.headers[theirs] for theirs, ours in names.items() if theirs in told.headers}


def http_pull_of(fields: Fields, state: Path) -> HttpPull:
    """Read the settings of an HTTP pull; its cursor lies under `state`.

    Raises:
        BadSettings: naming the field.
    """
    terms = terms_of(fields, Kind.PULL)
    headers = fields.part("headers")
    found = HttpPull(
        terms=terms,
        url=_url(fields),
        headers=tuple((name, headers.text(name)) for name in headers.names),
        since=fields.text("sinceParameter", ""),
        page=fields.text("pageParameter", ""),
        first_page=fields.whole("firstPage", 0, 1, 1),
        period=fields.number("seconds", 0.05, 86_400.0, 60.0),
        late=fields.number("lateSeconds", 0.0, 31 * 86_400.0, 3_600.0),
        timeout=fields.number("timeoutSeconds", 0.1, 120.0, 10.0),
        authority=fields.text("caFile", ""),
        mapping=row_map_of(fields),
        cursor=state / f"{terms.name}.json",
    )
    fields.done()
    return found


def _url(fields: Fields) -> str:
    url = fields.text("url")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise fields.bad("url", f"{url!r} is no address of http or https")
    return url
