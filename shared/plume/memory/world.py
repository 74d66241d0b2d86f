"""The whole outside world, in a few dictionaries: for tests, benches and laptops."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from plume.errors import Conflict, NotThere, Refused
from plume.model.alarm import Alarm
from plume.model.belated import Belated
from plume.model.camera import Camera
from plume.model.command import Command
from plume.model.device import Device
from plume.model.event import GapRecord
from plume.model.facility import Facility
from plume.model.finding import Finding
from plume.model.identity import AlarmId, CameraId, EnterpriseId, FactorCode, OutletId, ThingName
from plume.model.limit import Limit
from plume.model.outlet import Enterprise, Outlet, Region
from plume.model.person import Person, Scope
from plume.model.reading import Reading, Span
from plume.model.segment import Acknowledgement, Arrival, SegmentEntry
from plume.model.window import WindowTouched
from plume.ports.alarms import AlarmPage, AlarmQuery
from plume.ports.latest import Heard, LatestValue, later
from plume.ports.readings import Rewritten
from plume.ports.registry import Registry, Wanted
from plume.ports.segments import Acknowledged, FrameEntry
from plume.wire import bundle


class MemoryRegistry:
    """The registry in dictionaries."""

    def __init__(self) -> None:
        self._regions: dict[str, Region] = {}
        self._enterprises: dict[str, Enterprise] = {}
        self._outlets: dict[str, Outlet] = {}
        self._limits: dict[tuple[str, str, int], Limit] = {}
        self._cameras: dict[CameraId, Camera] = {}
        self._devices: dict[str, Device] = {}
        self._facilities: dict[str, Facility] = {}

    def foresee(self, wanted: Wanted) -> Registry:  # noqa: ARG002, everything is at hand
        """Give this registry with what is wanted read at once."""
        return self

    def regions(self) -> Sequence[Region]:
        """Give every region, by code."""
        return sorted(self._regions.values(), key=lambda region: region.code)

    def enterprises(self, scope: Scope) -> Sequence[Enterprise]:
        """Give the enterprises within the scope, by id."""
        held = {o.enterprise for o in self._outlets.values() if o.id in scope.outlets}
        mine = [
            one
            for one in self._enterprises.values()
            if scope.covers(region=one.region, enterprise=one.id) or one.id in held
        ]
        return sorted(mine, key=lambda enterprise: enterprise.id)

    def enterprise(self, key: EnterpriseId) -> Enterprise | None:
        """Give one enterprise; None when there is none."""
        return self._enterprises.get(key)

    def outlets(self, scope: Scope) -> Sequence[Outlet]:
        """Give the outlets within the scope, by id."""
        mine = [one for one in self._outlets.values() if _sees(scope, one)]
        return sorted(mine, key=lambda outlet: outlet.id)

    def outlet(self, key: OutletId) -> Outlet | None:
        """Give one outlet; None when there is none."""
        return self._outlets.get(key)

    def outlet_by_mn(self, mn: str) -> Outlet | None:
        """Give the outlet whose data logger says this MN; None when it is unknown."""
        return next((one for one in self._outlets.values() if one.mn == mn), None)

    def limits(self, outlet: OutletId) -> Sequence[Limit]:
        """Give every limit of the outlet, past and present."""
        return [limit for limit in self._limits.values() if limit.outlet == outlet]

    def limits_of(self, outlets: Sequence[OutletId]) -> dict[OutletId, Sequence[Limit]]:
        """Give every limit of each of these outlets, at once; one without limits has ()."""
        return {outlet: tuple(self.limits(outlet)) for outlet in outlets}

    def cameras_of(self, outlets: Sequence[OutletId]) -> dict[OutletId, Sequence[Camera]]:
        """Give the cameras of each of these outlets, by id, at once; one without has ()."""
        found = [self._cameras[key] for key in sorted(self._cameras)]
        return {outlet: tuple(c for c in found if c.outlet == outlet) for outlet in outlets}

    def facilities(self, subject: str) -> Sequence[Facility]:
        """Give the facilities of this outlet, or those that signals of this unit watch, by id."""
        every = [self._facilities[key] for key in sorted(self._facilities)]
        return [one for one in every if subject in one.subjects]

    def device(self, thing: ThingName) -> Device | None:
        """Give one edge device; None when it is not registered."""
        return self._devices.get(thing)

    def mark_online(self, outlet: OutletId, since: datetime) -> None:
        """Note the first accepted frame of an outlet; a later call changes nothing."""
        known = self._outlets.get(outlet)
        if known is not None and known.online_since is None:
            self._outlets[outlet] = replace(known, online_since=since)

    def put_region(self, region: Region) -> None:
        """Enter or replace a region."""
        self._regions[region.code] = region

    def put_enterprise(self, enterprise: Enterprise) -> None:
        """Enter or replace an enterprise."""
        self._enterprises[enterprise.id] = enterprise

    def put_outlet(self, outlet: Outlet) -> None:
        """Enter or replace an outlet; `online_since` once noted stays."""
        known = self._outlets.get(outlet.id)
        since = known.online_since if known else None
        self._outlets[outlet.id] = replace(outlet, online_since=since or outlet.online_since)

    def put_limit(self, limit: Limit) -> None:
        """Enter a limit; versions live side by side."""
        self._limits[limit.outlet, limit.id, limit.version] = limit

    def put_limits(self, limits: Sequence[Limit]) -> None:
        """Enter the limits of one outlet at once; none of them changes nothing."""
        for limit in limits:
            self.put_limit(limit)

    def put_camera(self, camera: Camera) -> None:
        """Enter or replace a camera of its outlet."""
        self._cameras[camera.id] = camera

    def put_facility(self, facility: Facility) -> None:
        """Enter a facility, or replace the one of this id."""
        self._facilities[facility.id] = facility

    def drop_facility(self, facility: Facility) -> None:
        """Watch a facility no more; one that is not there changes nothing."""
        self._facilities.pop(facility.id, None)

    def enter_device(self, device: Device) -> None:
        """Enter a device; one that is there stays as it is, with the key it came up with."""
        self._devices.setdefault(device.thing, device)

    def put_device(self, device: Device) -> None:
        """Enter or replace a device."""
        self._devices[device.thing] = device


class MemoryReadings:
    """Official values, every version, in lists of versions."""

    def __init__(self) -> None:
        self._versions: dict[tuple[Any, ...], list[Reading]] = {}

    def add(self, batch: Sequence[Reading]) -> Sequence[Rewritten]:
        """Keep the batch; see the port."""
        rewritten: list[Rewritten] = []
        for reading in batch:
            versions = self._versions.setdefault(_interval(reading), [])
            if versions and versions[-1].says_the_same_as(reading):
                continue
            kept = replace(reading, version=len(versions) + 1)
            rewritten += [Rewritten(before=versions[-1], after=kept)] if versions else []
            versions.append(kept)
        return rewritten

    def of(
        self,
        outlet: OutletId,
        span: Span,
        since: datetime,
        until: datetime,
        *,
        as_known_at: datetime | None = None,
    ) -> Sequence[Reading]:
        """Give the newest version per (factor, start, source); see the port."""
        found = [
            newest
            for (where, _, what, start, _), versions in self._versions.items()
            if (where, what) == (outlet, span) and since <= start < until
            if (newest := _newest(versions, as_known_at))
        ]
        return sorted(found, key=lambda one: (one.start, one.factor, one.source.value))


class MemoryLatest:
    """Newest values in dictionaries."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str, str], LatestValue] = {}
        self._heard: dict[OutletId, Heard] = {}

    def put(self, batch: Sequence[LatestValue]) -> None:
        """Keep each value if it is the newest of its (outlet, factor, kind)."""
        for value in batch:
            slot = (value.outlet, value.factor, value.kind)
            known = self._values.get(slot)
            if known is None or (known.at, known.received_at) <= (value.at, value.received_at):
                self._values[slot] = value

    def of(self, outlet: OutletId) -> Sequence[LatestValue]:
        """Give the newest values of one outlet, by factor and kind."""
        return [self._values[slot] for slot in sorted(self._values) if slot[0] == outlet]

    def hear(self, heard: Heard) -> None:
        """Note that an outlet was heard; older news change nothing."""
        self._heard[heard.outlet] = later(self._heard.get(heard.outlet), heard)

    def heard(self, outlets: Sequence[OutletId]) -> dict[OutletId, Heard]:
        """Give when each outlet was last heard; one never heard is missing."""
        return {outlet: self._heard[outlet] for outlet in outlets if outlet in self._heard}


