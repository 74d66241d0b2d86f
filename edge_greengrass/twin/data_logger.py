"""The data logger of a twin: a HJ 212 client over TCP that forgets nothing unacknowledged."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from plume.hj212.items import data_of

from edge_greengrass.twin.plant_clock import real_now
from edge_greengrass.twin.telegram import BEIJING
from plume.errors import Refused
from plume.hj212 import encode, reply
from plume.hj212.frame import Frame, decode
from plume.hj212.stream import FrameReader

WAIT_SECONDS = 10  # HJ 212-2017 6.5: default timeout of an exchange
RESENDS = 3  # ditto: re-sends before the link counts as unavailable
FLAG_WITH_ANSWER = 5  # edition 2017, no packet number, answer wanted
FLAG_WITHOUT_ANSWER = 4
RECONNECT_SECONDS = (1, 2, 5, 10)


class Command(StrEnum):
    """Requests and answers the twin understands (HJ 212-2017 table 9)."""

    READ_TIME = "1011"
    SET_TIME = "1012"
    DATA_ANSWER = "9014"
    NOTICE_ANSWER = "9013"


READY, REFUSED = 1, 2  # QnRtn
DONE = 1  # ExeRtn


@dataclass(frozen=True, slots=True)
class Identity:
    """How the logger names itself in each frame, and whom it calls."""

    mn: str
    st: str
    password: str
    host: str
    port: int


@dataclass(slots=True)
class DataLogger:
    """One connection, one frame in flight; `offset` is what CN 1012 made of its clock."""

    identity: Identity
    wait_seconds: float = WAIT_SECONDS
    reconnect_seconds: tuple[float, ...] = RECONNECT_SECONDS
    offset: timedelta = timedelta()
    _writer: asyncio.StreamWriter | None = None
    _waiting: dict[str, asyncio.Future[None]] = field(default_factory=dict)
    _listening: asyncio.Task[None] | None = None
    _last_qn: int = 0

    async def say(self, command: str, data: str) -> None:
        """Say one thing and return once it is acknowledged, however long that takes.

        Each try repeats the frame with its QN; after the re-sends the link is dropped and the
        frame is said again on a new one.
        """
        qn = self._next_qn()
        raw = self._frame(command, data, qn=qn, flag=FLAG_WITH_ANSWER)
        while True:
            await self._connected()
            for _ in range(1 + RESENDS):
                if await self._answered(qn, raw):
                    return
            await self.hang_up()

    async def hang_up(self) -> None:
        """Close the connection; the next word opens another."""
        if self._listening is not None:
            self._listening.cancel()
        if self._writer is not None:
            self._writer.close()
        self._writer = self._listening = None

    async def _answered(self, qn: str, raw: bytes) -> bool:
        if self._writer is None:
            return False
        answer = asyncio.get_running_loop().create_future()
        self._waiting[qn] = answer
        try:
            self._writer.write(raw)
            await self._writer.drain()
            await asyncio.wait_for(answer, self.wait_seconds)
        except (TimeoutError, ConnectionError):
            return False
        finally:
            self._waiting.pop(qn, None)
        return True

    async def _connected(self) -> None:
        tries = 0
        while self._writer is None:
            try:
                reader, self._writer = await asyncio.open_connection(
                    self.identity.host, self.identity.port
                )
            except OSError:
                await asyncio.sleep(self.reconnect_seconds[min(tries, 3)])
                tries += 1
            else:
                self._listening = asyncio.create_task(self._listen(reader))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        frames = FrameReader()
        try:
            while received := await reader.read(4096):
                for raw in frames.feed(received):
                    await self._hear(raw)
        except ConnectionError as broken:
            complain("link broken", self.identity.mn, str(broken))
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _hear(self, raw: bytes) -> None:
        try:
            frame = decode(raw)
        except Refused as fault:
            complain("answer not understood", self.identity.mn, str(fault))
            return
        if frame.cn == Command.DATA_ANSWER:
            waiting = self._waiting.get(frame.qn)
            if waiting is not None and not waiting.done():
                waiting.set_result(None)
        elif not frame.cn.startswith("9"):
            await self._obey(frame)

    async def _obey(self, frame: Frame) -> None:
        deeds: dict[str, Callable[[Frame], Awaitable[None]]] = {
            Command.READ_TIME: self._tell_time,
            Command.SET_TIME: self._set_time,
        }
        deed = deeds.get(frame.cn)
        await self._send(reply.request_answer(frame, READY if deed else REFUSED))
        if deed is not None:
            await deed(frame)
            await self._send(reply.execution_result(frame, DONE))

    async def _tell_time(self, frame: Frame) -> None:
        now = f"SystemTime={self._local_now():%Y%m%d%H%M%S}"
        await self._send(self._frame(frame.cn, now, qn=frame.qn, flag=FLAG_WITHOUT_ANSWER))

    async def _set_time(self, frame: Frame) -> None:
        told = data_of(frame).items["SystemTime"][""]
        wanted = datetime.strptime(told, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
        self.offset = wanted - real_now()

    async def _send(self, raw: bytes) -> None:
        if self._writer is not None:
            self._writer.write(raw)
            await self._writer.drain()

    def _frame(self, command: str, data: str, *, qn: str, flag: int) -> bytes:
        who = self.identity
        return encode.frame(
            qn=qn, st=who.st, cn=command, password=who.password, mn=who.mn, flag=flag, cp=data
        )

    def _local_now(self) -> datetime:
        return (real_now() + self.offset).astimezone(BEIJING)

    def _next_qn(self) -> str:
        """Give the local time to the millisecond, never the same twice (HJ 212-2017 table 3)."""
        now = self._local_now()
        number = int(f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}")
        self._last_qn = max(number, self._last_qn + 1)
        return str(self._last_qn)


def complain(what: str, mn: str, why: str) -> None:
    """Write one line for the log."""
    sys.stderr.write(json.dumps({"event": what, "mn": mn, "reason": why}) + "\n")
