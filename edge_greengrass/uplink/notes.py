"""What the uplink itself has to tell the cloud: into a log that it then seals like any other."""

from datetime import datetime
from threading import Lock

from edge_greengrass.outbox.log import AppendLog
from plume.evidence import payload
from plume.model.event import EdgeEvent, GapRecord, Loss
from plume.model.segment import Payload
from plume.wire.events import event_fields


class Notes:
    """Writes the log `home.UPLINK`; from any thread, one note at a time."""

    def __init__(self, log: AppendLog) -> None:
        self._log, self._lock = log, Lock()

    def tell(self, event: EdgeEvent) -> None:
        """Keep one event durably.

        Raises:
            OutboxFull: there is no room; nothing was kept.
        """
        record = payload.encode(Payload(events=(event_fields(event),)))
        with self._lock:
            self._log.append([record])


def rotted(segments: int, at: datetime) -> GapRecord:
    """Say that sealed segments cannot be read any more; what they held, nobody can tell."""
    reason = f"{segments} sealed segments have rotted in the outbox"
    return GapRecord(at, "frames", Loss.DROPPED, at, at, segments, reason)
