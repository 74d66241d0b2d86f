"""What has not been acknowledged yet: new data first, then the rest in time order."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from edge_greengrass.twin.messages import Message

FRESH = timedelta(seconds=60)


class Pending:
    """The messages a data logger still owes; nothing leaves it but by `settle`.

    A message is a few words (its frame is computed when it is sent), so that a year of silence
    fits in memory. Source: HJ 212-2025, 8.1.2 (new data go before back-fill).
    """

    def __init__(self) -> None:
        self._fresh: list[Message] = []
        self._old: list[Message] = []
        self._bell = asyncio.Event()

    def __len__(self) -> int:
        """How many messages are owed."""
        return len(self._fresh) + len(self._old)

    def add(self, messages: Iterable[Message]) -> None:
        """Owe new data."""
        for message in messages:
            heappush(self._fresh, message)
        self._bell.set()

    def add_old(self, messages: Iterable[Message]) -> None:
        """Owe data of the past."""
        self._old += messages
        heapify(self._old)
        self._bell.set()

    async def next(self, now: datetime) -> Message:
        """Wait for a message to send; it stays owed until it is settled."""
        while not self:
            self._bell.clear()
            await self._bell.wait()
        while self._fresh and self._fresh[0].due < now - FRESH:
            heappush(self._old, heappop(self._fresh))
        return self._fresh[0] if self._fresh else self._old[0]

    async def hears_within(self, seconds: float) -> bool:
        """Wait so long at most; tell whether new messages came meanwhile."""
        self._bell.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        return self._bell.is_set()

    def settle(self, message: Message) -> None:
        """Forget a message that was acknowledged; one settled before changes nothing."""
        for heap in (self._fresh, self._old):
            if message in heap[:1]:
                heappop(heap)
                return
            if message in heap:
                heap.remove(message)
                heapify(heap)
                return
