"""The sentinel's ear at the tap of the collector."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from plume.errors import Unavailable
from plume.evidence import payload
from plume.model.segment import Payload

LENGTH_BYTES = 4
MOST_RECORD_BYTES = payload.MAX_PAYLOAD_BYTES


async def shown(path: Path, on_connected: Callable[[], None]) -> AsyncIterator[Payload]:
    """Give what the tap shows from now on.

    Raises:
        Unavailable: there is no tap, it hung up (we were too slow, or it was restarted), or it
            shows what is no record; connect again.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError as fault:
        raise Unavailable(f"tap: {fault}") from fault
    on_connected()
    try:
        while True:
            yield payload.decode(await _record(reader))
    except (asyncio.IncompleteReadError, OSError, payload.BadPayload) as fault:
        raise Unavailable(f"tap: {type(fault).__name__} {fault}") from fault
    finally:
        writer.close()


async def _record(reader: asyncio.StreamReader) -> bytes:
    length = int.from_bytes(await reader.readexactly(LENGTH_BYTES))
    if length > MOST_RECORD_BYTES:
        raise payload.BadPayload(f"a record of {length} bytes")
    return await reader.readexactly(length)
