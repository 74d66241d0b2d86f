"""Real-time samples (CN 2011) of many frames as columns, for curves."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from plume.hj212.commands import ST
from plume.hj212.frame import Frame
from plume.hj212.items import data_of, number
from plume.model.outlet import Medium, Outlet
from plume.model.telemetry import Columns, SeriesTable, table_in

REAL_TIME = "2011"
CONVERTED_SUFFIX = "-Zs"
"""The converted value of a factor is a channel of its own: a21026-Zs."""

_Samples = Mapping[int, Mapping[str, Mapping[str, str]]]
_Gathered = dict[SeriesTable, dict[int, dict[str, dict[str, str]]]]


def columns_of(frames: Sequence[Frame], outlet: Outlet) -> tuple[Columns, ...]:
    """Gather the real-time samples of one outlet.

    Args:
        frames: decoded frames in any order; those that are no CN 2011 upload are passed over.
        outlet: whose frames they are.

    Returns:
        For each table of which something was said: one row per DataTime; packets of one DataTime
        share a row, and the first word on a channel stands. All that process systems (ST 51, 52,
        44, 45) say goes into PROCESS; what others say, into the table of its channel.
    """
    gathered: _Gathered = {}
    for frame in frames:
        if frame.cn == REAL_TIME:
            _add(gathered, frame, outlet.medium)
    return tuple(_columns(table, rows, outlet) for table, rows in gathered.items())


def _columns(table: SeriesTable, samples: _Samples, outlet: Outlet) -> Columns:
    times = np.array(sorted(samples), dtype=np.int64)
    values, decimals = _values(samples, times)
    return Columns(
        table=table,
        subject=outlet.id,
        times=times,
        values=values,
        flags=_flags(samples, times, values),
        decimals=decimals,
    )


def _add(gathered: _Gathered, frame: Frame, medium: Medium) -> None:
    data, system = data_of(frame), ST.get(frame.st)
    if data.data_time is None:
        return
    at = int(data.data_time.timestamp() * 1000)
    for code, item in data.items.items():
        of_plant = system is not None and system.process
        table = SeriesTable.PROCESS if of_plant else table_in(medium, code)
        flag = item.get("Flag", "")
        for channel, attribute in ((code, "Rtd"), (f"{code}{CONVERTED_SUFFIX}", "ZsRtd")):
            if number(item.get(attribute)) is not None:
                row = gathered.setdefault(table, {}).setdefault(at, {})
                row.setdefault(channel, {"value": item[attribute], "flag": flag})


def _values(
    samples: _Samples, times: NDArray[np.int64]
) -> tuple[dict[str, NDArray[np.float64]], dict[str, int]]:
    channels = sorted({channel for row in samples.values() for channel in row})
    values = {channel: np.full(len(times), np.nan) for channel in channels}
    decimals = dict.fromkeys(channels, 0)
    for at, time in enumerate(times.tolist()):
        for channel, said in samples[time].items():
            values[channel][at] = float(said["value"])
            digits = len(said["value"].partition(".")[2])
            decimals[channel] = max(decimals[channel], digits)
    return values, decimals


def _flags(
    samples: _Samples, times: NDArray[np.int64], channels: Mapping[str, object]
) -> dict[str, NDArray[np.uint8]]:
    flags = {channel: np.zeros(len(times), np.uint8) for channel in channels}
    for at, time in enumerate(times.tolist()):
        for channel, said in samples[time].items():
            if said["flag"][:1].isascii() and said["flag"]:
                flags[channel][at] = ord(said["flag"][0])
    return flags
