"""Waiting for what other tasks, programs and files do."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
PATIENCE = 60.0
"""How long [s] a test waits before it fails; no judgement on speed."""


async def until(ask: Callable[[], Answer]) -> Answer:
    """Ask until the answer is true of the world, and give it."""
    async with asyncio.timeout(PATIENCE):
        while not (answer := ask()):  # noqa: ASYNC110, what is waited for rings no bell
            await asyncio.sleep(0.02)
    return answer
