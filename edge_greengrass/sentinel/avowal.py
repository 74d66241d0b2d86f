"""Says by which law is judged here, so that the platform can tell whether it is the right one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from edge_greengrass.sentinel.configuration import Law
from edge_greengrass.sentinel.line import Line
from plume.evidence import payload
from plume.model.event import LawInForce
from plume.model.identity import OutletId
from plume.model.segment import Payload
from plume.wire.events import event_fields

EVERY = timedelta(hours=1)
"""How long a law that was lost on its way stays unnoticed, at most. Our choice."""


class Appends(Protocol):
    """What is asked of the log: durable on return, or an exception."""

    def append(self, records: Sequence[bytes]) -> object:
        """Keep the records."""


class Avowal:
    """Tells the version of each outlet's law: at the start, on a change, and every hour.

    When the line is up again, too: a law that was sent while it was down came to nobody.
    """

    def __init__(self, log: Appends) -> None:
        self._log = log
        self._told: dict[OutletId, LawInForce] = {}
        self._up_since: datetime | None = None

    def tell(self, law: Law, line: Line | None, now: datetime) -> int:
        """Tell what is due, and how much that was.

        Raises:
            OutboxFull, OSError: nothing is taken as told; it is due still.
        """
        if line is not None and line.up and line.since != self._up_since:
            self._up_since = line.since
            self._told.clear()
        due = [
            LawInForce(now, outlet.id, law.versions.get(outlet.id, 0))
            for outlet in law.outlets.values()
        ]
        due = [one for one in due if self._is_due(one)]
        if due:
            events = tuple(event_fields(one) for one in due)
            self._log.append([payload.encode(Payload(events=events))])
        self._told |= {one.outlet: one for one in due}
        return len(due)

    def _is_due(self, one: LawInForce) -> bool:
        """Whether it is news; a clock that was set back must not keep us quiet."""
        told = self._told.get(one.outlet)
        return (
            told is None
            or told.version != one.version
            or not (told.at <= one.at < told.at + EVERY)
        )
