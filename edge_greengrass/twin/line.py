"""The line to the collector: one frame at a time, each sent until it is acknowledged."""

import asyncio
import re
from collections.abc import Coroutine
from contextlib import suppress
from typing import TypeVar

from edge_greengrass.twin.obedience import Obedience
from plume.hj212.frame import BadFrame, Frame
from plume.hj212.stream import FrameReader

_T = TypeVar("_T")
MOST_SENDINGS = 4
"""One sending and three re-sends (HJ 212-2017, 6.2), then the line counts as broken."""
_CHUNK_BYTES = 4096
_ANSWERS = {"9013", "9014"}
_HEAD = re.compile(
    rb"##\d{4}QN=(?P<qn>\d{17});ST=(?P<st>..);CN=\d{4};PW=[^;]*;MN=[^;]*;Flag=(?P<flag>\d+)"
)


class LineBroken(Exception):
    """Nobody answers, or the connection is gone: connect anew, nothing is lost."""


class Line:
    """One TCP connection of a data logger.

    Args:
        reader: from the collector.
        writer: to the collector.
        patience: how long an answer may take [s].
        obedience: reads the frames of the host, and gives the answers to its requests.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        patience: float,
        obedience: Obedience,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._patience = patience
        self._obedience = obedience
        self._obeying: set[asyncio.Task[None]] = set()
        self._waiting: dict[str, list[asyncio.Event]] = {}
        """By QN, oldest first: two frames of one millisecond have the same, each is answered."""
        self._listener = asyncio.create_task(self._listen())

    async def deliver(self, raw: bytes, qn: str) -> int:
        """Send one frame until it is acknowledged; give how many sendings it took.

        Raises:
            LineBroken: no acknowledgement after three re-sends, or the peer is gone.
        """
        answered = asyncio.Event()
        self._waiting.setdefault(qn, []).append(answered)
        try:
            for sending in range(1, MOST_SENDINGS + 1):
                await self._send(raw)
                if await self._heard(answered):
                    return sending
        finally:
            self._forget(qn, answered)
        raise LineBroken(f"QN {qn} was not acknowledged")

    async def meanwhile(self, waiting: Coroutine[object, object, _T]) -> _T:
        """Wait for something else, while the line stands.

        Raises:
            LineBroken: the peer has hung up meanwhile.
        """
        task = asyncio.create_task(waiting)
        await asyncio.wait({task, self._listener}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            raise LineBroken("the collector has hung up")
        return task.result()

    async def close(self) -> None:
        """Hang up."""
        self._listener.cancel()
        for one in self._obeying:
            one.cancel()
        self._writer.close()
        with suppress(OSError, asyncio.CancelledError):
            await self._listener
        with suppress(OSError):
            await self._writer.wait_closed()

    def _forget(self, qn: str, answered: asyncio.Event) -> None:
        self._waiting[qn].remove(answered)
        if not self._waiting[qn]:
            del self._waiting[qn]

    async def _heard(self, answered: asyncio.Event) -> bool:
        waiting = asyncio.create_task(answered.wait())
        done, _ = await asyncio.wait(
            {waiting, self._listener},
            timeout=self._patience,
            return_when=asyncio.FIRST_COMPLETED,
        )
        waiting.cancel()
        if self._listener in done and waiting not in done:
            raise LineBroken("the collector has hung up")
        return waiting in done

    async def _send(self, raw: bytes) -> None:
        try:
            self._writer.write(raw)
            await self._writer.drain()
        except OSError as fault:
            raise LineBroken(str(fault)) from fault

    async def _listen(self) -> None:
        frames = FrameReader()
        with suppress(OSError, LineBroken):
            while data := await self._reader.read(_CHUNK_BYTES):
                for raw in frames.feed(data):
                    await self._take(raw)

    async def _take(self, raw: bytes) -> None:
        """Note an answer or obey a request; a damaged frame is passed over (6.1)."""
        try:
            frame = self._obedience.read(raw)
        except BadFrame:
            return
        if frame.cn in _ANSWERS:
            waiting = (one for one in self._waiting.get(frame.qn, ()) if not one.is_set())
            if first := next(waiting, None):
                first.set()
            return
        if self._obedience.hangs_up(frame):
            self._writer.close()
            raise LineBroken(f"hung up at CN {frame.cn}")
        task = asyncio.create_task(self._answer(frame))
        self._obeying.add(task)
        task.add_done_callback(self._obeying.discard)

    async def _answer(self, frame: Frame) -> None:
        """Carry a request out, beside all else that is said and heard meanwhile."""
        with suppress(LineBroken):
            for answer in self._obedience.answers(frame):
                qn = _to_be_acknowledged(answer)
                if qn:
                    await self.deliver(answer, qn)
                else:
                    await self._send(answer)


def _to_be_acknowledged(answer: bytes) -> str:
    """Give the QN of a frame of data that asks for 9014; empty for any other."""
    head = _HEAD.match(answer)
    wanted = head is not None and int(head["flag"]) & 1 and head["st"] != b"91"
    return head["qn"].decode() if head is not None and wanted else ""
