"""Which data logger is on which connection, and who waits for its word."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Protocol

from plume.hj212.frame import Frame

Listener = Callable[[Frame | None], None]
"""Told of each frame of one data logger; of None when its connection is gone."""


class Caller(Protocol):
    """A connection as the switchboard sees it."""

    async def say(self, raw: bytes) -> None:
        """Send one frame.

        Raises:
            OSError: the connection is gone.
        """


class Switchboard:
    """The connections of all data loggers, by MN: the newest connection of each counts.

    A gateway may carry several data loggers over one connection.
    """

    def __init__(self) -> None:
        self._callers: dict[str, Caller] = {}
        self._versions: dict[str, int] = {}
        self._listeners: dict[str, list[tuple[Caller, Listener]]] = defaultdict(list)
        self._waiting: dict[str, asyncio.Event] = {}

    def met(self, mn: str, version: int, caller: Caller) -> None:
        """Take note that a data logger speaks over this connection, by these version bits."""
        self._versions[mn] = version
        if self._callers.get(mn) is not caller:
            self._callers[mn] = caller
            waiting = self._waiting.pop(mn, None)
            if waiting is not None:
                waiting.set()

    def listened_to(self, mn: str) -> bool:
        """Whether anybody waits for frames of this data logger."""
        return bool(self._listeners.get(mn))

    def pass_on(self, frame: Frame) -> None:
        """Hand a frame to those who wait for it."""
        for _, listener in tuple(self._listeners.get(frame.mn, ())):
            listener(frame)

    def left(self, caller: Caller) -> None:
        """Forget a connection; those who wait for an answer over it learn of it."""
        for mn in [mn for mn, one in self._callers.items() if one is caller]:
            del self._callers[mn]
        waiting = [one for among in self._listeners.values() for one in among]
        for one, listener in waiting:
            if one is caller:
                listener(None)

    def caller(self, mn: str) -> Caller | None:
        """Give the connection of a data logger; None while it is away."""
        return self._callers.get(mn)

    def version(self, mn: str) -> int:
        """Give the version bits of the last frame heard: 0, 1, 2 for 2005, 2017, 2025."""
        return self._versions.get(mn, 1)

    async def reachable(self, mn: str) -> Caller:
        """Wait until the data logger is on the line."""
        while (caller := self._callers.get(mn)) is None:
            await self._waiting.setdefault(mn, asyncio.Event()).wait()
        return caller

    def listen(self, mn: str, caller: Caller, listener: Listener) -> None:
        """Be told of the frames of a data logger, and of the end of this connection."""
        self._listeners[mn].append((caller, listener))

    def hush(self, mn: str, caller: Caller, listener: Listener) -> None:
        """Be told no more."""
        self._listeners[mn].remove((caller, listener))
