"""The backlog path: what has waited long goes as objects, through the object store.

An object holds some hundred segments as they were sealed (`plume.wire.backlog`). That it was
put says nothing: a segment is forgotten only when an acknowledgement names it, and what is not
named in time is put again.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge_greengrass.journal import Journal
from edge_greengrass.object_store import ObjectStore
from edge_greengrass.uplink.disk import Disk
from edge_greengrass.uplink.outgoing import Outgoing
from edge_greengrass.uplink.spool import Spooled
from plume.errors import Unavailable
from plume.wire import backlog
from plume.wire.names import BACKLOG_PREFIX

WORTHWHILE = 1_000
"""So many segments [1] make the way by objects the cheaper and the faster one."""
MOST_SEGMENTS = 250
"""The cloud has a minute for an object; a segment costs it some ten milliseconds, at worst 100."""
MOST_UNDER_WAY = 4
LOOK_SECONDS = 0.5
PATIENCE = 180.0
"""How long [s] the cloud may take for an object; its queue hides one from others for 360 s."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 120.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """Segments that are under way as one object, and until when [monotonic, s] that may take."""

    sequences: tuple[int, ...]
    until: float


class Parcels:
    """Puts parcels for as long as there is a backlog worth it.

    Args:
        thing: who we are; the prefix of every key.
        store: the bucket of segments.

    Attributes:
        heard: says whether the cloud hears us; else nothing is put that it would not answer.
        patience: how long [s] an object may stay unacknowledged before it is put again.
        sent: how many objects were put.
    """

    def __init__(
        self, thing: str, outgoing: Outgoing, store: ObjectStore, disk: Disk, journal: Journal
    ) -> None:
        self._prefix = BACKLOG_PREFIX.format(thing=thing)
        self._outgoing, self._store, self._disk = outgoing, store, disk
        self._journal = journal
        self._under_way: list[Parcel] = []
        self.patience = PATIENCE
        self.heard: Callable[[], bool] = lambda: True
        self._pause = FIRST_PAUSE
        self._paused_until = 0.0
        self.sent = 0

    @property
    def carries(self) -> bool:
        """Whether the backlog is ours; else, or while the store is away, messages carry it."""
        worthwhile = self._outgoing.backlog_waiting > WORTHWHILE
        return worthwhile and time.monotonic() >= self._paused_until

    async def run(self) -> None:
        """Put parcels for ever."""
        while True:
            await self._disk.do(self._give_up_late)
            ready = len(self._under_way) < MOST_UNDER_WAY and self.heard()
            if not (ready and self.carries and await self._put_one()):
                await asyncio.sleep(LOOK_SECONDS)

    async def _put_one(self) -> bool:
        taken = await self._disk.do(self._next)
        if not taken:
            return False
        sequences = tuple(one.sequence for one in taken)
        body = backlog.write([one.raw for one in taken])
        try:
            await self._store.put(self._prefix + backlog.name(body), body, backlog.CONTENT_TYPE)
        except Unavailable as fault:
            await self._disk.do(lambda: self._outgoing.ledger.put_back(sequences))
            self._wait_a_while(str(fault))
            return False
        self._under_way.append(Parcel(sequences, time.monotonic() + self.patience))
        self._pause, self.sent = FIRST_PAUSE, self.sent + 1
        return True

    def _next(self) -> Sequence[Spooled]:
        """Take the segments of one parcel; what would make it too large goes back."""
        taken = self._outgoing.backlog(MOST_SEGMENTS)
        fitting = backlog.fitting([one.raw for one in taken])
        self._outgoing.ledger.put_back([one.sequence for one in taken[fitting:]])
        return taken[:fitting]

    def _give_up_late(self) -> None:
        """Let go of parcels that are acknowledged, and of those that took too long."""
        ledger, now, kept = self._outgoing.ledger, time.monotonic(), []
        for parcel in self._under_way:
            owed = [each for each in parcel.sequences if not ledger.is_over(each)]
            if owed and now < parcel.until:
                kept.append(parcel)
            else:
                ledger.put_back(owed)
        self._under_way = kept

    def _wait_a_while(self, why: str) -> None:
        self._journal.tell("parcel_failed", reason=why, pause=self._pause)
        self._paused_until = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
