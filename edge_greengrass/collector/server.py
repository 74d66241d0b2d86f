"""The TCP ports for data loggers, and the connections on them."""

import asyncio
from collections.abc import Sequence

from edge_greengrass.collector.configuration import Listener
from edge_greengrass.collector.link import CHUNK_BYTES, Floor, Link
from edge_greengrass.collector.turnstile import Turnstile
from edge_greengrass.journal import Journal

PARTING_SECONDS = 5.0
"""How long frames under way may take to reach the disk when the collector is told to stop."""


class Server:
    """Listens on every configured port and serves each connection by a Link."""

    def __init__(self, floor: Floor, journal: Journal) -> None:
        self._floor = floor
        self._journal = journal
        self._turnstile = Turnstile(floor.bounds.connections)
        self._links: dict[asyncio.Task[None], Link] = {}
        self._servers: list[asyncio.Server] = []

    @property
    def connections(self) -> int:
        """How many data loggers are on the line."""
        return len(self._turnstile)

    async def open(self, listeners: Sequence[Listener]) -> list[tuple[str, int]]:
        """Listen; give the addresses in the order of the listeners.

        Raises:
            OSError: a port is taken or not ours to open.
        """
        for one in listeners:
            server = await asyncio.start_server(
                self._serve, one.host, one.port, limit=CHUNK_BYTES, backlog=256
            )
            self._servers.append(server)
        return [server.sockets[0].getsockname()[:2] for server in self._servers]

    async def close(self) -> None:
        """Stop listening, let frames under way be kept and answered, then hang up."""
        for server in self._servers:
            server.close()
        for task, link in list(self._links.items()):
            if link.listening:
                task.cancel()
        if self._links:
            _, late = await asyncio.wait(self._links, timeout=PARTING_SECONDS)
            for task in late:
                task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(reader, writer, self._floor)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101, a coroutine always runs in one
        self._links[task] = link
        try:
            await self._welcome(link)
        except asyncio.CancelledError:
            pass  # told to stop: the connection is closed below
        finally:
            del self._links[task]
            self._turnstile.leave(link)
            writer.close()

    async def _welcome(self, link: Link) -> None:
        if not self._turnstile.enter(link):
            self._journal.tell("connection_refused", peer=link.peer, inside=self.connections)
            return
        self._journal.tell("connected", peer=link.peer, inside=self.connections)
        reason = await link.run()
        self._journal.tell("disconnected", peer=link.peer, reason=reason)
