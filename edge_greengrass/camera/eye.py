"""An eye (视频点): one camera with its ring, as the rest of the component sees it."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from edge_greengrass.camera.configuration import CameraSettings, Configuration
from edge_greengrass.camera.piece import Piece
from edge_greengrass.camera.recorder import Ears, Recorder
from edge_greengrass.camera.ring import Ring

RINGS = "film"


class Eye:
    """One camera; made and used on the event loop, recorded by a thread of its own."""

    def __init__(self, camera: CameraSettings, chosen: Configuration) -> None:
        self.camera = camera
        self.ring = Ring(chosen.home / RINGS / camera.camera, chosen.ring)
        self.lost = ""
        self._loop = asyncio.get_running_loop()
        self._fresh = asyncio.Event()
        ears = Ears(piece=self._heard, lost=self._heard_of_loss)
        self._recorder = Recorder(camera.urls, self.ring, ears, shortest=chosen.piece)

    def open(self) -> None:
        """Begin to record."""
        self._recorder.start()

    async def close(self) -> None:
        """Record no more."""
        await asyncio.to_thread(self._recorder.stop)

    async def next_piece(self, within: timedelta) -> None:
        """Return when a piece has come, or when the time is up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within.total_seconds()):
                await self._fresh.wait()

    def _heard(self, _piece: Piece) -> None:
        self._loop.call_soon_threadsafe(self._arrived)

    def _heard_of_loss(self, reason: str) -> None:
        self._loop.call_soon_threadsafe(self._went, reason)

    def _arrived(self) -> None:
        self.lost = ""
        fresh, self._fresh = self._fresh, asyncio.Event()
        fresh.set()

    def _went(self, reason: str) -> None:
        self.lost = reason
