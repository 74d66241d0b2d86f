"""How a component is told to end: by SIGTERM or SIGINT, from systemd, Greengrass or a person."""

import asyncio
import signal


async def told_to_stop() -> None:
    """Return when the process is told to stop; from then on the signals no longer kill it."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, told.set)
    await told.wait()
