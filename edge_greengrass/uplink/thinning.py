"""Telemetry as minute means, for when the disk is nearly full (数据稀疏).

Of each minute and channel one row remains: the mean of the values whose flag says normal, or of
all when none does, at the time of the minute's first sample. So a minute that is cut in two by the
end of a batch gives two rows at two times, and none overwrites the other. Means carry one digit
more than the values. What was given up is recorded beside them, in the same signed segment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from edge_greengrass.uplink.merging import joined
from plume.model.event import GapRecord, Loss
from plume.model.segment import Payload
from plume.model.telemetry import Columns
from plume.series import block
from plume.wire.events import event_fields

MINUTE_MS = 60_000
MOST_DECIMALS = 12
NORMAL = ord("N")
"""How columns keep flag N (HJ 212-2017, table 8)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Loss:
    """What thinning has cost: values before less values after, and their time range [ms]."""

    first: int
    last: int
    values: int


def thinned(payloads: Sequence[Payload], at: datetime, reason: str) -> Payload:
    """Replace the blocks of telemetry by their minute means; frames and events stay as they are.

    A block that cannot be read stays as it is, too: it is evidence of something.
    """
    kept: list[bytes] = []
    groups: dict[tuple[str, str], list[Columns]] = {}
    for each in (one for payload in payloads for one in payload.blocks):
        try:
            columns = block.decode(each)
        except block.BadBlock:
            kept.append(each)
        else:
            groups.setdefault((columns.table.value, columns.subject), []).append(columns)
    means = [(group, minute_means(joined(group))) for group in groups.values()]
    kept += [block.encode(mean) for _, mean in means]
    events = [event for payload in payloads for event in payload.events]
    if losses := [_loss(group, mean) for group, mean in means]:
        events.append(event_fields(_gap(losses, at, reason)))
    frames = tuple(frame for payload in payloads for frame in payload.frames)
    return Payload(blocks=tuple(kept), frames=frames, events=tuple(events))


def minute_means(columns: Columns) -> Columns:
    """Give one row per minute; a minute without a value of a channel has NaN there."""
    minutes = columns.times // MINUTE_MS
    starts = np.flatnonzero(np.diff(minutes, prepend=minutes[:1] - 1))
    digits = {code: min(one + 1, MOST_DECIMALS) for code, one in columns.decimals.items()}
    values, flags = {}, {}
    for code, each in columns.values.items():
        flag = columns.flags.get(code)
        counts = _counted(each, flag, starts)
        mean = _mean(each, counts, starts)
        values[code] = np.round(mean, digits[code]) if code in digits else mean
        if flag is not None:
            normal = np.maximum.reduceat(counts & (flag == NORMAL), starts)
            flags[code] = np.where(normal, NORMAL, flag[starts]).astype(np.uint8)
    return Columns(columns.table, columns.subject, columns.times[starts], values, flags, digits)


def _counted(
    values: NDArray[np.float64], flag: NDArray[np.uint8] | None, starts: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Tell which values count: normal ones where a minute has any, else all that are said."""
    said = ~np.isnan(values)
    if flag is None or not len(starts):
        return said
    normal = said & (flag == NORMAL)
    has_normal = np.maximum.reduceat(normal, starts)
    lengths = np.diff(np.append(starts, len(values)))
    return np.where(np.repeat(has_normal, lengths), normal, said)


def _mean(
    values: NDArray[np.float64], counts: NDArray[np.bool_], starts: NDArray[np.intp]
) -> NDArray[np.float64]:
    if not len(starts):
        return np.zeros(0)
    sums = np.add.reduceat(np.where(counts, values, 0.0), starts)
    numbers = np.add.reduceat(counts.astype(np.int64), starts)
    mean: NDArray[np.float64] = np.where(numbers > 0, sums / np.maximum(numbers, 1), np.nan)
    return mean


def _loss(group: Sequence[Columns], mean: Columns) -> _Loss:
    before = sum(_said(one) for one in group)
    times = np.concatenate([one.times for one in group])
    first, last = (int(times.min()), int(times.max())) if len(times) else (0, 0)
    return _Loss(first, last, before - _said(mean))


def _said(columns: Columns) -> int:
    return sum(int(np.count_nonzero(~np.isnan(each))) for each in columns.values.values())


def _gap(losses: Sequence[_Loss], at: datetime, reason: str) -> GapRecord:
    return GapRecord(
        at=at,
        klass="telemetry",
        loss=Loss.THINNED,
        first_at=_EPOCH + timedelta(milliseconds=min(one.first for one in losses)),
        last_at=_EPOCH + timedelta(milliseconds=max(one.last for one in losses)),
        count=sum(one.values for one in losses),
        reason=reason,
    )
