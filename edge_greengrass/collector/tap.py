"""The tap: accepted records shown to whoever listens on site, as they reach the disk (旁路).

A unix stream socket under `home`, for this user alone. Each record is its length (4 bytes, big
endian) and what `plume.evidence.payload` encodes. Listeners never hold up the collector: one that
falls MOST_BEHIND bytes behind is dropped, and may connect again.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from edge_greengrass.journal import Journal

MOST_BEHIND = 4 << 20
MOST_LISTENERS = 8
_LENGTH_BYTES = 4


class Tap:
    """Listens on `path`; a socket left behind by a run that is gone is replaced."""

    def __init__(self, path: Path, journal: Journal) -> None:
        self._path, self._journal = path, journal
        self._server: asyncio.Server | None = None
        self._listeners: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Listen. Where the place does not allow it, say so and collect without a tap."""
        self._path.unlink(missing_ok=True)
        try:
            self._server = await asyncio.start_unix_server(self._listen, str(self._path))
            self._path.chmod(0o600)
        except OSError as fault:
            self._journal.tell("tap_unavailable", reason=str(fault))

    def show(self, records: Sequence[bytes]) -> None:
        """Show durable records to every listener; none of them is waited for."""
        if not self._listeners:
            return
        shown = b"".join(
            part for one in records for part in (len(one).to_bytes(_LENGTH_BYTES, "big"), one)
        )
        for listener in list(self._listeners):
            listener.write(shown)
            if listener.transport.get_write_buffer_size() > MOST_BEHIND:
                self._journal.tell("listener_dropped", why="too slow")
                self._forget(listener)
                listener.transport.abort()

    async def close(self) -> None:
        """Hang up on all."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
        for listener in list(self._listeners):
            self._forget(listener)
            listener.close()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._listeners) >= MOST_LISTENERS:
            writer.close()
            return
        self._listeners.add(writer)
        try:
            while await reader.read(1024):
                pass  # a listener has nothing to say; its end of the line is what is waited for
        except OSError:
            pass  # it is gone, one way or another
        finally:
            self._forget(writer)
            writer.close()

    def _forget(self, listener: asyncio.StreamWriter) -> None:
        self._listeners.discard(listener)
