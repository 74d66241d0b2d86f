"""What the camera component has to tell goes into its log, which the uplink seals and sends."""

import asyncio

from edge_greengrass.outbox.log import AppendLog, OutboxFull
from plume.evidence.payload import encode
from plume.model.event import EdgeEvent
from plume.model.segment import Payload
from plume.wire.events import event_fields

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


class Teller:
    """Tells events; what it has returned for is on the disk and will be sent."""

    def __init__(self, log: AppendLog) -> None:
        self._log = log

    async def tell(self, *events: EdgeEvent) -> None:
        """Tell all of them at once; while the log is full, wait until the uplink has made room.

        Raises:
            OSError: the disk failed.
        """
        record = encode(Payload(events=tuple(event_fields(event) for event in events)))
        pause = _FIRST_PAUSE
        while True:
            try:
                await asyncio.to_thread(self._log.append, [record])
            except OutboxFull:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                return