class MemoryBundles:
    """Bundles as bytes under their keys."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, arrivals: Sequence[Arrival]) -> str:
        """Keep the segments of one batch in one object and give its key."""
        data = bundle.write(arrivals)
        key = bundle.key(data, min(arrival.received_at for arrival in arrivals))
        self.objects.setdefault(key, data)
        return key

    def whole(self, key: str) -> Sequence[Arrival]:
        """Give all segments of a bundle, in the order they were put."""
        return bundle.read(self._object(key))

    def one(self, entry: SegmentEntry) -> bytes:
        """Give one verbatim segment by its byte range."""
        return self._object(entry.bundle)[entry.offset : entry.offset + entry.length]

    def _object(self, key: str) -> bytes:
        try:
            return self.objects[key]
        except KeyError:
            raise NotThere(f"no bundle {key}") from None


class MemoryBacklog:
    """Objects of devices as bytes under their keys."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def fetch(self, key: str, most: int) -> bytes:
        """Give an object of at most `most` bytes."""
        if key not in self.objects:
            raise NotThere(f"no object {key}")
        data = self.objects[key]
        if len(data) > most:
            raise Refused(f"{key}: {len(data)} bytes, {most} allowed")
        return data


class MemorySegments:
    """The index of segments in sorted dictionaries."""

    def __init__(self) -> None:
        self._entries: dict[ThingName, dict[int, SegmentEntry]] = {}
        self._order: dict[ThingName, list[int]] = {}
        self._marks: dict[ThingName, Acknowledged] = {}
        self._frames: dict[tuple[str, datetime, ThingName, int], FrameEntry] = {}

    def add(self, entry: SegmentEntry) -> SegmentEntry | None:
        """Index one segment once; give the entry already there, None when this one is new."""
        mine = self._entries.setdefault(entry.thing, {})
        if entry.sequence in mine:
            return mine[entry.sequence]
        mine[entry.sequence] = entry
        order = self._order.setdefault(entry.thing, [])
        order.insert(bisect_right(order, entry.sequence), entry.sequence)
        return None

    def after(self, thing: ThingName, sequence: int, most: int) -> Sequence[SegmentEntry]:
        """Give at most `most` indexed segments with a higher sequence, ascending."""
        order = self._order.get(thing, [])
        first = bisect_right(order, sequence)
        return [self._entries[thing][number] for number in order[first : first + most]]

    def acknowledged(self, thing: ThingName) -> Acknowledged | None:
        """Give how far the thing has been acknowledged; None before its first segment."""
        return self._marks.get(thing)

    def acknowledge(self, mark: Acknowledged) -> None:
        """Move the mark forward; a lower sequence changes nothing."""
        known = self._marks.get(mark.thing)
        if known is None or known.sequence < mark.sequence:
            self._marks[mark.thing] = mark

    def add_frames(self, entries: Sequence[FrameEntry]) -> None:
        """Index where frames lie; the same entry twice changes nothing."""
        for entry in entries:
            slot = (entry.subject, entry.first_at, entry.segment.thing, entry.segment.sequence)
            self._frames.setdefault(slot, entry)

    def frames(
        self, subject: str, since: datetime, until: datetime, most: int
    ) -> Sequence[FrameEntry]:
        """Give entries that overlap `[since, until)`, newest first."""
        mine = [
            entry
            for entry in self._frames.values()
            if entry.subject == subject and entry.first_at < until and entry.last_at >= since
        ]
        mine.sort(key=lambda one: (one.last_at, one.segment.sequence), reverse=True)
        newest: dict[tuple[ThingName, int], FrameEntry] = {}
        for entry in mine:
            newest.setdefault((entry.segment.thing, entry.segment.sequence), entry)
        return list(newest.values())[:most]


