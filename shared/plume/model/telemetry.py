"""Telemetry in columns: what curves are drawn from. Never an official value."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from plume.model.outlet import Medium

_CHANNEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,127}")
_TAKEN = frozenset({"time", "subject"})


def is_channel(code: str) -> bool:
    """Whether a code can name a channel; a data logger may write anything before `-Rtd`.

    It is of letters, digits, `_`, `.` and `-`, and none of the words by which a row is found.
    """
    return _CHANNEL.fullmatch(code) is not None and code not in _TAKEN


class SeriesTable(StrEnum):
    """Where a wide row lives: one row per (subject, time)."""

    GAS = "gas"
    WATER = "water"
    PROCESS = "process"


def table_of(code: str) -> SeriesTable:
    """Name the table of a channel that comes without a frame: by the letter of its code.

    Source:
        HJ 212-2017, annex B: a for air (HJ 524), w for water (HJ 525), all else is of the plant.
    """
    tables = {"a": SeriesTable.GAS, "w": SeriesTable.WATER}
    return tables.get(code[:1], SeriesTable.PROCESS)


def table_in(medium: Medium, code: str) -> SeriesTable:
    """Name the table of a channel of an outlet: of what it emits, or of its plant.

    State and parameters of instruments (i) and of facilities (g, e) are of the plant even when
    they come among the pollutants of ST 31 or 32.
    """
    if table_of(code) is SeriesTable.PROCESS:
        return SeriesTable.PROCESS
    return SeriesTable.GAS if medium is Medium.GAS else SeriesTable.WATER


@dataclass(frozen=True, slots=True)
class Columns:
    """Values of one outlet or unit over time.

    Attributes:
        table: the wide table they belong to.
        subject: outlet or unit id, the one tag of the row.
        times: shape (n,), int64, unix milliseconds, ascending, unique.
        values: per channel code, shape (n,), float64 in the factor's unit; NaN where not said.
        flags: per channel code, shape (n,), uint8 ordinals of the HJ 212 letter; 0 where not said.
        decimals: per channel code, the digits after the point as transmitted.
    """

    table: SeriesTable
    subject: str
    times: NDArray[np.int64]
    values: dict[str, NDArray[np.float64]]
    flags: dict[str, NDArray[np.uint8]] = field(default_factory=dict)
    decimals: dict[str, int] = field(default_factory=dict)
