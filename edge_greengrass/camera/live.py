"""A live view (实时视频): the newest pieces of a camera and a playlist, put where viewers look.

It begins with what the ring already holds, so that a viewer need not wait for film to be made, and
ends by itself when nobody has asked for it for a while.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from edge_greengrass.camera.eye import Eye
from edge_greengrass.camera.piece import Piece, milliseconds
from edge_greengrass.camera.playlist import Window, live_playlist
from edge_greengrass.object_store import ObjectStore
from plume.errors import Unavailable
from plume.wire.names import LIVE_PLAYLIST, LIVE_PREFIX

_AT_ONCE, _SHOWN = 3, 6
"""Pieces that a view begins with, and pieces in its playlist."""
_RECENT = timedelta(seconds=30)
_FILM, _LIST = "video/mp2t", "application/vnd.apple.mpegurl"


class LiveView:
    """The live view of one camera, on or off."""

    def __init__(
        self,
        eye: Eye,
        store: ObjectStore,
        thing: str,
        now: Callable[[], datetime],
        late: Callable[[str], None] = lambda _why: None,
    ) -> None:
        self._eye, self._store, self._now, self._late = eye, store, now, late
        self._prefix = LIVE_PREFIX.format(thing=thing, camera=eye.camera.camera)
        self._until: float | None = None
        self._task: asyncio.Task[None] | None = None
        self._shown = asyncio.Event()

    @property
    def on(self) -> bool:
        """Whether it is being put up."""
        return self._task is not None and not self._task.done()

    async def keep(self, lasting: timedelta, within: timedelta) -> bool:
        """Keep it on for so long; tell whether it can be seen, at the latest `within` from now.

        Counted by a clock that nobody sets: a view must not go on for a day unseen.
        """
        self._until = time.monotonic() + lasting.total_seconds()
        if not self.on:
            self._shown = asyncio.Event()
            self._task = asyncio.create_task(self._run())
        try:
            async with asyncio.timeout(within.total_seconds()):
                await self._shown.wait()
        except TimeoutError:
            return False
        return True

    async def end(self) -> None:
        """Turn it off, as soon as what is being put up is there."""
        self._until = None
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        begun = self._now()
        up: list[Piece] = []
        number, breaks, longest = milliseconds(begun) // 1000, 0, 1.0
        while self._until is not None and time.monotonic() < self._until:
            for piece in self._new(up, begun):
                if await self._put(piece.path.name, piece.path.read_bytes(), _FILM):
                    up.append(piece)
                    longest = max(longest, piece.seconds)
            while len(up) > _SHOWN:
                breaks += up[0].session != up[1].session
                number += 1
                del up[0]
            await self._list(Window(tuple(up), number, breaks, longest))
            await self._eye.next_piece(timedelta(seconds=5))
        await self._list(Window(tuple(up), number, breaks, longest, ended=True))

    def _new(self, up: list[Piece], begun: datetime) -> tuple[Piece, ...]:
        """Give what was filmed after the pieces that are up, oldest first, however dated."""
        if up:
            return self._eye.ring.admitted_after(up[-1], _SHOWN)
        return self._eye.ring.pieces(begun - _RECENT, self._now())[-_AT_ONCE:]

    async def _list(self, window: Window) -> None:
        if window.pieces and await self._put(LIVE_PLAYLIST, live_playlist(window).encode(), _LIST):
            self._shown.set()

    async def _put(self, name: str, body: bytes, kind: str) -> bool:
        """Put one object; what is live and late is left out."""
        try:
            await self._store.put(self._prefix + name, body, kind)
        except Unavailable as fault:
            self._late(str(fault))
            return False
        return True
