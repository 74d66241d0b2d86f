"""How HTTPS leaves the plant: by the uplink's proxy while it stands, else as the system has it.

With several network routes the uplink runs a proxy on loopback that takes the one that works
(`uplink.routes.way_out`), and says under `home.WAY_OUT` where. A file that an uplink left behind
when it was killed names a port where nobody answers, and counts for nothing.
"""

import asyncio
import json
import ssl
from pathlib import Path

import httpx

from edge_greengrass.home import WAY_OUT

LOOPBACK = "127.0.0.1"
_ANSWER_SECONDS = 1.0


async def proxy_of(home: Path) -> str | None:
    """Give the address of the uplink's proxy; None while none answers."""
    try:
        port = int(json.loads((home / WAY_OUT).read_text(encoding="utf-8"))["port"])
        async with asyncio.timeout(_ANSWER_SECONDS):
            _, writer = await asyncio.open_connection(LOOPBACK, port)
    except (OSError, OverflowError, ValueError, KeyError, TypeError, TimeoutError):
        return None
    writer.close()
    return f"http://{LOOPBACK}:{port}"


class Outward:
    """Keeps connections by whichever way leads out now; a change of way cuts those of the other.

    Args:
        home: where the uplink says which way.
        seconds: what one step of a request may take [s].
        ca_file: whom to trust instead of the public authorities; empty is these.
    """

    def __init__(self, home: Path, seconds: float, ca_file: str = "") -> None:
        self._home, self._seconds, self._ca_file = home, seconds, ca_file
        self._way: str | None = None
        self._client: httpx.AsyncClient | None = None

    async def client(self, url: str) -> httpx.AsyncClient:
        """Give who asks for `url`; plain HTTP is for stand-ins nearby and needs no proxy.

        Raises:
            OSError: the file of authorities cannot be read.
        """
        way = await proxy_of(self._home) if url.startswith("https:") else None
        before, client = self._client, self._client
        if client is None or way != self._way:
            self._way, self._client = way, (client := self._made(way))
            if before is not None:
                await before.aclose()
        return client

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _made(self, way: str | None) -> httpx.AsyncClient:
        trust = ssl.create_default_context(cafile=self._ca_file) if self._ca_file else True
        return httpx.AsyncClient(verify=trust, timeout=self._seconds, proxy=way)
