"""Whose turn it is with one data logger: many exchanges side by side, or one alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Lets exchanges of different kinds run together; one that changes a secret runs alone.

    Otherwise a request that is on its way under the former PW would be refused. One that wants to
    be alone keeps newcomers out until those inside have left, so that it is never passed over.
    """

    def __init__(self) -> None:
        self._inside = 0
        self._closed = False
        self._changed = asyncio.Condition()
        self._lanes: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def beside(self, kind: str) -> AsyncIterator[None]:
        """Run beside exchanges of other kinds, after those of this kind."""
        async with self._lanes.setdefault(kind, asyncio.Lock()):
            async with self._changed:
                await self._changed.wait_for(lambda: not self._closed)
                self._inside += 1
            try:
                yield
            finally:
                async with self._changed:
                    self._inside -= 1
                    self._changed.notify_all()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Run while nobody else does."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._closed)
            self._closed = True
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: not self._inside)
            yield
        finally:
            async with self._changed:
                self._closed = False
                self._changed.notify_all()
