"""The TCP ports for data loggers, and the connections on them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from edge_greengrass.collector.configuration import Bounds, Listener
from edge_greengrass.collector.desk import Desk, Floor
from edge_greengrass.collector.link import Link
from edge_greengrass.collector.turnstile import Turnstile
from edge_greengrass.journal import Journal
from plume.errors import Unavailable
from plume.model.event import SourceHealth, SourceState

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
        self._slowed: set[Link] = set()
        self._servers: dict[Listener, asyncio.Server] = {}
        self._empty = asyncio.Event()

    @property
    def connections(self) -> int:
        """How many data loggers are on the line."""
        return len(self._turnstile)

    @property
    def bounds(self) -> Bounds:
        """What a peer may cost."""
        return self._floor.bounds

    async def apply(self, listeners: Sequence[Listener]) -> list[tuple[str, int]]:
        """Listen on these ports and no others; give the addresses in their order.

        Connections of ports that stay are not touched; those of a port that goes are answered
        what they have sent, then hung up on.

        Raises:
            OSError: a port is taken or not ours to open; what was listened on before still is.
        """
        gone = [one for one in self._servers if one not in listeners]
        self._hang_up(gone)
        opened: list[Listener] = []
        try:
            for one in listeners:
                if one not in self._servers:
                    await self._listen(one)
                    opened.append(one)
        except OSError:
            self._hang_up(opened)
            for one in gone:
                await self._listen(one)
            raise
        self._turnstile.most = self._floor.bounds.connections
        for link in [link for link in self._links if link.listener in gone]:
            link.leave("listener closed")
        return [self._servers[one].sockets[0].getsockname()[:2] for one in listeners]

    async def run(self) -> None:
        """Serve the connections for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._desk.run())
            group.create_task(self._check())

    async def close(self) -> None:
        """Stop listening, let frames under way be kept and answered, then hang up."""
        self._hang_up(list(self._servers))
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

    async def _listen(self, listener: Listener) -> None:
        loop = asyncio.get_running_loop()
        self._servers[listener] = await loop.create_server(
            lambda: Link(self, listener), listener.host, listener.port, backlog=256
        )

    def _hang_up(self, listeners: Sequence[Listener]) -> None:
        for one in listeners:
            self._servers.pop(one).close()

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for link in list(self._links):
                link.check()
            await self._tell_floods()

    async def _tell_floods(self) -> None:
        """Tell which peers have begun to bring more than their rate, and which have ceased."""
        slowed = {link for link in self._links if link.slowed}
        begun, ceased = slowed - self._slowed, self._slowed - slowed
        events = [_flood(link, SourceState.FLOODING) for link in begun]
        events += [_flood(link, SourceState.OK) for link in ceased]
        self._slowed = slowed
        for one in events:
            self._journal.tell("source", source=one.source, state=one.state, why=one.detail)
        try:
            if events:
                await self._floor.intake.tell(events)
        except Unavailable as fault:
            self._journal.tell("event_not_kept", reason=str(fault))


def _flood(link: Link, state: SourceState) -> SourceHealth:
    detail = "more frames than its rate; read slowly" if state is SourceState.FLOODING else ""
    return SourceHealth(datetime.now(tz=UTC), link.peer, "hj212", state, detail)
