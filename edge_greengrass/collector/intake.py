"""The way into the intake log: one commit for all frames that arrived during the one before."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from edge_greengrass.outbox.log import OutboxFull
from plume.errors import Unavailable
from plume.evidence import payload
from plume.model.event import EdgeEvent
from plume.model.frame import FrameRecord
from plume.model.segment import Payload
from plume.wire.events import event_fields

MOST_FRAMES = 4_096
"""One commit holds at most so many frames [1], so that the first of them need not wait long."""
RECORD_BYTES = 4_000
"""Frames of one commit share records, so that each costs less; a record must fit one segment."""
FRAME_OVERHEAD_BYTES = 96
"""What a record holds beside the bytes of a frame: times, MN, peer, verdict."""

_Kept = FrameRecord | EdgeEvent
_Waiting = tuple[Sequence[_Kept], asyncio.Future[None]]


class NotKept(Unavailable):
    """The frames are not on the disk, so nobody may be told that they are."""


class Appends(Protocol):
    """What the intake asks of its log: durable on return, or an exception."""

    def append(self, records: Sequence[bytes]) -> object:
        """Keep the records; raise OutboxFull or OSError when they are not all kept."""


class Intake:
    """Keeps frames and events durably, each in the order in which they were handed in.

    Args:
        log: the append-only log; touched by one thread alone.
        on_fault: told of every commit that failed, with the number of frames and the reason.
    """

    def __init__(self, log: Appends, on_fault: Callable[[int, str], None]) -> None:
        self._log = log
        self._on_fault = on_fault
        self._waiting: list[_Waiting] = []
        self._bell = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "intake")

    async def keep(self, frames: Sequence[FrameRecord]) -> None:
        """Return when the frames are on the disk.

        Raises:
            NotKept: the log is full or the disk fails; the next call may well succeed.
        """
        await self._kept(frames)

    async def tell(self, events: Sequence[EdgeEvent]) -> None:
        """Return when the events are on the disk, in their order.

        Raises:
            NotKept: as for frames.
        """
        await self._kept(events)

    async def _kept(self, items: Sequence[_Kept]) -> None:
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((items, done))
        self._bell.set()
        await done

    async def run(self) -> None:
        """Commit for ever; the only task that writes."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            while self._waiting:
                await self._commit(self._next())

    def close(self) -> None:
        """Let a commit under way end, then let the thread go."""
        self._thread.shutdown()

    def _next(self) -> list[_Waiting]:
        """Take what waits, up to MOST_FRAMES."""
        count = taken = 0
        for frames, _ in self._waiting:
            if taken and count + len(frames) > MOST_FRAMES:
                break
            count, taken = count + len(frames), taken + 1
        batch, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return batch

    async def _commit(self, batch: list[_Waiting]) -> None:
        frames = [frame for part, _ in batch for frame in part]
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._write, frames)
        except (OutboxFull, OSError) as fault:
            self._on_fault(len(frames), f"{type(fault).__name__}: {fault}")
            _settle(batch, NotKept(str(fault)))
        else:
            _settle(batch, None)

    def _write(self, items: Sequence[_Kept]) -> None:
        frames = [one for one in items if isinstance(one, FrameRecord)]
        events = [one for one in items if not isinstance(one, FrameRecord)]
        payloads = [Payload(frames=part) for part in _shared(frames)]
        payloads += [Payload(events=(event_fields(one),)) for one in events]
        self._log.append([payload.encode_quickly(one) for one in payloads])


def _shared(frames: Sequence[FrameRecord]) -> Iterator[tuple[FrameRecord, ...]]:
    """Cut frames into the records they share, none longer than RECORD_BYTES if of several."""
    part: list[FrameRecord] = []
    room = RECORD_BYTES
    for frame in frames:
        size = len(frame.raw) + FRAME_OVERHEAD_BYTES + len(frame.reason)
        if part and size > room:
            yield tuple(part)
            part, room = [], RECORD_BYTES
        part.append(frame)
        room -= size
    if part:
        yield tuple(part)


def _settle(batch: list[_Waiting], fault: NotKept | None) -> None:
    for _, done in batch:
        if done.done():  # its connection is gone
            continue
        if fault:
            done.set_exception(fault)
        else:
            done.set_result(None)
