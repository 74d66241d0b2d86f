"""The way out of a device with several network routes: a proxy on loopback that picks the route.

MQTT and HTTPS clients are told of one proxy (HTTP CONNECT, RFC 9110 9.3.6) and need to know
nothing of routes; TLS runs end to end through it. It leads to the platform's own hosts and nowhere
else. When the route changes, what went by the old one is cut, and the clients connect anew.
"""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from edge_greengrass.uplink.routes.keeper import Change, RouteKeeper
from edge_greengrass.uplink.routes.network_route import (
    NetworkRoute,
    NoWay,
    Target,
    connected,
    reached,
)

LOOPBACK = "127.0.0.1"
ASKING_SECONDS = 5.0
_MOST_ASKED = 4_096
_CONNECT = re.compile(rb"CONNECT (?P<host>[\x21-\x7e]+):(?P<port>\d{1,5}) HTTP/1\.[01]\r\n")
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class RouteState:
    """A route begins or ceases to work, or is taken; told on change alone."""

    route: NetworkRoute
    works: bool
    taken: bool


class WayOut:
    """Runs the proxy and the probes.

    Args:
        keeper: holds the routes.
        targets: the hosts that may be reached; the first is probed.
        probe_seconds: between two probes of one route [s].
        told: is called in the event loop with every change.
    """

    def __init__(
        self,
        keeper: RouteKeeper,
        targets: tuple[Target, ...],
        probe_seconds: float,
        told: Callable[[RouteState], None],
    ) -> None:
        self._keeper, self._targets, self._told = keeper, targets, told
        self._probe_seconds = probe_seconds
        self._standing: dict[asyncio.StreamWriter, NetworkRoute] = {}

    async def open(self) -> int:
        """Begin to listen; give the port on loopback."""
        self._server = await asyncio.start_server(self._serve, LOOPBACK, 0, limit=_MOST_ASKED)
        return int(self._server.sockets[0].getsockname()[1])

    async def run(self) -> None:
        """Probe every route until cancelled, then close."""
        try:
            async with asyncio.TaskGroup() as all_of_them:
                for route in self._keeper.routes:
                    all_of_them.create_task(self._probe(route))
        finally:
            self._server.close()
            self._cut(None)

    async def _probe(self, route: NetworkRoute) -> None:
        while True:
            worked = self._keeper.works(route)
            answered = await reached(route, self._targets[0])
            change = self._keeper.probed(route, answered, time.monotonic())
            if self._keeper.works(route) != worked:
                self._tell(route)
            if change:
                self._follow(change)
            await asyncio.sleep(self._probe_seconds)

    def _follow(self, change: Change) -> None:
        self._cut(change.left)
        self._tell(change.taken)

    def _tell(self, route: NetworkRoute) -> None:
        keeper = self._keeper
        self._told(RouteState(route, keeper.works(route), taken=route == keeper.current))

    def _cut(self, route: NetworkRoute | None) -> None:
        """Break what goes by a route; by any, for None."""
        for end, taken in list(self._standing.items()):
            if route in {None, taken}:
                end.transport.abort()

    async def _serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(ASKING_SECONDS):
                asked = await near.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, TimeoutError):
            back.transport.abort()
            return
        target = _target(asked)
        if target not in self._targets:
            await _refuse(back, b"403 Forbidden")
            return
        route = self._keeper.current
        try:
            end = await connected(route, target)
        except NoWay:
            await _refuse(back, b"502 Bad Gateway")
            return
        far, forth = await asyncio.open_connection(sock=end)
        back.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await self._join((near, back), (far, forth), route)

    async def _join(
        self,
        inner: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        outer: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        route: NetworkRoute,
    ) -> None:
        """Carry both ways until either side has done; then neither is left standing."""
        ends = (inner[1], outer[1])
        self._standing |= dict.fromkeys(ends, route)
        carried = {
            asyncio.create_task(_carry(inner[0], outer[1])),
            asyncio.create_task(_carry(outer[0], inner[1])),
        }
        try:
            await asyncio.wait(carried, return_when="FIRST_COMPLETED")
        finally:
            for one in carried:
                one.cancel()
            for end in ends:
                del self._standing[end]
                end.close()


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(_CHUNK):
            sink.write(data)
            await sink.drain()


async def _refuse(back: asyncio.StreamWriter, status: bytes) -> None:
    back.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
    with suppress(OSError):
        await back.drain()
    back.close()


def _target(asked: bytes) -> Target | None:
    """Read `CONNECT host:port HTTP/1.1`; None for anything else."""
    found = _CONNECT.match(asked)
    return Target(found["host"].decode().strip("[]"), int(found["port"])) if found else None
