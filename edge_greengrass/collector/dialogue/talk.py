"""Exchanges over real connections: one of a kind at a time with each data logger."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from edge_greengrass.collector.configuration import Patience
from edge_greengrass.collector.dialogue.change import Change
from edge_greengrass.collector.dialogue.credentials import Credentials
from edge_greengrass.collector.dialogue.exchange import Ending, Exchange, Outcome
from edge_greengrass.collector.dialogue.newcomers import Newcomer
from edge_greengrass.collector.dialogue.switchboard import Caller, Switchboard
from edge_greengrass.collector.dialogue.turns import Turns
from plume.hj212 import encode
from plume.hj212.frame import Frame
from plume.hj212.moments import request_number
from plume.hj212.requests import Request, naming

VERSION_OF_2025 = 2
SET_TIME = "1012"
ENCIPHERED = frozenset({"1014", "3020"})
"""Requests whose parameters are enciphered (HJ 212-2025, annex A.2)."""
_ANSWER_BIT = 1
_VERSION_BITS = 0b1111_1100


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes, and the header it needs there."""

    caller: Caller
    mn: str
    st: str
    password: str
    flag: int
    key: bytes | None = None

    def frame(self, exchange: Exchange) -> bytes:
        """Build the frame of a request."""
        return encode.frame(
            qn=exchange.qn,
            st=self.st,
            cn=exchange.request.cn,
            password=self.password,
            mn=self.mn,
            flag=self.flag,
            cp=exchange.request.cp,
            key=self.key,
        )


class Talk:
    """Holds exchanges with the data loggers on the switchboard.

    Args:
        switchboard: who is on which connection.
        credentials: ST, PW and keys of each data logger.
        now: gives the time, aware, for QN.
        patience: how long to wait for what.

    Attributes:
        patience: of the next exchange; one that is under way keeps its own.
        on_answer: called with each frame that answers a request, and how long after it [s].
        on_time_set: called with the MN of a data logger whose own clock was set.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        credentials: Credentials,
        now: Callable[[], datetime],
        patience: Patience,
    ) -> None:
        self._switchboard, self._credentials = switchboard, credentials
        self._now, self.patience = now, patience
        self.on_answer: Callable[[Frame, float], None] = _unheeded
        self.on_time_set: Callable[[str], None] = _unnoticed
        self._turns: dict[str, Turns] = {}
        self._last_at = datetime.min.replace(tzinfo=UTC)

    async def ask(self, mn: str, request: Request, change: Change | None = None) -> Outcome:
        """Hold one exchange when its turn has come: one of a CN at a time, a secret one alone.

        The outcome is BROKEN at once when the data logger is not on the line.

        Raises:
            OSError: the disk failed, so that a `change` of a secret cannot be made or settled.
        """
        turns = self._turns.setdefault(mn, Turns())
        async with turns.alone() if request.secret else turns.beside(request.cn):
            caller = self._switchboard.caller(mn)
            if caller is None or not self._credentials.knows(mn):
                return Outcome(Ending.BROKEN)
            address = self._address(mn, caller, request)
            if change is not None:
                change.begin()
            outcome = await self._held(address, request)
            if change is not None:
                change.end(outcome)
        if request.cn == SET_TIME and outcome.ending is Ending.DONE and "PolId" not in request.cp:
            self.on_time_set(mn)
        return outcome

    async def name(self, newcomer: Newcomer, mn: str) -> Outcome:
        """Give an MN to a data logger that has none (CN 1002), under the name it used so far."""
        frame = newcomer.frame
        flag = frame.flag & _VERSION_BITS | _ANSWER_BIT
        address = Address(newcomer.caller, frame.mn, frame.st, frame.password, flag)
        return await self._held(address, naming(mn))

    async def _held(self, address: Address, request: Request) -> Outcome:
        exchange = Exchange(request, self._next_qn(), self.patience)
        raw, bell = address.frame(exchange), asyncio.Event()

        def listener(frame: Frame | None) -> None:
            if frame is None:
                exchange.break_off()
            else:
                self._hear(exchange, frame)
            bell.set()

        self._switchboard.listen(address.mn, address.caller, listener)
        try:
            while exchange.outcome is None:
                if exchange.wake(time.monotonic()):
                    await _said(address.caller, raw, exchange)
                await _rung(bell, exchange)
        finally:
            self._switchboard.hush(address.mn, address.caller, listener)
        return exchange.outcome

    def _address(self, mn: str, caller: Caller, request: Request) -> Address:
        version = self._switchboard.version(mn)
        wants_key = request.cn in ENCIPHERED and version >= VERSION_OF_2025
        return Address(
            caller=caller,
            mn=mn,
            st=self._credentials.station(mn).st,
            password=self._credentials.password(mn),
            flag=version << 2 | _ANSWER_BIT,
            key=self._credentials.key(mn) if wants_key else None,
        )

    def _hear(self, exchange: Exchange, frame: Frame) -> None:
        now = time.monotonic()
        trip = exchange.trip(now)
        if exchange.hear(frame, now) and trip is not None:
            self.on_answer(frame, trip)

    def _next_qn(self) -> str:
        """Give a QN that this run has not used yet, even when the clock is set back."""
        self._last_at = max(self._now(), self._last_at + timedelta(milliseconds=1))
        return request_number(self._last_at)


def _unnoticed(mn: str) -> None:
    del mn


def _unheeded(frame: Frame, trip: float) -> None:
    del frame, trip


async def _said(caller: Caller, raw: bytes, exchange: Exchange) -> None:
    try:
        await caller.say(raw)
    except OSError:
        exchange.break_off()


async def _rung(bell: asyncio.Event, exchange: Exchange) -> None:
    """Wait until something was heard, or until the exchange is to be woken."""
    if exchange.outcome is not None:
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, exchange.due - time.monotonic())):
            await bell.wait()
    bell.clear()
