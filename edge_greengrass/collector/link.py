"""One data logger on the line: bytes in, frames kept, answers out."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from edge_greengrass.collector.allowance import Allowance
from edge_greengrass.collector.configuration import Bounds
from edge_greengrass.collector.intake import Intake, NotKept
from edge_greengrass.collector.judging import Judge, Receipt, is_whole
from plume.hj212.stream import FrameReader
from plume.model.frame import FrameRecord

CHUNK_BYTES = 32 * 1024
PAUSE_SECONDS = 2.0
"""A frame that lacks only its line end is taken as whole when the peer pauses this long."""


class Dialogues(Protocol):
    """Who listens beside the log: those who wait for an answer of a data logger."""

    def heard(self, record: FrameRecord, caller: "Link") -> None:
        """Take note of a frame that is whole, from a known data logger, and kept."""

    def left(self, caller: "Link") -> None:
        """Take note that a connection is gone."""


@dataclass(slots=True)
class Floor:
    """What all links share; the judge changes when the secrets of a data logger do."""

    judge: Judge
    intake: Intake
    allowance: Allowance
    bounds: Bounds
    dialogues: Dialogues | None = None
    counts: Counter[str] = field(default_factory=Counter)


class Link:
    """One TCP connection.

    Nothing more is read from it before what was read is durable and answered: a peer that sends
    faster than the disk can write is slowed by TCP, and each turn costs the others one chunk.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, floor: Floor
    ) -> None:
        self._reader, self._writer, self._floor = reader, writer, floor
        self._frames = FrameReader()
        self._partial_since: float | None = None
        host, port, *_ = writer.get_extra_info("peername") or ("?", 0)
        self._host = str(host)
        self.peer = f"{host}:{port}"
        self.proven = False
        self.listening = False
        """Whether it waits for the peer, so that nothing is lost by closing it."""

    def dismiss(self) -> None:
        """Close the connection at once."""
        self._writer.transport.abort()

    async def say(self, raw: bytes) -> None:
        """Send one frame of a dialogue.

        Raises:
            OSError: the connection is gone.
            TimeoutError: the peer does not read.
        """
        if self._writer.is_closing():
            raise ConnectionResetError("closed")
        await self._send(raw)

    async def run(self) -> str:
        """Serve the peer until it leaves or must; give the reason."""
        try:
            return await self._serve()
        except TimeoutError:
            return "timeout"
        except OSError as fault:
            return type(fault).__name__
        finally:
            if self._floor.dialogues:
                self._floor.dialogues.left(self)

    async def _serve(self) -> str:
        while True:
            data = await self._heard()
            frames = self._frames.feed(data) if data else self._frames.flush()
            self._note_partial(whole=bool(frames))
            if frames and not await self._take(frames):
                return "refusals"
            if self._reader.at_eof():
                return "closed"
            if self._partial_since is not None and self._overdue():
                return "timeout"

    async def _heard(self) -> bytes:
        """Read one chunk; nothing when the peer has left, or pauses within a frame.

        Raises:
            TimeoutError: silence, or one frame that does not come to its end.
        """
        self.listening = True
        try:
            async with asyncio.timeout(self._patience()):
                return await self._reader.read(CHUNK_BYTES)
        except TimeoutError:
            if self._overdue():
                raise
            return b""
        finally:
            self.listening = False

    def _patience(self) -> float:
        return self._floor.bounds.idle if self._partial_since is None else PAUSE_SECONDS

    def _overdue(self) -> bool:
        since = self._partial_since
        return since is None or time.monotonic() - since >= self._floor.bounds.partial

    async def _take(self, frames: Sequence[bytes]) -> bool:
        """Keep and answer frames; False when the peer must leave."""
        judged = [self._floor.judge.receipt(raw, self.peer) for raw in frames]
        receipts = [one for one in judged if self._worth_keeping(one)]
        self._count(receipts)
        if receipts:
            await self._keep_and_answer(receipts)
        return len(receipts) == len(judged)

    def _note_partial(self, *, whole: bool) -> None:
        """Start the clock of a frame that has begun; a whole one in between starts it anew."""
        if not self._frames.pending_bytes:
            self._partial_since = None
        elif whole or self._partial_since is None:
            self._partial_since = time.monotonic()

    def _worth_keeping(self, receipt: Receipt) -> bool:
        if is_whole(receipt.record.verdict):
            self.proven = True
            return True
        kept = self._floor.allowance.take(self._host, time.monotonic())
        self._floor.counts["refused" if kept else "flood"] += 1
        return kept

    def _count(self, receipts: Sequence[Receipt]) -> None:
        for one in receipts:
            self._floor.counts[one.record.verdict.value] += 1

    async def _keep_and_answer(self, receipts: Sequence[Receipt]) -> None:
        """Answer only what is durable; without an answer the data logger sends it again."""
        try:
            await self._floor.intake.keep([one.record for one in receipts])
        except NotKept:
            self._floor.counts["not_kept"] += len(receipts)
            return
        answers = [one.answer for one in receipts if one.answer]
        self._floor.counts["answered"] += len(answers)
        await self._send(b"".join(answers))
        self._show(receipts)

    def _show(self, receipts: Sequence[Receipt]) -> None:
        dialogues = self._floor.dialogues
        if dialogues is None:
            return
        for one in receipts:
            if is_whole(one.record.verdict):
                dialogues.heard(one.record, self)

    async def _send(self, answers: bytes) -> None:
        if not answers:
            return
        self._writer.write(answers)
        async with asyncio.timeout(self._floor.bounds.drain):
            await self._writer.drain()
