"""Carries segments to the cloud and forgets them on its word alone."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import OutboxFull, Position
from edge_greengrass.uplink.publisher import Ears, Publisher, Told
from edge_greengrass.uplink.sealing import Sealing
from edge_greengrass.uplink.spool import Spool, Spooled
from edge_greengrass.uplink.window import Window
from plume.errors import Unavailable
from plume.wire.messages import BadMessage, ack_of

POLL_SECONDS = 0.1
"""How often the intake log, written by another process, is looked at."""
FULL_SECONDS = 1.0

_T = TypeVar("_T")


class Courier:
    """Seals what comes in and sends what is sealed, side by side.

    The disk is touched by one thread alone. Sending never waits for sealing: with the outbox full
    the oldest segments still leave, and their acknowledgements make room.
    """

    def __init__(
        self,
        sealing: Sealing,
        spool: Spool,
        publisher: Publisher,
        journal: Journal,
        window: Window,
    ) -> None:
        self._sealing, self._spool, self._publisher = sealing, spool, publisher
        self._journal, self._window = journal, window
        self._admitted: Position | None = None
        self._bell = asyncio.Event()
        self._disk = ThreadPoolExecutor(1, "disk")
        self._publishing: set[asyncio.Task[None]] = set()
        self._acknowledged = 0
        self.counts: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many segments are under way."""
        return self._window.waiting

    async def run(self, commanded: Told) -> None:
        """Seal and send until cancelled; what else comes down is told to `commanded`."""
        await self._publisher.open(Ears(self._told, commanded, self._reconnected))
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._seal_for_ever())
                both.create_task(self._send_for_ever())
        finally:
            for task in self._publishing:
                task.cancel()
            await self._publisher.close()
            self._disk.shutdown()

    def heard(self, now: float, patience: float) -> bool:
        """Whether the cloud hears us: a connection stands, and it leaves nothing unanswered."""
        sent = self._window.unanswered_since
        return self._publisher.connected and (sent is None or now - sent < patience)

    async def _seal_for_ever(self) -> None:
        while True:
            try:
                sealed = await self._on_disk(self._sealing.step)
            except OutboxFull as fault:
                self._note("outbox_full", reason=str(fault))
                await asyncio.sleep(FULL_SECONDS)
                continue
            if sealed:
                self.counts["sealed"] += 1
                self._bell.set()
            else:
                await asyncio.sleep(POLL_SECONDS)

    async def _send_for_ever(self) -> None:
        while True:
            self._bell.clear()
            await self._forget_acknowledged()
            await self._admit()
            self._send_due()
            await self._wait()

    async def _admit(self) -> None:
        if self._window.room <= 0:
            return
        found = await self._on_disk(lambda: self._spool.after(self._admitted, self._window.room))
        if found:
            self._admitted = found[-1].position
            self._window.admit(found, time.monotonic())

    def _send_due(self) -> None:
        if not self._publisher.connected:
            return
        for spooled in self._window.due(time.monotonic()):
            task = asyncio.create_task(self._publish(spooled))
            self._publishing.add(task)
            task.add_done_callback(self._publishing.discard)

    async def _publish(self, spooled: Spooled) -> None:
        """Publish once; a failure is only noted, for the segment falls due again."""
        try:
            await self._publisher.publish(spooled.raw)
            self.counts["published"] += 1
        except Unavailable as fault:
            self._note("publish_failed", sequence=spooled.sequence, reason=str(fault))

    async def _wait(self) -> None:
        """Sleep until something is due, or the bell rings."""
        due = self._window.next_due() if self._publisher.connected else None
        patience = None if due is None else max(0.0, due - time.monotonic())
        try:
            async with asyncio.timeout(patience):
                await self._bell.wait()
        except TimeoutError:
            return

    def _told(self, message: bytes) -> None:
        """Take note of an acknowledgement; it may come late, twice and out of order."""
        try:
            sequence = ack_of(message)
        except BadMessage as fault:
            self._note("ack_unreadable", reason=str(fault))
            return
        self._acknowledged = max(self._acknowledged, sequence)
        self._bell.set()

    async def _forget_acknowledged(self) -> None:
        end = self._spool.end
        if end is None or not self._acknowledged:
            return
        if self._acknowledged > end.sequence:
            # Another machine speaks in our name, or our outbox is an old copy: to forget now
            # would be to believe that the cloud has what it has never seen from us.
            self._note("ack_beyond_chain", told=self._acknowledged, end=end.sequence)
            self._acknowledged = 0
            return
        newest = self._window.acknowledged(self._acknowledged)
        if newest:
            await self._on_disk(lambda: self._spool.forget(newest.position))
            self.counts["forgotten"] += 1

    def _reconnected(self) -> None:
        self._window.reconnected(time.monotonic())
        self._bell.set()

    def _note(self, event: str, **facts: object) -> None:
        self.counts[event] += 1
        self._journal.tell(event, **facts)

    async def _on_disk(self, act: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, act)
