"""What waits for a registration: the frames refused before it (补判), and the law on site.

The evidence keeps every frame verbatim. Those that say official values and lack nothing but a
registration are listed by MN (`judge_frames.refused_under`), so that a registration that comes
late finds them without a search.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from plume.errors import Refused
from plume.model.belated import DAY, Belated
from plume.model.identity import OutletId
from plume.model.outlet import Outlet
from plume.model.reading import Reading, Span
from plume.model.segment import Arrival
from plume.ports.bundles import Bundles
from plume.ports.latest import Latest
from plume.ports.notices import BelatedFrames, DeviceCommands, Findings, Windows
from plume.ports.readings import Readings, Rewritten
from plume.ports.registry import Registry
from plume.ports.segments import FrameEntry, Segments
from plume.usecases.judge_frames import (
    HeardFrame,
    judge_frames,
    listed,
    outlets_behind,
    refused_under,
)
from plume.usecases.open_arrival import open_arrival
from plume.usecases.store_values import store_values
from plume.usecases.tell_law import law_due

AT_ONCE = 8
PART = 100
"""Segments whose values are stored together [1]."""
MOST = 3_000
"""Segments of one MN and day that one call opens, newest first [1]; a logger that sends every
minute fills half. The next call opens the rest."""
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class BelatedWorld:
    """What judging again asks of the world; the key is the platform's private one, PEM."""

    registry: Registry
    segments: Segments
    bundles: Bundles
    readings: Readings
    latest: Latest
    windows: Windows
    findings: Findings
    belated: BelatedFrames
    device_commands: DeviceCommands
    platform_key_pem: bytes


@dataclass(frozen=True, slots=True)
class JudgedAgain:
    """What became of it: days still to do, segments opened or unreadable, values believed."""

    days: int = 0
    segments: int = 0
    unreadable: int = 0
    readings: int = 0


def judge_belated(asked: Belated, *, world: BelatedWorld) -> JudgedAgain:
    """Judge the frames of one day; of more, tell each day on which there are any, and the law.

    Each is judged as of when it came. What the outlet has said since about the same interval
    stays the newest word; the values become known now. Done twice, nothing changes.

    Raises:
        Unavailable: the world did not answer; deliver it again.
    """
    outlet = world.registry.outlet(asked.outlet)
    if outlet is None:
        return JudgedAgain()
    if asked.until - asked.since > DAY:
        law_due(outlet, device_commands=world.device_commands, now=asked.asked_at)
        days = _days(asked, outlet, world.segments)
        if days:
            world.belated.tell(days)
        return JudgedAgain(days=len(days))
    return _judged(asked, outlet, world)


def _days(asked: Belated, outlet: Outlet, segments: Segments) -> list[Belated]:
    """Name the days with frames, by one question for each of them."""
    days, subject, until = [], refused_under(outlet.mn), asked.until
    while newest := segments.frames(subject, asked.since, until, 1):
        last = min(newest[0].last_at, until - INSTANT)
        since = max(last.replace(hour=0, minute=0, second=0, microsecond=0), asked.since)
        days.append(replace(asked, since=since, until=min(since + DAY, until)))
        until = since
    return days


def _judged(asked: Belated, outlet: Outlet, world: BelatedWorld) -> JudgedAgain:
    subject = refused_under(outlet.mn)
    entries = list(world.segments.frames(subject, asked.since, asked.until, MOST))
    entries.sort(key=lambda one: (one.segment.received_at, one.segment.sequence))
    readings = unreadable = 0
    unsaid = replace(world, readings=UnsaidSince(world.readings, asked.asked_at))
    for first in range(0, len(entries), PART):
        part = entries[first : first + PART]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            opened = list(pool.map(partial(_frames, outlet=outlet, world=world), part))
        unreadable += sum(frames is None for frames in opened)
        found = list(zip(part, (frames or [] for frames in opened), strict=True))
        world.segments.add_frames(
            [one for entry, frames in found for one in listed(frames, entry.segment)]
        )
        frames = [frame for _, group in found for frame in group]
        again = frozenset((entry.segment.thing, entry.segment.sequence) for entry in part)
        readings += store_values(frames, again=again, world=unsaid)
    rest = _rest(asked, entries)
    world.belated.tell(rest)
    return JudgedAgain(len(rest), len(entries), unreadable, readings)


def _rest(asked: Belated, entries: Sequence[FrameEntry]) -> list[Belated]:
    """Name what one call did not open: the day up to the oldest frame that it did."""
    if len(entries) < MOST:
        return []
    until = min(one.last_at for one in entries) + INSTANT
    return [replace(asked, until=until)] if until < asked.until else []


def _frames(entry: FrameEntry, outlet: Outlet, world: BelatedWorld) -> list[HeardFrame] | None:
    """Give the frames of one segment that are the outlet's, by now; None if it cannot be read."""
    where = entry.segment
    try:
        arrival = Arrival(where.thing, world.bundles.one(where), where.received_at)
        segment = open_arrival(
            arrival, device_of=world.registry.device, platform_key_pem=world.platform_key_pem
        )
    except Refused:
        return None
    heard = judge_frames(segment, arrival, outlets_behind(where.thing, world.registry))
    return [one for one in heard if one.outlet is not None and one.outlet.id == outlet.id]


class UnsaidSince:
    """Official values to which belated ones are added: a later word stays the newest.

    Args:
        readings: where they are kept.
        known_at: when the belated ones became known.
    """

    def __init__(self, readings: Readings, known_at: datetime) -> None:
        self._readings, self._known_at = readings, known_at

    def add(self, batch: Sequence[Reading]) -> Sequence[Rewritten]:
        """Keep what was not said again since it came."""
        unsaid = [one for one in batch if not self._said_since(one)]
        return self._readings.add([replace(one, known_at=self._known_at) for one in unsaid])

    def of(
        self,
        outlet: OutletId,
        span: Span,
        since: datetime,
        until: datetime,
        *,
        as_known_at: datetime | None = None,
    ) -> Sequence[Reading]:
        """Give what is kept."""
        return self._readings.of(outlet, span, since, until, as_known_at=as_known_at)

    def _said_since(self, reading: Reading) -> bool:
        kept = self.of(reading.outlet, reading.span, reading.start, reading.start + INSTANT)
        return any(
            (one.factor, one.source) == (reading.factor, reading.source)
            and _is_later(one, reading)
            for one in kept
        )


def _is_later(kept: Reading, belated: Reading) -> bool:
    """Tell whether a kept value was said after the belated one, or is that one.

    The sequences of one device are in the order of time; when it became known tells of others.
    """
    if kept.thing == belated.thing:
        return kept.sequence >= belated.sequence
    return kept.known_at >= belated.known_at
