"""The TCP ports for data loggers, and the connections on them."""

import asyncio
from collections.abc import Sequence

from edge_greengrass.collector.configuration import Bounds, Listener
from edge_greengrass.collector.desk import Desk, Floor
from edge_greengrass.collector.link import Link
from edge_greengrass.collector.turnstile import Turnstile
from edge_greengrass.journal import Journal

PARTING_SECONDS = 5.0
"""How long frames under way may take to reach the disk when the collector is told to stop."""
CHECK_SECONDS = 0.5
"""How often connections are held against their bounds."""


class Server:
    """Listens on every configured port; each connection is a Link, all share one Desk."""

    def __init__(self, floor: Floor, journal: Journal) -> None:
        self._floor = floor
        self._journal = journal
        self._desk = Desk(floor)
        self._turnstile = Turnstile(floor.bounds.connections)
        self._links: set[Link] = set()
        self._servers: list[asyncio.Server] = []
        self._empty = asyncio.Event()

    @property
    def connections(self) -> int:
        """How many data loggers are on the line."""
        return len(self._turnstile)

    @property
    def bounds(self) -> Bounds:
        """What a peer may cost."""
        return self._floor.bounds

    async def open(self, listeners: Sequence[Listener]) -> list[tuple[str, int]]:
        """Listen; give the addresses in the order of the listeners.

        Raises:
            OSError: a port is taken or not ours to open.
        """
        loop = asyncio.get_running_loop()
        for one in listeners:
            server = await loop.create_server(lambda: Link(self), one.host, one.port, backlog=256)
            self._servers.append(server)
        return [server.sockets[0].getsockname()[:2] for server in self._servers]

    async def run(self) -> None:
        """Serve the connections for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._desk.run())
            group.create_task(self._check())

    async def close(self) -> None:
        """Stop listening, let frames under way be kept and answered, then hang up."""
        for server in self._servers:
            server.close()
        for link in list(self._links):
            link.leave("stopped")
        try:
            async with asyncio.timeout(PARTING_SECONDS):
                while self._links:
                    self._empty.clear()
                    await self._empty.wait()
        except TimeoutError:
            for link in list(self._links):
                link.dismiss()

    def enter(self, link: Link) -> bool:
        """Let a link in, unless all places are taken by proven ones."""
        if not self._turnstile.enter(link):
            self._journal.tell("connection_refused", peer=link.peer, inside=self.connections)
            return False
        self._links.add(link)
        self._journal.tell("connected", peer=link.peer, inside=self.connections)
        return True

    def hand_in(self, link: Link, frames: Sequence[bytes]) -> None:
        """Pass frames on to the desk."""
        self._desk.hand_in(link, frames)

    def gone(self, link: Link, reason: str) -> None:
        """Forget a link."""
        self._turnstile.leave(link)
        if self._floor.dialogues is not None:
            self._floor.dialogues.left(link)
        if link in self._links:
            self._links.remove(link)
            self._journal.tell("disconnected", peer=link.peer, reason=reason)
        if not self._links:
            self._empty.set()

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for link in list(self._links):
                link.check()
