"""Take segments in: keep the evidence, index it, read its values, tell, then acknowledge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby

from plume.errors import Refused
from plume.model.device_standing import DeviceHeard
from plume.model.identity import ThingName
from plume.model.segment import Arrival, Segment, SegmentEntry
from plume.ports.audit import Audit
from plume.ports.bundles import Bundles
from plume.ports.certificates import DeviceCertificates
from plume.ports.commands import Commands
from plume.ports.device_standings import DeviceStandings
from plume.ports.latest import Latest, LatestValue
from plume.ports.media import MediaIndex, MediaObjects
from plume.ports.notices import DeviceAcks, DeviceCommands, Findings, Operations, Windows
from plume.ports.readings import Readings
from plume.ports.registry import Registry
from plume.ports.segments import FrameEntry, Segments
from plume.usecases.acknowledge_device import acknowledge_device
from plume.usecases.believe_secrets import believe_secrets
from plume.usecases.heed_events import heed_events
from plume.usecases.judge_frames import HeardFrame, judge_frames, listed, outlets_behind
from plume.usecases.note_device import note_heard
from plume.usecases.open_arrival import open_arrival
from plume.usecases.points_of import newest_of, points_of
from plume.usecases.store_values import store_values
from plume.usecases.watch_chain import accuse, watch_chain
from plume.wire import bundle


@dataclass(frozen=True, slots=True)
class IngestWorld:
    """What `ingest_segments` asks of the world; the key is the platform's private one, PEM."""

    registry: Registry
    bundles: Bundles
    segments: Segments
    readings: Readings
    latest: Latest
    media: MediaIndex
    media_objects: MediaObjects
    windows: Windows
    findings: Findings
    device_acks: DeviceAcks
    certificates: DeviceCertificates
    operations: Operations
    commands: Commands
    audit: Audit
    standings: DeviceStandings
    device_commands: DeviceCommands
    platform_key_pem: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """One arrival of the batch that was refused, by its place in the batch."""

    index: int
    fault: Refused


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a batch: counts of what was taken in, and what was refused."""

    failures: tuple[Failure, ...]
    segments: int = 0
    frames: int = 0
    accepted: int = 0
    readings: int = 0


@dataclass(frozen=True, slots=True)
class _Taken:
    """One opened segment, where it lies, and whether another stood there already."""

    arrival: Arrival
    segment: Segment
    entry: SegmentEntry
    indexed: SegmentEntry | None

    @property
    def cloned(self) -> bool:
        """Whether its number was used before with another content."""
        return self.indexed is not None and self.indexed.digest != self.entry.digest


def ingest_segments(arrivals: Sequence[Arrival], *, world: IngestWorld, now: datetime) -> Ingested:
    """Take one batch in.

    The order of effects is: bundle, index, values, what devices say of themselves, telling,
    acknowledgement: people wait for values alone. Each of them is
    harmless when repeated and all of them are repeated when a batch is delivered again, so that
    a crash at any place leaves nothing undone. A segment whose number was used before with
    another content stays in the bundle as evidence and is told to the operators; its values are
    not taken, because nobody can say which of the two machines speaks true.

    Args:
        arrivals: as the queue delivered them, in any order, perhaps again.
        world: the ports.
        now: the platform's clock; no receive time is believed to lie after it.

    Returns:
        What was taken in, and which arrivals are at fault for good: bad signature, unknown
        device, garbage. A bad frame within a good segment is no fault of the segment.

    Raises:
        Unavailable: the world did not answer; deliver the batch again.
    """
    opened, failures = _opened(arrivals, world, now)
    if not opened:
        return Ingested(failures)
    taken = _kept(opened, world)
    believe_secrets([one.segment for one in taken if not one.cloned], world)
    frames = _listened([one for one in taken if not one.cloned], world)
    stored = store_values(frames, again=_again(taken), world=world)
    _note_points(taken, world)
    _note_heard([one for one in taken if not one.cloned], world)
    heed_events([one.segment for one in taken if not one.cloned], world, now=now)
    things = sorted({one.entry.thing for one in taken})
    for thing in things:
        added = _entries(taken, thing)
        tail = watch_chain(thing, added, world)
        acknowledge_device(
            thing, added, tail=tail, segments=world.segments, acks=world.device_acks
        )
    accepted = sum(one.accepted for one in frames)
    return Ingested(failures, len(taken), len(frames), accepted, stored)


def _opened(
    arrivals: Sequence[Arrival], world: IngestWorld, now: datetime
) -> tuple[list[tuple[Arrival, Segment]], tuple[Failure, ...]]:
    """Open each arrival alone: what is refused does not hold up its neighbours."""
    opened: list[tuple[Arrival, Segment]] = []
    failures: list[Failure] = []
    device_of = cache(world.registry.device)
    for index, told in enumerate(arrivals):
        arrival = Arrival(told.thing, told.raw, min(told.received_at, now))
        try:
            segment = open_arrival(
                arrival, device_of=device_of, platform_key_pem=world.platform_key_pem
            )
        except Refused as fault:
            world.operations.refused(told.thing, fault.message)
            failures.append(Failure(index, fault))
        else:
            opened.append((arrival, segment))
    return opened, tuple(failures)


def _kept(opened: Sequence[tuple[Arrival, Segment]], world: IngestWorld) -> list[_Taken]:
    """Put the batch as one bundle, index its segments, and tell of clones."""
    arrivals = [arrival for arrival, _ in opened]
    key = world.bundles.put(arrivals)
    ranges = bundle.ranges(bundle.write(arrivals))
    taken = []
    for (arrival, segment), place in zip(opened, ranges, strict=True):
        entry = _entry(arrival, segment, key, place)
        one = _Taken(arrival, segment, entry, world.segments.add(entry))
        if one.indexed is not None and one.cloned:
            world.operations.cloned(one.indexed, entry)
            accuse(entry, world)
        taken.append(one)
    return taken


def _entry(arrival: Arrival, segment: Segment, key: str, place: tuple[int, int]) -> SegmentEntry:
    offset, length = place
    return SegmentEntry(
        thing=segment.header.thing,
        sequence=segment.header.sequence,
        digest=segment.digest,
        previous=segment.header.previous,
        bundle=key,
        offset=offset,
        length=length,
        received_at=arrival.received_at,
    )


def _listened(taken: Sequence[_Taken], world: IngestWorld) -> list[HeardFrame]:
    """Judge the frames of the batch and index where they lie."""
    heard: list[HeardFrame] = []
    entries: list[FrameEntry] = []
    lookups = {one.entry.thing: outlets_behind(one.entry.thing, world.registry) for one in taken}
    for one in taken:
        frames = judge_frames(one.segment, one.arrival, lookups[one.entry.thing])
        heard += frames
        entries += listed(frames, one.indexed or one.entry)
    if entries:
        world.segments.add_frames(entries)
    return heard


def _note_heard(taken: Sequence[_Taken], world: IngestWorld) -> None:
    """Note, once for each start of each device, that it was heard, and how its clock stands."""
    ordered = sorted(taken, key=_start)
    for (thing, boot), group in groupby(ordered, key=_start):
        mine = sorted(group, key=lambda one: one.segment.header.sequence)
        ahead = [one.segment.header.last_at - one.arrival.received_at for one in mine]
        newest = mine[-1]
        heard = DeviceHeard(
            boot=boot,
            sequence=newest.segment.header.sequence,
            last_at=newest.segment.header.last_at,
            received_at=max(one.arrival.received_at for one in mine),
            ahead=max(ahead),
            least=min(ahead),
            count=len(mine),
        )
        note_heard(thing, heard, world)


def _start(one: _Taken) -> tuple[ThingName, str]:
    header = one.segment.header
    return header.thing, header.boot


def _note_points(taken: Sequence[_Taken], world: IngestWorld) -> None:
    """Keep the newest points of sources without frames; `write_series` tells what is at fault.

    They do not count as the outlet being heard: a meter that talks must not hide a data logger
    that is silent.
    """
    newest = [
        value
        for one in taken
        if one.segment.payload.blocks and not one.cloned
        for value in _newest_points(one, world.registry)
    ]
    if newest:
        world.latest.put(newest)


def _newest_points(one: _Taken, registry: Registry) -> Sequence[LatestValue]:
    heard_at = one.arrival.received_at
    columns, _ = points_of(one.segment, heard_at, registry)
    return newest_of(columns, heard_at, registry)


def _again(taken: Sequence[_Taken]) -> frozenset[tuple[str, int]]:
    """Name the segments that were indexed before: their values may have been stored, untold."""
    return frozenset(
        (one.entry.thing, one.entry.sequence) for one in taken if one.indexed is not None
    )


def _entries(taken: Sequence[_Taken], thing: ThingName) -> list[SegmentEntry]:
    return [one.entry for one in taken if one.entry.thing == thing and not one.cloned]
