"""One way out of the plant's network, and how a connection is made to take it."""

import asyncio
import socket
import ssl
from dataclasses import dataclass

from plume.errors import Unavailable

CONNECT_SECONDS = 5.0


class NoWay(Unavailable):
    """The peer was not reached by this route."""


@dataclass(frozen=True, slots=True)
class NetworkRoute:
    """A network route (网络路由), chosen by source address, by interface, or both.

    With neither it is the system's default route. An interface needs CAP_NET_RAW on kernels before
    5.7; an address needs a policy route (`ip rule from`) where several gateways share a table.
    """

    name: str
    address: str = ""
    interface: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A host and port."""

    host: str
    port: int


async def connected(route: NetworkRoute, target: Target) -> socket.socket:
    """Give a TCP connection by this route, non-blocking.

    Raises:
        NoWay: no name, no answer within CONNECT_SECONDS, or the route's address or interface is
            not there.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            found = await loop.getaddrinfo(
                target.host, target.port, family=_family(route), type=socket.SOCK_STREAM
            )
            family, kind, protocol, _, address = found[0]
            end = _bound(route, socket.socket(family, kind, protocol))
            await _connect(loop, end, address)
            return end
    except (OSError, TimeoutError) as fault:
        raise NoWay(f"{route.name} to {target.host}:{target.port}: {fault!r}") from fault


async def reached(route: NetworkRoute, target: Target) -> bool:
    """Say whether a TLS peer answers by this route.

    Nothing is trusted here and nothing is sent: whoever connects afterwards verifies the peer.
    That something answers the greeting tells more than an open port does.
    """
    try:
        end = await connected(route, target)
    except NoWay:
        return False
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(
                sock=end, ssl=_greeting(), server_hostname=target.host
            )
    except ssl.SSLError:
        return True
    except (OSError, TimeoutError):
        end.close()
        return False
    writer.transport.abort()
    return True


def _bound(route: NetworkRoute, end: socket.socket) -> socket.socket:
    end.settimeout(0)
    try:
        if route.interface:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, route.interface.encode())
        if route.address:
            end.bind((route.address, 0))
    except OSError:
        end.close()
        raise
    return end


async def _connect(
    loop: asyncio.AbstractEventLoop, end: socket.socket, address: tuple[object, ...]
) -> None:
    try:
        await loop.sock_connect(end, address)
    except BaseException:
        end.close()
        raise


def _family(route: NetworkRoute) -> socket.AddressFamily:
    if not route.address:
        return socket.AF_UNSPEC
    return socket.AF_INET6 if ":" in route.address else socket.AF_INET


def _greeting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
