"""What can happen to a plant for a while: its own states, those of its instruments, mischief."""

from dataclasses import dataclass
from enum import StrEnum


class Happening(StrEnum):
    """Everything an episode can be about; a calendar says when.

    The first group is the life of the plant, the second that of its instruments. All others
    are the labelled faults and tamperings that rules are to find (`tricks.py`).
    """

    OUTAGE = "outage"
    BANKED = "banked"
    TRIP = "trip"
    CALIBRATION = "calibration"
    MAINTENANCE = "maintenance"
    ANALYSER_FAULT = "analyser_fault"


@dataclass(frozen=True, slots=True, order=True)
class Episode:
    """One happening over `[start, end)`, unix time [s]."""

    start: int
    end: int
    what: Happening

    def overlaps(self, first: int, last: int) -> bool:
        """Whether any of it lies within `[first, last]`."""
        return self.start <= last and self.end > first
