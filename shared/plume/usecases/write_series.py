"""Write the telemetry of one bundle, then tell which windows it touched."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TypeVar

from plume.errors import Refused
from plume.hj212.frame import Frame
from plume.hj212.telemetry import columns_of
from plume.model.identity import OutletId
from plume.model.outlet import Outlet
from plume.model.segment import Segment
from plume.model.telemetry import Columns, is_channel
from plume.model.window import Cause, WindowTouched
from plume.ports.bundles import Bundles
from plume.ports.notices import Windows
from plume.ports.registry import Registry
from plume.ports.series import Series
from plume.usecases.judge_frames import HeardFrame, judge_frames, outlets_behind
from plume.usecases.open_arrival import open_arrival
from plume.usecases.points_of import EPOCH, MILLISECOND, points_of
from plume.usecases.values_of import REAL_TIME

MOST_SHOWN = 5
_Said = TypeVar("_Said")


@dataclass(frozen=True, slots=True)
class SeriesWorld:
    """What `write_series` asks of the world; the key is the platform's private one, PEM."""

    registry: Registry
    bundles: Bundles
    series: Series
    windows: Windows
    platform_key_pem: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a bundle: values written, and what could not be read."""

    values: int
    faults: tuple[Refused, ...]


def write_series(key: str, *, world: SeriesWorld) -> Written:
    """Write the real-time samples and point blocks of a bundle as columns.

    Rows are keyed by (table, subject, time): writing a bundle again changes nothing. What cannot
    be read is left out and reported, so that it does not hold up the rest.

    Raises:
        NotThere: no such bundle.
        Unavailable: the series store did not answer; deliver the bundle again.
    """
    batch: list[Columns] = []
    frames: list[HeardFrame] = []
    faults: list[Refused] = []
    device_of = cache(world.registry.device)
    behind = cache(partial(outlets_behind, registry=world.registry))
    for arrival in world.bundles.whole(key):
        try:
            segment = open_arrival(
                arrival, device_of=device_of, platform_key_pem=world.platform_key_pem
            )
        except Refused as fault:
            faults.append(fault)
            continue
        frames += judge_frames(_real_time(segment), arrival, behind(segment.header.thing))
        columns, unbelieved = points_of(segment, arrival.received_at, world.registry)
        batch += columns
        faults += unbelieved
    batch = [_named(columns, faults) for columns in [*batch, *_samples(frames)]]
    return _written([one for one in batch if len(one.times) and one.values], faults, world)


def _named(columns: Columns, faults: list[Refused]) -> Columns:
    """Leave out what can name no channel: a data logger may write anything before `-Rtd`."""
    codes = _codes(columns)
    odd = [code for code in codes if not is_channel(code)]
    if not odd:
        return columns
    faults.append(Refused(f"no names of channels at {columns.subject}: {odd[:MOST_SHOWN]}"))
    return _only(columns, set(codes).difference(odd))


def _codes(columns: Columns) -> list[str]:
    return list(dict.fromkeys([*columns.values, *columns.flags]))


def _only(columns: Columns, codes: Container[str]) -> Columns:
    """Keep these channels alone."""
    return replace(
        columns,
        values=_of(codes, columns.values),
        flags=_of(codes, columns.flags),
        decimals=_of(codes, columns.decimals),
    )


def _of(codes: Container[str], said: Mapping[str, _Said]) -> dict[str, _Said]:
    return {code: one for code, one in said.items() if code in codes}


def _written(batch: list[Columns], faults: list[Refused], world: SeriesWorld) -> Written:
    written = _taken(batch, faults, world.series) if batch else []
    if written:
        world.windows.tell(list(dict.fromkeys(_window(columns) for columns in written)))
    values = sum(len(column) for columns in written for column in columns.values.values())
    return Written(values, tuple(faults))


def _taken(batch: list[Columns], faults: list[Refused], series: Series) -> list[Columns]:
    """Write all together, or by halves where something is refused; give what was written.

    A channel that the store refuses is left out alone: rows are joined again by their time.
    """
    try:
        series.write(batch)
    except Refused as fault:
        halves = _halves(batch)
        if not halves:
            faults.append(fault)
        return [one for half in halves for one in _taken(half, faults, series)]
    return batch


def _halves(batch: list[Columns]) -> list[list[Columns]]:
    """Part a batch, and in the end the channels of its last member; none of a single channel."""
    if len(batch) > 1:
        middle = len(batch) // 2
        return [batch[:middle], batch[middle:]]
    codes = _codes(batch[0])
    middle = len(codes) // 2
    return [[_only(batch[0], half)] for half in (codes[:middle], codes[middle:])] if middle else []


def _real_time(segment: Segment) -> Segment:
    """Leave out frames that cannot be real-time ones: their code stands in none of their bytes."""
    code = REAL_TIME.encode()
    frames = tuple(record for record in segment.payload.frames if code in record.raw)
    return replace(segment, payload=replace(segment.payload, frames=frames))


def _samples(frames: Sequence[HeardFrame]) -> list[Columns]:
    """Gather the accepted real-time frames of each outlet and system (ST) into columns."""
    outlets: dict[OutletId, Outlet] = {}
    gathered: dict[tuple[OutletId, str], list[Frame]] = defaultdict(list)
    for heard in frames:
        frame, outlet = heard.frame, heard.outlet
        if frame and outlet and heard.accepted and frame.cn == REAL_TIME:
            outlets[outlet.id] = outlet
            gathered[outlet.id, frame.st].append(frame)
    return [
        columns
        for (outlet, _), found in gathered.items()
        for columns in columns_of(found, outlets[outlet])
    ]


def _window(columns: Columns) -> WindowTouched:
    first, last = int(columns.times[0]), int(columns.times[-1])
    return WindowTouched(
        outlet=OutletId(columns.subject),
        start=EPOCH + first * MILLISECOND,
        end=EPOCH + (last + 1) * MILLISECOND,
        cause=Cause.TELEMETRY,
    )
