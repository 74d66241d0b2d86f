"""The tap: what was durably kept is shown to whoever listens on site, and to nobody's cost.

Each message on the Unix socket is a record as in the log (`plume.evidence.payload`) behind its
length, four bytes, big-endian. A listener that does not keep up is dropped: it may come again.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

LENGTH_BYTES = 4
MOST_OWED_BYTES = 4 << 20
"""What a listener may be behind [bytes] before it is dropped."""


class Tap:
    """Serves listeners under `home`; showing never waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._listeners: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Begin to listen, in place of a tap that a crash has left behind.

        Raises:
            OSError: the socket cannot be made.
        """
        self._server = await asyncio.start_unix_server(self._serve, self._path)
        self._path.chmod(0o600)

    def show(self, records: Iterable[bytes]) -> None:
        """Show records that are durable; costs nothing when nobody listens."""
        if not self._listeners:
            return
        told = b"".join(len(one).to_bytes(LENGTH_BYTES) + one for one in records)
        for writer in tuple(self._listeners):
            if writer.transport.get_write_buffer_size() > MOST_OWED_BYTES:
                self._listeners.discard(writer)
                writer.transport.abort()
            else:
                writer.write(told)

    def close(self) -> None:
        """Let all listeners go."""
        if self._server is not None:
            self._server.close()
        for writer in self._listeners:
            writer.transport.abort()
        self._listeners.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Keep a listener until it hangs up; what it says is not for us."""
        self._listeners.add(writer)
        try:
            while await reader.read(1 << 12):
                pass
        except ConnectionError:
            pass
        finally:
            self._listeners.discard(writer)
            writer.close()