class MemoryAlarms:
    """Alarms in a dictionary, guarded by their version."""

    def __init__(self) -> None:
        self._alarms: dict[AlarmId, Alarm] = {}

    def episodes(self, rule: str, outlet: OutletId, factor: FactorCode) -> Sequence[Alarm]:
        """Give the alarms of one cause, newest `first_at` first, the open one among them."""
        cause = (rule, outlet, factor)
        mine = [a for a in self._alarms.values() if (a.rule.id, a.outlet, a.factor) == cause]
        return sorted(mine, key=lambda alarm: alarm.first_at, reverse=True)

    def get(self, key: AlarmId) -> Alarm | None:
        """Give one alarm; None when there is none."""
        return self._alarms.get(key)

    def put(self, alarm: Alarm, *, expected: int, beside: int = 0) -> None:
        """Keep the alarm if the stored version is `expected` (0: not stored yet)."""
        stored = self._alarms.get(alarm.id)
        found = stored.version if stored else 0
        if found != expected:
            raise Conflict(f"alarm {alarm.id}: version {found}, expected {expected}")
        others = len(self.episodes(alarm.rule.id, alarm.outlet, alarm.factor))
        if not stored and others != beside:
            raise Conflict(f"alarm {alarm.id}: beside {others} others, expected {beside}")
        self._alarms[alarm.id] = alarm

    def page(self, query: AlarmQuery, scope: Scope, *, most: int, cursor: str = "") -> AlarmPage:
        """Give one page within the scope; the cursor is the place of the next alarm."""
        found = [a for a in self._alarms.values() if _within(scope, a) and _asked(query, a)]
        found.sort(key=lambda alarm: (alarm.updated_at, alarm.id), reverse=True)
        first = int(cursor or "0")
        rest = first + most < len(found)
        return AlarmPage(tuple(found[first : first + most]), str(first + most) if rest else "")


