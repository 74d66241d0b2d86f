"""The one thread that touches the outbox and the logs that lead into it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")


class Disk:
    """Does one thing after the other, off the event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "disk")

    async def do(self, act: Callable[[], _T]) -> _T:
        """Do one thing and give what it gives."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)

    def close(self) -> None:
        """Let what is under way end."""
        self._thread.shutdown()
