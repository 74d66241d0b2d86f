"""The way into a log: one commit for all that arrived during the one before."""

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

_Waiting = tuple[Payload, asyncio.Future[None]]


class NotKept(Unavailable):
    """What was handed in is not on the disk, so nobody may be told that it is."""


class Appends(Protocol):
    """What the intake asks of its log: durable on return, or an exception."""

    def append(self, records: Sequence[bytes]) -> object:
        """Keep the records; raise OutboxFull or OSError when they are not all kept."""


def _unseen(records: Sequence[bytes]) -> None:
    """Show records to nobody."""


class Intake:
    """Keeps what it is handed durably, in the order in which it was handed in.

    Args:
        log: the append-only log; touched by one thread alone.
        on_fault: told of every commit that failed, with the number of frames, blocks and events
            in it and the reason.
        show: given the records of every commit once they are durable.
    """

    def __init__(
        self,
        log: Appends,
        on_fault: Callable[[int, str], None],
        show: Callable[[Sequence[bytes]], None] = _unseen,
    ) -> None:
        self._log = log
        self._on_fault = on_fault
        self._show = show
        self._waiting: list[_Waiting] = []
        self._bell = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "intake")

    async def keep(self, frames: Sequence[FrameRecord]) -> None:
        """Return when the frames are on the disk.

        Raises:
            NotKept: the log is full or the disk fails; the next call may well succeed.
        """
        await self._put(Payload(frames=tuple(frames)))

    async def keep_blocks(self, blocks: Sequence[bytes]) -> None:
        """Return when the point blocks are on the disk; raises like `keep`."""
        await self._put(Payload(blocks=tuple(blocks)))

    async def tell(self, events: Sequence[EdgeEvent]) -> None:
        """Return when the events are on the disk; raises like `keep`."""
        await self._put(Payload(events=tuple(event_fields(one) for one in events)))

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

    async def _put(self, handed: Payload) -> None:
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((handed, done))
        self._bell.set()
        await done

    def _next(self) -> list[_Waiting]:
        """Take what waits, up to MOST_FRAMES."""
        count = taken = 0
        for handed, _ in self._waiting:
            if taken and count + _size(handed) > MOST_FRAMES:
                break
            count, taken = count + _size(handed), taken + 1
        batch, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return batch

    async def _commit(self, batch: list[_Waiting]) -> None:
        handed = [one for one, _ in batch]
        # Encoded here and not in the thread: there, each call that lets go of the interpreter
        # would wait for this thread to do the same before it goes on.
        records = [payload.encode_quickly(part) for part in _parts(handed)]
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._log.append, records)
        except (OutboxFull, OSError) as fault:
            self._on_fault(sum(map(_size, handed)), f"{type(fault).__name__}: {fault}")
            _settle(batch, NotKept(str(fault)))
        else:
            self._show(records)
            _settle(batch, None)


def _size(handed: Payload) -> int:
    return len(handed.frames) + len(handed.blocks) + len(handed.events)


def _parts(handed: Sequence[Payload]) -> Iterator[Payload]:
    """Give the records: frames share them, each block and each event has one of its own."""
    for part in _shared([frame for one in handed for frame in one.frames]):
        yield Payload(frames=part)
    for one in handed:
        yield from (Payload(blocks=(block,)) for block in one.blocks)
        yield from (Payload(events=(event,)) for event in one.events)


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
