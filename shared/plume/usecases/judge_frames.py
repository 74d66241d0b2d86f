"""Judge the frames of a segment against the registry: the cloud trusts no verdict of the edge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from plume.hj212.frame import Frame
from plume.hj212.verdict import Expected, judge_frame
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import ThingName
from plume.model.outlet import Outlet
from plume.model.segment import Arrival, Segment
from plume.ports.registry import Registry

OutletOf = Callable[[str], Outlet | None]


@dataclass(frozen=True, slots=True)
class HeardFrame:
    """One frame with the cloud's verdict on it.

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

    @property
    def accepted(self) -> bool:
        """Whether its values may be used."""
        return self.verdict.accepted and self.outlet is not None and self.frame is not None

    @property
    def subject(self) -> str:
        """Under what the frame is listed: its outlet, else the device that sent it."""
        return self.outlet.id if self.outlet else f"device#{self.thing}"


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
    )


def _expected(outlet_of: OutletOf) -> Callable[[str], Expected | None]:
    def expected(mn: str) -> Expected | None:
        outlet = outlet_of(mn)
        if outlet is None:
            return None
        keys = tuple(bytes.fromhex(key) for key in outlet.keys)
        return Expected(password=outlet.password, keys=keys, others=outlet.other_passwords)

    return expected
