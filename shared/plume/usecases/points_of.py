"""Read the point blocks of a segment: columns of outlets that stand behind its device."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from plume.errors import Refused
from plume.hj212.verdict import MOST_AHEAD
from plume.model.belated import OLDEST
from plume.model.identity import FactorCode, OutletId, ThingName
from plume.model.segment import Segment
from plume.model.telemetry import Columns
from plume.ports.latest import LatestValue
from plume.ports.registry import Registry
from plume.series import block

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class ImpossibleTime(Refused):
    """Points lie further ahead or back than a clock can be wrong: they reach no curve."""


def points_of(
    segment: Segment, heard_at: datetime, registry: Registry
) -> tuple[list[Columns], list[Refused]]:
    """Give the columns of a segment, and what of it cannot be believed.

    Args:
        segment: opened and verified.
        heard_at: when the platform had it; what frames may not be, points may not be either.
        registry: whose outlets they are.

    Returns:
        Columns with at least one row each; and the faults, each of one block.
    """
    found: list[Columns] = []
    faults: list[Refused] = []
    for data in segment.payload.blocks:
        try:
            columns = block.decode(data)
            _require_own(columns, segment.header.thing, registry)
            possible = _possible(columns, heard_at)
        except Refused as fault:
            faults.append(fault)
            continue
        if len(possible.times) < len(columns.times):
            count = len(columns.times) - len(possible.times)
            faults.append(ImpossibleTime(f"{count} rows of {columns.subject} cannot be of now"))
        if len(possible.times):
            found.append(possible)
    return found, faults


def newest_of(
    columns: Sequence[Columns], heard_at: datetime, registry: Registry
) -> list[LatestValue]:
    """Give the newest word of each channel; units that are no outlets have none to show."""
    return [
        value
        for one in columns
        if registry.outlet(OutletId(one.subject)) is not None
        for value in _newest(one, heard_at)
    ]


def _newest(columns: Columns, heard_at: datetime) -> Iterator[LatestValue]:
    """Give the last word of each channel: a value, or a flag that says why there is none."""
    for code, values in columns.values.items():
        flags = columns.flags.get(code, np.zeros(len(values), np.uint8))
        said = np.flatnonzero(np.isfinite(values) | (flags != 0))
        if not len(said):
            continue
        last = int(said[-1])
        yield LatestValue(
            outlet=OutletId(columns.subject),
            factor=FactorCode(code),
            kind="rtd",
            at=EPOCH + int(columns.times[last]) * MILLISECOND,
            received_at=heard_at,
            value=_decimal(float(values[last]), columns.decimals.get(code)),
            converted=None,
            flag=chr(flags[last]) if flags[last] else "",
        )


def _decimal(value: float, decimals: int | None) -> Decimal | None:
    if not np.isfinite(value):
        return None
    return Decimal(repr(value) if decimals is None else f"{value:.{decimals}f}")


def _require_own(columns: Columns, thing: ThingName, registry: Registry) -> None:
    """A device may not write under an outlet that stands behind another device."""
    outlet = registry.outlet(OutletId(columns.subject))
    if outlet is not None and outlet.thing not in {"", thing}:
        raise Refused(f"{thing} wrote as {columns.subject}, which is behind {outlet.thing}")


def _possible(columns: Columns, heard_at: datetime) -> Columns:
    """Leave out rows whose time cannot be, by the rule for frames."""
    earliest, latest = ((at - EPOCH) // MILLISECOND for at in _bounds(heard_at))
    possible = (columns.times >= earliest) & (columns.times <= latest)
    if bool(possible.all()):
        return columns
    return replace(
        columns,
        times=columns.times[possible],
        values={code: one[possible] for code, one in columns.values.items()},
        flags={code: one[possible] for code, one in columns.flags.items()},
    )


def _bounds(heard_at: datetime) -> tuple[datetime, datetime]:
    return heard_at - OLDEST, heard_at + MOST_AHEAD
