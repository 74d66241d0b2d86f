"""Takes commands off the event loop and onto the disk, one after the other."""

import asyncio

from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import OutboxFull
from edge_greengrass.uplink.orders import Orders

MOST_WAITING = 1_000
"""AWS IoT Core delivers at most 100 messages a second, a disk takes as many."""


class Desk:
    """Hears commands in the event loop; `orders` is asked in a thread, one at a time."""

    def __init__(self, orders: Orders, journal: Journal) -> None:
        self._orders, self._journal = orders, journal
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)

    def heard(self, message: bytes) -> None:
        """Take note of a message; in a flood the cloud's own patience must end it."""
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            self._journal.tell("command_dropped", bytes=len(message))

    async def run(self) -> None:
        """Take messages in for ever."""
        while True:
            message = await self._waiting.get()
            try:
                told = await asyncio.to_thread(self._orders.take, message)
            except (OutboxFull, OSError) as fault:
                told = {"event": "command_untold", "reason": f"{type(fault).__name__}: {fault}"}
            self._journal.tell(**told)
