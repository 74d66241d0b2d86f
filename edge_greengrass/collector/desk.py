"""The desk: what all connections hand in is judged, kept and answered together, turn by turn."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from time import monotonic
from typing import Protocol

from edge_greengrass.collector.allowance import Allowance
from edge_greengrass.collector.configuration import Bounds
from edge_greengrass.collector.intake import Intake, NotKept
from edge_greengrass.collector.judging import Judge, Receipt, Received, is_whole
from plume.model.frame import FrameRecord, Verdict

MOST_AT_ONCE = 256
"""Frames of one turn [1]: enough to share a sync, few enough to be answered soon."""
TURNS = 2
"""Turns under way at once: one is judged while another reaches the disk."""


class Client(Protocol):
    """A connection as the desk sees it."""

    peer: str
    host: str
    proven: bool

    def settle(self, frames: int, answers: bytes) -> None:
        """Take the answers to so many frames; with none where they could not be kept."""

    async def say(self, raw: bytes) -> None:
        """Send one frame of a dialogue.

        Raises:
            OSError: the connection is gone.
        """

    def leave(self, reason: str) -> None:
        """Hang up once all that was handed in is settled."""


class Dialogues(Protocol):
    """Who listens beside the log: those who wait for an answer of a data logger."""

    def heard(self, record: FrameRecord, caller: Client) -> None:
        """Take note of a frame that is whole, from a known data logger, and kept."""

    def strange(self, record: FrameRecord, caller: Client) -> None:
        """Take note of a frame that is undamaged, kept, and of an unknown MN."""

    def judged(self, records: Iterable[FrameRecord]) -> None:
        """Take note of what was made of frames, kept or not."""

    def left(self, caller: Client) -> None:
        """Take note that a connection is gone."""


@dataclass(slots=True)
class Floor:
    """What all links share; the judge changes when configuration or secrets do."""

    judge: Judge
    intake: Intake
    allowance: Allowance
    bounds: Bounds
    dialogues: Dialogues | None = None
    counts: Counter[str] = field(default_factory=Counter)


_Judged = tuple[Client, Receipt, bool]
"""Who handed it in, what was made of it, and whether it is worth keeping."""


class Desk:
    """Serves handed-in frames in order; nothing is answered before it is durable.

    A turn costs one look at many frames and one commit. A client that hands in much waits for its
    next turn like all others: see `Link` for how much it may have outstanding.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._waiting: deque[tuple[Client, Sequence[bytes]]] = deque()
        self._bell = asyncio.Event()
        self._free = asyncio.Semaphore(TURNS)

    def hand_in(self, client: Client, frames: Sequence[bytes]) -> None:
        """Take frames of one client; `client.settle` is called once for each frame."""
        self._waiting.append((client, frames))
        self._bell.set()

    async def run(self) -> None:
        """Serve for ever."""
        async with asyncio.TaskGroup() as turns:
            while True:
                await self._bell.wait()
                await self._free.acquire()
                turns.create_task(self._turn(self._next()))

    def _next(self) -> list[tuple[Client, bytes]]:
        """Take what waits, up to MOST_AT_ONCE and one client more."""
        batch: list[tuple[Client, bytes]] = []
        while self._waiting and len(batch) < MOST_AT_ONCE:
            client, frames = self._waiting.popleft()
            batch += [(client, raw) for raw in frames]
        if not self._waiting:
            self._bell.clear()
        return batch

    async def _turn(self, batch: list[tuple[Client, bytes]]) -> None:
        try:
            judged = self._judged(batch)
            kept = await self._kept([receipt for _, receipt, worth in judged if worth])
            self._settle(judged, kept=kept)
            if kept:
                self._show(judged)
        finally:
            self._free.release()

    def _judged(self, batch: list[tuple[Client, bytes]]) -> list[_Judged]:
        received = [Received(raw, client.peer) for client, raw in batch]
        receipts = self._floor.judge.receipts(received)
        self._floor.counts.update(one.record.verdict.value for one in receipts)
        if self._floor.dialogues is not None:
            self._floor.dialogues.judged(one.record for one in receipts)
        return [
            (client, receipt, self._worth_keeping(client, receipt))
            for (client, _), receipt in zip(batch, receipts, strict=True)
        ]

    def _worth_keeping(self, client: Client, receipt: Receipt) -> bool:
        if is_whole(receipt.record.verdict):
            client.proven = True
            return True
        kept = self._floor.allowance.take(client.host, monotonic())
        self._floor.counts["refused" if kept else "flood"] += 1
        return kept

    async def _kept(self, receipts: Sequence[Receipt]) -> bool:
        """Whether all are on the disk; without an answer the data logger sends them again."""
        try:
            if receipts:
                await self._floor.intake.keep([one.record for one in receipts])
        except NotKept:
            self._floor.counts["not_kept"] += len(receipts)
            return False
        return True

    def _settle(self, judged: list[_Judged], *, kept: bool) -> None:
        for client, group in groupby(judged, itemgetter(0)):
            theirs = list(group)
            answers = [one.answer for _, one, worth in theirs if kept and worth and one.answer]
            self._floor.counts["answered"] += len(answers)
            client.settle(len(theirs), b"".join(answers))
            if not all(worth for _, _, worth in theirs):
                client.leave("refusals")

    def _show(self, judged: list[_Judged]) -> None:
        dialogues = self._floor.dialogues
        if dialogues is None:
            return
        for client, receipt, worth in judged:
            if is_whole(receipt.record.verdict):
                dialogues.heard(receipt.record, client)
            elif worth and receipt.record.verdict is Verdict.UNKNOWN_MN:
                dialogues.strange(receipt.record, client)
