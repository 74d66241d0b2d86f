"""Settings that change while the collector works: checked, applied, or refused and told."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from edge_greengrass.collector.configuration import Configuration
from edge_greengrass.collector.works import Works
from edge_greengrass.journal import Journal
from edge_greengrass.settings import BadSettings
from plume.errors import Unavailable
from plume.model.event import SourceHealth, SourceState

SUBJECT = "collector"
KIND = "settings"
"""Of the SourceHealth that tells whether the newest settings could be taken over."""


class Reloading:
    """Takes over new settings whenever `bell` rings, for ever.

    Settings that are refused change nothing: the former ones go on, and it is told that they do.

    Args:
        works: what the settings are for.
        read: gives the settings as they are now; raises BadSettings.
        journal: where it is noted.
    """

    def __init__(self, works: Works, read: Callable[[], Configuration], journal: Journal) -> None:
        self._works, self._read, self._journal = works, read, journal
        self.bell = asyncio.Event()
        self._turn = asyncio.Lock()
        works.reload = self.reload

    async def run(self) -> None:
        """Wait for the bell, for ever."""
        while True:
            await self.bell.wait()
            self.bell.clear()
            await self.reload()

    async def reload(self) -> str:
        """Take the settings over now; give why they were refused, empty when they hold."""
        async with self._turn:
            return await self._reload()

    async def _reload(self) -> str:
        try:
            chosen = await asyncio.to_thread(self._read)
            if chosen == self._works.chosen:
                return ""
            addresses = await self._works.apply(chosen)
        except BadSettings as fault:
            self._journal.tell("settings_refused", reason=fault.message, field=fault.pointer)
            await self._tell(SourceState.FAILING, fault.message)
            return fault.message
        self._journal.tell("settings_applied", addresses=addresses, outlets=len(chosen.stations))
        await self._tell(SourceState.OK, "")
        return ""

    async def _tell(self, state: SourceState, detail: str) -> None:
        at = datetime.now(tz=UTC)
        try:
            await self._works.intake.tell([SourceHealth(at, SUBJECT, KIND, state, detail)])
        except Unavailable as fault:
            self._journal.tell("event_not_kept", reason=str(fault))
