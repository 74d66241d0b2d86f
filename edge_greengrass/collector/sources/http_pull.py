"""HTTP pull: a business system asked at a steady pace for what is new.

Ambient quality, vehicle exhaust inspection (机动车尾气), door access and electricity meters lie in
systems that answer with JSON or CSV. What is not modified (ETag, Last-Modified) is not read again.
"""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from edge_greengrass.collector.sources.channel import Channel
from edge_greengrass.collector.sources.cursor import Cursor
from edge_greengrass.collector.sources.fields import Fields
from edge_greengrass.collector.sources.pulling import read_rows
from edge_greengrass.collector.sources.rows import RowMap, row_map_of
from edge_greengrass.collector.sources.source import Kind, Sink, Terms, terms_of
from edge_greengrass.collector.sources.taking import Taking
from plume.errors import Unavailable

MOST_BYTES = 16 << 20
"""An answer above this is refused before it fills the memory."""
MOST_ROUNDS = 100
"""Pages taken at once where the system answers with part of what is new."""
_NOT_MODIFIED, _OK = 304, 200


@dataclass(frozen=True, slots=True)
class HttpPull:
    """One address, asked every `period` [s].

    `since` names the parameter for the horizon; `authority` is the file of the certificates to
    believe, empty for those of the system.
    """

    terms: Terms
    url: str
    headers: tuple[tuple[str, str], ...]
    since: str
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
        cursor = Cursor(self.cursor)
        state = cursor.read()
        taking = Taking(state, round(1000 * self.late))
        clock = asyncio.get_running_loop().time
        async with self._client() as client:
            asked = _Asked(self, client, state.get("validators", {}))
            while True:
                due = clock() + self.period
                for _ in range(MOST_ROUNDS):
                    if not await self._round(asked, taking, cursor, sink):
                        break
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

    async def _round(self, asked: "_Asked", taking: Taking, cursor: Cursor, sink: Sink) -> bool:
        """Ask once; whether to ask at once again, because the answer may have been cut short."""
        content = await asked.answer(taking.horizon)
        sink.hear()
        if content is None:
            return False
        rows = read_rows(self.mapping, content, sink)
        before = taking.horizon
        new = taking.new(rows)
        if new:
            await sink.keep(self.mapping.points(new))
        cursor.write({**taking.took(rows, new), "validators": asked.settled()})
        return bool(self.since) and taking.horizon > before


class _Asked:
    """The conversation with one address, and by what the last answer is known."""

    def __init__(self, pull: HttpPull, client: httpx.AsyncClient, known: dict[str, str]) -> None:
        self._pull, self._client = pull, client
        self._validators = dict(known)
        self._pending = self._validators

    async def answer(self, horizon: int) -> bytes | None:
        """Give the content; None when it has not changed.

        Raises:
            Unavailable: no answer, or one that is no success.
        """
        pull = self._pull
        since = {pull.since: pull.mapping.time.written(horizon)} if pull.since else {}
        parameters = since if horizon >= 0 else {}
        try:
            async with self._client.stream(
                "GET", pull.url, params=parameters or None, headers=self._validators
            ) as told:
                return await self._content(told)
        except httpx.HTTPError as fault:
            raise Unavailable(f"{type(fault).__name__}: {fault}") from fault

    def settled(self) -> dict[str, str]:
        """Take the last answer as read, once its rows are durable; give what is to last."""
        self._validators = self._pending
        return self._validators

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
