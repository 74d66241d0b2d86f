"""The index of segments, and how far each device has been acknowledged (数据段索引)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from plume.model.identity import ThingName
from plume.model.segment import SegmentEntry


@dataclass(frozen=True, slots=True)
class FrameEntry:
    """Frames of one subject within one segment: `subject` is an outlet id or `device#thing`."""

    subject: str
    first_at: datetime
    last_at: datetime
    count: int
    segment: SegmentEntry


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The highest contiguous sequence stored for a thing, and the digest it ended with."""

    thing: ThingName
    sequence: int
    digest: bytes


class Segments(Protocol):
    """What is stored of each device, by sequence."""

    def add(self, entry: SegmentEntry) -> SegmentEntry | None:
        """Index one segment once; give the entry already there, None when this one is new."""

    def after(self, thing: ThingName, sequence: int, most: int) -> Sequence[SegmentEntry]:
        """Give at most `most` indexed segments with a higher sequence, ascending."""

    def acknowledged(self, thing: ThingName) -> Acknowledged | None:
        """Give how far the thing has been acknowledged; None before its first segment."""

    def acknowledge(self, mark: Acknowledged) -> None:
        """Move the mark forward; a lower sequence changes nothing."""

    def add_frames(self, entries: Sequence[FrameEntry]) -> None:
        """Index where frames lie; the same entry twice changes nothing."""

    def frames(
        self, subject: str, since: datetime, until: datetime, most: int
    ) -> Sequence[FrameEntry]:
        """Give entries that overlap `[since, until)`, newest first."""
