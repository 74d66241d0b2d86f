"""A stretch of one outlet's time about which something new is known."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plume.model.identity import OutletId


class Cause(StrEnum):
    """What made the window worth judging again."""

    READINGS = "readings"
    TELEMETRY = "telemetry"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class WindowTouched:
    """New data touched `[start, end)` of an outlet, in event time; told at least once."""

    outlet: OutletId
    start: datetime
    end: datetime
    cause: Cause
