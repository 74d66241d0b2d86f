"""Carries segments to the cloud and forgets them on its word alone."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import OutboxFull
from edge_greengrass.uplink.disk import Disk
from edge_greengrass.uplink.outgoing import Outgoing
from edge_greengrass.uplink.publisher import Ears, Publisher, Told
from edge_greengrass.uplink.spool import Spooled
from edge_greengrass.uplink.window import Window
from plume.errors import Unavailable
from plume.model.segment import Acknowledgement
from plume.wire.messages import BadMessage, ack_of

POLL_SECONDS = 0.1
"""How often the upward logs, written by other processes, are looked at."""
FULL_SECONDS = 1.0
LOOK_SECONDS = 1.0


class Seals(Protocol):
    """What the courier asks of the sealing."""

    def step(self) -> bool:
        """Seal at most one segment; whether one was sealed."""


class Courier:
    """Seals what comes in and sends what is sealed, side by side.

    The disk is touched by one thread alone. Sending never waits for sealing: with the outbox full
    the oldest segments still leave, and their acknowledgements make room.

    Attributes:
        relieved: says whether somebody else carries the backlog just now.
    """

    def __init__(
        self,
        sealing: Seals,
        outgoing: Outgoing,
        publisher: Publisher,
        window: Window,
        disk: Disk,
        journal: Journal,
    ) -> None:
        self._sealing, self._outgoing, self._publisher = sealing, outgoing, publisher
        self._window, self._disk, self._journal = window, disk, journal
        self._bell = asyncio.Event()
        self._told: list[Acknowledgement] = []
        self._mended = False
        self._answered_at = 0.0
        self._publishing: set[asyncio.Task[None]] = set()
        self.relieved: Callable[[], bool] = lambda: False
        self.counts: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many segments are under way as messages."""
        return self._window.waiting

    @property
    def owed(self) -> int:
        """How many segments the cloud has not acknowledged."""
        return self._outgoing.ledger.owed

    async def run(self, commanded: Told) -> None:
        """Seal and send until cancelled; what else comes down is told to `commanded`."""
        await self._publisher.open(Ears(self._tell, commanded, self._reconnected))
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._seal_for_ever())
                both.create_task(self._send_for_ever())
        finally:
            for task in self._publishing:
                task.cancel()
            await self._publisher.close()

    def heard(self, now: float, patience: float) -> bool:
        """Whether the cloud hears us: a connection stands, and it leaves not all unanswered.

        One segment that is never answered says nothing of the line as long as others are.
        """
        sent = self._window.unanswered_since
        silent_since = None if sent is None else max(sent, self._answered_at)
        lively = silent_since is None or now - silent_since < patience
        return self._publisher.connected and lively

    async def _seal_for_ever(self) -> None:
        while True:
            try:
                sealed = await self._disk.do(self._sealing.step)
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
            await self._heed_acknowledgements()
            await self._admit()
            self._send_due()
            await self._wait()

    async def _admit(self) -> None:
        """Take in live segments; with the room that is left, of the backlog."""
        if self._mended:
            self._mended, lost = False, self._window.emptied()
            await self._disk.do(lambda: self._outgoing.line_mended(lost))
        if not self._publisher.connected:
            return
        now = time.monotonic()
        if (room := self._window.room) > 0:
            self._window.admit(await self._disk.do(lambda: self._outgoing.live(room)), now)
        if (room := self._window.room_for_backlog) > 0 and not self.relieved():
            self._window.admit(await self._disk.do(lambda: self._outgoing.backlog(room)), now)

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
        """Sleep until something is due, or the bell rings; look up now and then in any case.

        That the backlog is ours again is told by no bell.
        """
        due = self._window.next_due() if self._publisher.connected else None
        patience = LOOK_SECONDS if due is None else max(0.0, due - time.monotonic())
        patience = min(patience, LOOK_SECONDS)
        try:
            async with asyncio.timeout(patience):
                await self._bell.wait()
        except TimeoutError:
            return

    def _tell(self, message: bytes) -> None:
        """Take note of an acknowledgement; it may come late, twice and out of order."""
        try:
            self._told.append(ack_of(message))
        except BadMessage as fault:
            self._note("ack_unreadable", reason=str(fault))
            return
        self._bell.set()

    async def _heed_acknowledgements(self) -> None:
        told, self._told = self._told, []
        if not told:
            return
        for one, believed in zip(told, await self._disk.do(lambda: self._heed(told)), strict=True):
            if believed:
                self._answered_at = time.monotonic()
                self._window.acknowledged(one, self._answered_at)
                self.counts["acknowledged"] += 1
            else:
                self._note("ack_beyond_chain", told=one.sequence)

    def _heed(self, told: Sequence[Acknowledgement]) -> list[bool]:
        return [self._outgoing.acknowledged(one) for one in told]

    def _reconnected(self) -> None:
        """Begin anew on a new connection: what was under way may be lost, and is old by now."""
        self._mended = True
        self._bell.set()

    def _note(self, event: str, **facts: object) -> None:
        self.counts[event] += 1
        self._journal.tell(event, **facts)
