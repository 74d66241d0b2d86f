"""One source's way to the disk: its rate, its bounded queue, its blocks."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import numpy as np

from edge_greengrass.collector.sources.blocks import blocks_of
from edge_greengrass.collector.sources.source import Points, Source
from plume.errors import Unavailable

MOST_WAITING = 50_000
"""Points of one source [1] that may wait for the disk; about 1 MB of memory."""
MOST_OF_BLOCK = 3_000
"""Points that close a block [1] before its time."""
BURST_SECONDS = 1.0
"""How far a source may be ahead of its rate."""
RETRY_SECONDS = 2.0

KeepBlocks = Callable[[Sequence[bytes]], Awaitable[None]]


class Inlet:
    """Takes the points of one source; what it holds back delays that source alone.

    Attributes:
        taken: points that were accepted.
        refused: points of a source that cannot wait and came too fast.
        held: whether the disk does not take them.
        heard: how often the peer has said something.
        complaints: how often something had to be left out, the last time for `complaint`.
    """

    def __init__(self, source: Source, keep_blocks: KeepBlocks) -> None:
        self._source, self._keep_blocks = source, keep_blocks
        self._clock = asyncio.get_running_loop().time
        self._free_at = self._clock()
        self._waiting: list[Points] = []
        self._count = 0
        self._arrived, self._full, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._room.set()
        self.taken = self.refused = 0
        self.held = False
        self.heard = 0
        self.complaints = 0
        self.complaint = ""

    async def give(self, points: Points) -> None:
        """Leave points; waits while the source is faster than its rate or than the disk."""
        await self._pace(points)
        await self._room.wait()
        self._add(points)

    def offer(self, points: Points) -> bool:
        """Leave points of a source that cannot wait; False when they had to be refused."""
        size = _size(points)
        if self._free_at > self._clock() + BURST_SECONDS or not self._room.is_set():
            self.refused += size
            return False
        self._spend(size)
        self._add(points)
        return True

    async def keep(self, points: Points) -> None:
        """Leave points; returns when they are on the disk."""
        await self._pace(points)
        await self._write([points])
        self.taken += _size(points)
        self.heard += 1

    def hear(self) -> None:
        """Note that the peer has answered, though it had nothing new to say."""
        self.heard += 1

    def complain(self, why: str) -> None:
        """Note that something in what the peer says had to be left out."""
        self.complaints += 1
        self.complaint = why

    async def run(self) -> None:
        """Close blocks in time, for ever."""
        while True:
            await self._arrived.wait()
            try:
                async with asyncio.timeout(self._source.terms.block):
                    await self._full.wait()
            except TimeoutError:
                pass  # the block closes by its age
            await self.flush()

    async def flush(self) -> None:
        """Bring what waits to the disk."""
        waiting = self._waiting
        self._waiting, self._count = [], 0
        self._arrived.clear()
        self._full.clear()
        try:
            if waiting:
                await self._write(waiting)
        except asyncio.CancelledError:
            self._waiting = waiting + self._waiting  # a second copy of a row changes nothing
            raise
        self._room.set()

    async def _write(self, points: Sequence[Points]) -> None:
        """Keep points, for as long as it takes: a full disk holds up this source alone."""
        terms = self._source.terms
        blocks = blocks_of(terms.subject, self._source.channels, points)
        while True:
            try:
                await self._keep_blocks(blocks)
            except Unavailable:
                self.held = True
                await asyncio.sleep(RETRY_SECONDS)
            else:
                self.held = False
                return

    async def _pace(self, points: Points) -> None:
        now = self._clock()
        ahead = self._free_at - now
        self._spend(_size(points))
        if ahead > 0:
            await asyncio.sleep(ahead)

    def _spend(self, size: int) -> None:
        start = max(self._free_at, self._clock() - BURST_SECONDS)
        self._free_at = start + size / self._source.terms.rate

    def _add(self, points: Points) -> None:
        size = _size(points)
        self._waiting.append(points)
        self._count += size
        self.taken += size
        self.heard += 1
        self._arrived.set()
        if self._count >= MOST_OF_BLOCK:
            self._full.set()
        if self._count >= MOST_WAITING:
            self._room.clear()


def _size(points: Points) -> int:
    return int(np.count_nonzero(points.flags))