class MemoryPeople:
    """People in a dictionary."""

    def __init__(self) -> None:
        self._people: dict[str, Person] = {}

    def get(self, subject: str) -> Person | None:
        """Give the person the identity provider calls `subject`; None when unknown."""
        return self._people.get(subject)

    def put(self, person: Person) -> None:
        """Enter or replace a person."""
        self._people[person.id] = person

    def all(self) -> Sequence[Person]:
        """Give everyone, by username."""
        return sorted(self._people.values(), key=lambda person: person.username)


class MemoryDeviceAcks:
    """Acknowledgements, in the order they were told."""

    def __init__(self) -> None:
        self.told: list[tuple[ThingName, Acknowledgement]] = []

    def tell(self, thing: ThingName, told: Acknowledgement) -> None:
        """Note what was told to whom."""
        self.told.append((thing, told))


class MemoryWindows:
    """Touched windows, in the order they were told."""

    def __init__(self) -> None:
        self.told: list[WindowTouched] = []

    def tell(self, windows: Sequence[WindowTouched]) -> None:
        """Note the windows."""
        self.told.extend(windows)


class MemoryBelated:
    """What is to be judged again, in the order it was told."""

    def __init__(self) -> None:
        self.told: list[Belated] = []

    def tell(self, due: Sequence[Belated]) -> None:
        """Note what is due."""
        self.told.extend(due)


class MemoryFindings:
    """Findings, in the order they were told."""

    def __init__(self) -> None:
        self.told: list[Finding] = []

    def tell(self, findings: Sequence[Finding]) -> None:
        """Note the findings."""
        self.told.extend(findings)


class MemoryOperations:
    """What the operators were told."""

    def __init__(self) -> None:
        self.altered_media: list[tuple[str, str, str]] = []
        self.broken_chains: list[tuple[bytes, SegmentEntry]] = []
        self.clones: list[tuple[SegmentEntry, SegmentEntry]] = []
        self.given_up: list[tuple[str, GapRecord]] = []
        self.refusals: list[tuple[str, str]] = []
        self.contests: list[tuple[str, datetime]] = []

    def broken_chain(self, expected: bytes, found: SegmentEntry) -> None:
        """Note a chain that does not join."""
        self.broken_chains.append((expected, found))

    def cloned(self, first: SegmentEntry, second: SegmentEntry) -> None:
        """Note two contents under one (thing, sequence)."""
        self.clones.append((first, second))

    def contested(self, thing: str, at: datetime) -> None:
        """Note that a name is contested."""
        self.contests.append((thing, at))

    def refused(self, thing: str, reason: str) -> None:
        """Note a refusal."""
        self.refusals.append((thing, reason))

    def altered(self, thing: str, media: str, key: str) -> None:
        """Note an object that is not what was signed."""
        self.altered_media.append((thing, media, key))

    def gave_up(self, thing: str, gap: GapRecord) -> None:
        """Note what a device gave up."""
        self.given_up.append((thing, gap))


class MemoryDeviceCommands:
    """`plume.ports.notices.DeviceCommands`."""

    def __init__(self) -> None:
        self.sent: list[Command] = []

    def send(self, command: Command) -> None:
        """Send one command down."""
        self.sent.append(command)


def _sees(scope: Scope, outlet: Outlet) -> bool:
    return scope.covers(region=outlet.region, enterprise=outlet.enterprise, outlet=outlet.id)


def _within(scope: Scope, alarm: Alarm) -> bool:
    return scope.covers(region=alarm.region, enterprise=alarm.enterprise, outlet=alarm.outlet)


def _interval(reading: Reading) -> tuple[Any, ...]:
    return (reading.outlet, reading.factor, reading.span, reading.start, reading.source)


def _newest(versions: Iterable[Reading], as_known_at: datetime | None) -> Reading | None:
    known = [one for one in versions if as_known_at is None or one.known_at <= as_known_at]
    return known[-1] if known else None


def _asked(query: AlarmQuery, alarm: Alarm) -> bool:
    return all(wanted(query, alarm) for wanted in _WANTED)


_WANTED: tuple[Callable[[AlarmQuery, Alarm], bool], ...] = (
    lambda query, alarm: query.since is None or alarm.last_at >= query.since,
    lambda query, alarm: query.until is None or alarm.last_at < query.until,
    lambda query, alarm: not query.types or alarm.type in query.types,
    lambda query, alarm: not query.severities or alarm.severity in query.severities,
    lambda query, alarm: query.condition in {None, alarm.condition},
    lambda query, alarm: query.handling in {None, alarm.handling},
    lambda query, alarm: query.source in {None, alarm.source},
    lambda query, alarm: query.outlet in {None, alarm.outlet},
    lambda query, alarm: query.enterprise in {None, alarm.enterprise},
    lambda query, alarm: query.region is None or alarm.region.startswith(query.region),
    lambda query, alarm: query.factor in {None, alarm.factor},
)
