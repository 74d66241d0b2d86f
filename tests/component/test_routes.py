"""Two network routes to one TLS peer: loopback addresses stand for the plant's lines."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from edge_greengrass.uplink.routes.keeper import Patience, RouteKeeper
from edge_greengrass.uplink.routes.network_route import NetworkRoute, Target, connected
from edge_greengrass.uplink.routes.way_out import RouteState, WayOut
from tests.component.patience import PATIENCE
from tests.faults.authority import Authority

WIRED = NetworkRoute("wired", address="127.0.0.2")
MOBILE = NetworkRoute("4g", address="127.0.0.3")
SOON = Patience(failures=2, steady=0.3)


class Peer:
    """Says over TLS from which address it was called; deaf to the addresses in `cut`."""

    def __init__(self, folder: Path) -> None:
        authority = Authority(folder)
        certificate, key = folder / "peer.pem", folder / "peer.key"
        authority.issue("peer", certificate, key)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self.cut: set[str] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Target]:
        inner = await asyncio.start_server(self._answer, "127.0.0.1", 0, ssl=self._context)
        self._inner = inner.sockets[0].getsockname()[1]
        outer = await asyncio.start_server(self._line, "127.0.0.1", 0)
        async with inner, outer:
            yield Target("127.0.0.1", outer.sockets[0].getsockname()[1])

    async def _line(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        caller = back.get_extra_info("peername")[0]
        if caller in self.cut:
            back.transport.abort()
            return
        far, forth = await asyncio.open_connection(
            sock=await connected(NetworkRoute("", caller), Target("127.0.0.1", self._inner))
        )
        await asyncio.gather(_pump(near, forth), _pump(far, back))

    async def _answer(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        back.write(back.get_extra_info("peername")[0].encode() + b"\n")
        while line := await near.readline():
            back.write(line)
        back.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(4096):
        sink.write(data)
    sink.close()


class Story:
    """A device with two routes to the peer, and what it was told of them."""

    def __init__(self, peer: Peer, target: Target) -> None:
        self.peer, self.target = peer, target
        self._states = asyncio.Queue[RouteState]()
        self._ends: list[asyncio.StreamWriter] = []

    @asynccontextmanager
    async def living(self, *routes: NetworkRoute) -> AsyncIterator[None]:
        keeper = RouteKeeper(routes, SOON)
        way = WayOut(keeper, (self.target,), 0.05, self._states.put_nowait)
        self.port = await way.open()
        running = asyncio.create_task(way.run())
        try:
            yield
        finally:
            running.cancel()
            for end in self._ends:
                end.close()
            await asyncio.gather(running, return_exceptions=True)
            await asyncio.sleep(0.05)  # lets the ends notice that they are closed

    async def told(self, state: RouteState) -> None:
        """Wait until this is told."""
        async with asyncio.timeout(PATIENCE):
            while await self._states.get() != state:
                continue

    async def asked(self, line: str) -> tuple[bytes, asyncio.StreamReader]:
        near, back = await asyncio.open_connection("127.0.0.1", self.port)
        self._ends.append(back)
        back.write(line.encode() + b"\r\n\r\n")
        return await near.readuntil(b"\r\n\r\n"), near

    async def caller_seen(self) -> tuple[str, asyncio.StreamReader]:
        """Say from which address the peer was called, and give the connection that stands."""
        answer, near = await self.asked(f"CONNECT 127.0.0.1:{self.target.port} HTTP/1.1")
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        await self._ends[-1].start_tls(context, server_hostname="peer")
        return (await near.readline()).decode().strip(), near


def lived(
    folder: Path, routes: tuple[NetworkRoute, ...], tale: Callable[[Story], Awaitable[None]]
) -> None:
    async def live() -> None:
        peer = Peer(folder)
        async with peer.listening() as target:
            story = Story(peer, target)
            async with story.living(*routes):
                await tale(story)

    asyncio.run(live())


def test_what_stands_moves_to_the_other_route_and_back(tmp_path: Path) -> None:
    async def tale(story: Story) -> None:
        caller, standing = await story.caller_seen()
        assert caller == WIRED.address
        story.peer.cut.add(WIRED.address)
        await story.told(RouteState(MOBILE, works=True, taken=True))
        assert await standing.read() == b"", "the old connection was not cut"
        caller, _ = await story.caller_seen()
        assert caller == MOBILE.address
        story.peer.cut.clear()
        await story.told(RouteState(WIRED, works=True, taken=True))
        caller, _ = await story.caller_seen()
        assert caller == WIRED.address

    lived(tmp_path, (WIRED, MOBILE), tale)


def test_a_route_that_fails_beside_the_one_taken_is_told_of(tmp_path: Path) -> None:
    async def tale(story: Story) -> None:
        story.peer.cut.add(MOBILE.address)
        await story.told(RouteState(MOBILE, works=False, taken=False))
        caller, _ = await story.caller_seen()
        assert caller == WIRED.address

    lived(tmp_path, (WIRED, MOBILE), tale)


def test_no_other_host_is_reached_and_nothing_but_connect_is_answered(tmp_path: Path) -> None:
    async def tale(story: Story) -> None:
        for line in (
            f"CONNECT 127.0.0.1:{story.target.port + 1} HTTP/1.1",
            f"GET http://127.0.0.1:{story.target.port}/ HTTP/1.1",
            "CONNECT nowhere HTTP/1.1",
        ):
            answer, _ = await story.asked(line)
            assert answer.startswith(b"HTTP/1.1 403 "), line

    lived(tmp_path, (WIRED, MOBILE), tale)


def test_a_route_whose_address_is_gone_is_answered_with_bad_gateway(tmp_path: Path) -> None:
    async def tale(story: Story) -> None:
        answer, _ = await story.asked(f"CONNECT 127.0.0.1:{story.target.port} HTTP/1.1")
        assert answer.startswith(b"HTTP/1.1 502 ")

    lived(tmp_path, (NetworkRoute("gone", address="192.0.2.1"),), tale)
