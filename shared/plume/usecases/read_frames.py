"""The verbatim frames of an outlet or a device, out of the evidence itself."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from plume.errors import NotThere, Refused
from plume.evidence.envelope import open_segment
from plume.model.frame import FrameRecord
from plume.model.identity import OutletId, ThingName
from plume.model.outlet import Name
from plume.model.permission import Permission
from plume.model.person import Person
from plume.model.segment import Arrival
from plume.ports.bundles import Bundles
from plume.ports.registry import Registry
from plume.ports.segments import FrameEntry, Segments
from plume.usecases.in_sight import device_in_sight, outlet_in_sight, require
from plume.usecases.judge_frames import HeardFrame, judge_frames, outlets_behind

AT_ONCE = 8
INSTANT = timedelta(microseconds=1)
TIES = 100
"""Segments that may begin at one instant: a burst is cut into many by size."""
UNREADABLE = "UNREADABLE"


@dataclass(frozen=True, slots=True)
class FrameWorld:
    """What frames are read from."""

    registry: Registry
    segments: Segments
    bundles: Bundles
    platform_key_pem: bytes


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """One frame with the cloud's verdict; one of an unreadable segment has no bytes.

    `reason` is the cloud's; where it has none, it is what the edge said when it refused.
    """

    received_at: datetime
    thing: ThingName
    mn: str
    raw: bytes
    verdict: str
    warnings: tuple[str, ...]
    reason: Name
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class FramePage:
    """Frames, newest first; the others lie before `before`, which is None at the end."""

    items: tuple[ShownFrame, ...]
    before: datetime | None


def read_outlet_frames(
    asker: Person,
    key: OutletId,
    between: tuple[datetime, datetime],
    *,
    most: int,
    world: FrameWorld,
) -> FramePage:
    """Give frames that carry the outlet's MN.

    Raises:
        NotThere: no such outlet within the scope.
    """
    require(asker, Permission.FRAME_VIEW)
    outlet = outlet_in_sight(asker, key, world.registry)
    return _page(outlet.id, between, most, world)


def read_device_frames(
    asker: Person,
    key: ThingName,
    between: tuple[datetime, datetime],
    *,
    most: int,
    world: FrameWorld,
) -> FramePage:
    """Give frames of a device that belong to none of its outlets.

    Raises:
        NotThere: no such device within the scope.
    """
    require(asker, Permission.DEVICE_VIEW)
    device = device_in_sight(asker, key, world.registry)
    return _page(f"device#{device.thing}", between, most, world)


def _page(
    subject: str, between: tuple[datetime, datetime], most: int, world: FrameWorld
) -> FramePage:
    since, until = between
    found = world.segments.frames(subject, since, until, most + TIES)
    entries = _enough(found, most, until)
    rest = found[len(entries)].last_at if len(entries) < len(found) else None
    with ThreadPoolExecutor(AT_ONCE) as pool:
        opened = list(pool.map(partial(_frames, world=world), entries))
    oldest = since if rest is None else rest + INSTANT
    frames = [frame for group in opened for frame in group if oldest <= frame.received_at < until]
    frames.sort(key=lambda frame: frame.received_at, reverse=True)
    return FramePage(tuple(frames), None if rest is None else oldest)


def _enough(entries: Sequence[FrameEntry], most: int, until: datetime) -> Sequence[FrameEntry]:
    """Take entries until they hold `most` frames, at least one of them ending before `until`.

    Those that end at one instant stay together. So every page ends earlier than the one before.
    """
    held = 0
    for place, entry in enumerate(entries):
        last = entries[place - 1].last_at
        if held >= most and entry.last_at != last and last < until:
            return entries[:place]
        held += entry.count
    return entries


def _frames(entry: FrameEntry, world: FrameWorld) -> Sequence[ShownFrame]:
    """Open one segment; one that cannot be opened is shown as such, never passed over."""
    try:
        return list(_opened(entry, world))
    except Refused as fault:
        return [_unreadable(entry, fault)]


def _opened(entry: FrameEntry, world: FrameWorld) -> Iterator[ShownFrame]:
    where = entry.segment
    device = world.registry.device(where.thing)
    if device is None:
        raise NotThere(f"device {where.thing} is no longer registered")
    raw = world.bundles.one(where)
    segment = open_segment(
        raw, signing_key=device.signing_key, platform_key_pem=world.platform_key_pem
    )
    arrival = Arrival(where.thing, raw, where.received_at)
    heard = judge_frames(segment, arrival, outlets_behind(where.thing, world.registry))
    return (_shown(one) for one in heard if one.subject == entry.subject)


def _shown(heard: HeardFrame) -> ShownFrame:
    record: FrameRecord = heard.record
    return ShownFrame(
        received_at=record.received_at,
        thing=heard.thing,
        mn=heard.outlet.mn if heard.outlet else record.mn,
        raw=record.raw,
        verdict=heard.verdict.value,
        warnings=record.warnings,
        reason=heard.reason if heard.reason.en else Name(record.reason, record.reason),
        acknowledged=record.acknowledged,
    )


def _unreadable(entry: FrameEntry, fault: Refused) -> ShownFrame:
    number = entry.segment.sequence
    return ShownFrame(
        received_at=entry.last_at,
        thing=entry.segment.thing,
        mn="",
        raw=b"",
        verdict=UNREADABLE,
        warnings=(),
        reason=Name(f"数据段 {number}：{fault.zh}", f"segment {number}: {fault.message}"),
        acknowledged=False,
    )
