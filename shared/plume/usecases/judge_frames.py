"""Judge the frames of a segment against the registry: the cloud trusts no verdict of the edge."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby, islice

from plume.hj212.frame import Frame, cn_of
from plume.hj212.readings import SPANS
from plume.hj212.verdict import NO_REASON, Expected, judge_frame
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import ThingName
from plume.model.outlet import Name, Outlet
from plume.model.segment import Arrival, Segment, SegmentEntry
from plume.ports.registry import Registry
from plume.ports.segments import FrameEntry

MOST_STRANGERS = 20
"""So many MNs are listed of one segment [1]; more in a second are no site, but guesses."""
OutletOf = Callable[[str], Outlet | None]


@dataclass(frozen=True, slots=True)
class HeardFrame:
    """One frame with the cloud's verdict on it, and its reason.

    `outlet` is None for an MN that is unknown or registered behind another device. `heard_at`
    is the edge's receive time, but never later than the broker's: an edge clock that runs ahead
    is not believed. `known_at` is when the platform had it.
    """

    outlet: Outlet | None
    verdict: Verdict
    frame: Frame | None
    record: FrameRecord
    heard_at: datetime
    known_at: datetime
    thing: ThingName
    sequence: int
    mn: str = ""
    reason: Name = NO_REASON

    @property
    def accepted(self) -> bool:
        """Whether its values may be used."""
        return self.verdict.accepted and self.outlet is not None and self.frame is not None

    @property
    def lacks_registration(self) -> bool:
        """Whether it says official values, and an MN, PW or key is all that it lacks."""
        if self.accepted or not self.mn or cn_of(self.record.raw) not in SPANS:
            return False
        is_closed = self.frame is None and b"{0x" in self.record.raw
        return is_closed or self.verdict in {Verdict.UNKNOWN_MN, Verdict.BAD_PW}

    @property
    def subject(self) -> str:
        """Under what the frame is listed: its outlet, else the device that sent it."""
        return self.outlet.id if self.outlet else f"device#{self.thing}"


def refused_under(mn: str) -> str:
    """Name the list of frames that wait for their MN, PW or key to be registered."""
    return f"refused#{mn}"


def listed(frames: Iterable[HeardFrame], where: SegmentEntry) -> list[FrameEntry]:
    """List the frames of one segment by subject, and those that wait for a registration by MN."""
    found = list(frames)
    waiting: dict[str, list[HeardFrame]] = {}
    for one in found:
        if one.lacks_registration:
            waiting.setdefault(refused_under(one.mn), []).append(one)
    ordered = sorted(found, key=lambda one: one.subject)
    by_subject = [(key, list(mine)) for key, mine in groupby(ordered, key=lambda one: one.subject)]
    return [
        _entry(subject, mine, where)
        for subject, mine in (*by_subject, *islice(waiting.items(), MOST_STRANGERS))
    ]


def _entry(subject: str, frames: Sequence[HeardFrame], where: SegmentEntry) -> FrameEntry:
    times = [one.record.received_at for one in frames]
    return FrameEntry(subject, min(times), max(times), len(times), where)


def outlets_behind(thing: ThingName, registry: Registry) -> OutletOf:
    """Give the look-up of outlets by MN, once per MN; those behind other devices are hidden."""

    @cache
    def outlet_of(mn: str) -> Outlet | None:
        outlet = registry.outlet_by_mn(mn)
        return outlet if outlet and outlet.thing in {"", thing} else None

    return outlet_of


def judge_frames(segment: Segment, arrival: Arrival, outlet_of: OutletOf) -> Sequence[HeardFrame]:
    """Judge every frame of the segment, in order; a bad frame is a verdict, never an error."""
    return [_judged(record, segment, arrival, outlet_of) for record in segment.payload.frames]


def _judged(
    record: FrameRecord, segment: Segment, arrival: Arrival, outlet_of: OutletOf
) -> HeardFrame:
    heard_at = min(record.received_at, arrival.received_at)
    judged = judge_frame(record.raw, expected=_expected(outlet_of), now=heard_at)
    return HeardFrame(
        outlet=outlet_of(judged.mn) if judged.mn else None,
        verdict=judged.verdict,
        frame=judged.frame,
        record=record,
        heard_at=heard_at,
        known_at=arrival.received_at,
        thing=segment.header.thing,
        sequence=segment.header.sequence,
        mn=judged.mn,
        reason=judged.reason,
    )


def _expected(outlet_of: OutletOf) -> Callable[[str], Expected | None]:
    def expected(mn: str) -> Expected | None:
        outlet = outlet_of(mn)
        if outlet is None:
            return None
        keys = tuple(bytes.fromhex(key) for key in outlet.keys)
        return Expected(password=outlet.password, keys=keys, others=outlet.other_passwords)

    return expected
