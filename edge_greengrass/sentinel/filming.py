"""What must be filmed while the line is down (断网取证): a clip of each cause that begins.

A wish is a command to the camera component, under the very id by which the platform asks for the
clip of the same alarm when it hears of it: whoever asks first, the clip is made once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from edge_greengrass.sentinel.configuration import Law
from edge_greengrass.sentinel.watch import Appends
from plume.flows.alarm import alarm_id
from plume.model.command import FILM, Command, CommandKind
from plume.model.finding import Finding
from plume.model.identity import ThingName
from plume.wire.commands import command_message

BEFORE, AFTER = timedelta(minutes=5), timedelta(minutes=10)
"""What a clip shows on each side of what happened."""
VALID = timedelta(minutes=10)


class Filming:
    """Wishes of one device, into the log that its camera component reads."""

    def __init__(self, log: Appends, thing: str) -> None:
        self._log, self._thing = log, ThingName(thing)

    def wish(self, begun: Sequence[Finding], law: Law, now: datetime) -> int:
        """Wish for a clip by each camera of the outlets; give how many.

        Raises:
            OutboxFull, OSError: nothing was wished for.
        """
        wishes = [
            command_message(self._clip(finding, camera, now))
            for finding in begun
            for camera in law.cameras.get(finding.outlet, ())
        ]
        if wishes:
            self._log.append(wishes)
        return len(wishes)

    def _clip(self, finding: Finding, camera: str, now: datetime) -> Command:
        start, end = finding.end - BEFORE, finding.end + AFTER
        return Command(
            id=f"{FILM}{alarm_id(finding)}-{camera.rpartition('-')[2]}",
            thing=self._thing,
            kind=CommandKind.CLIP,
            issued_at=now,
            expires_at=now + VALID,
            outlet=finding.outlet,
            arguments={"camera": camera, "start": start.isoformat(), "end": end.isoformat()},
        )
