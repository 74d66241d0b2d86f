"""Telemetry over time: what curves are drawn from (时序)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from plume.model.telemetry import Columns, SeriesTable


class Step(StrEnum):
    """Width of one point of a curve."""

    RAW = "raw"
    MINUTE = "1m"
    HOUR = "1h"
    DAY = "1d"


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """Which telemetry: `[since, until)`; for steps over raw, means over Beijing-time buckets."""

    table: SeriesTable
    subject: str
    channels: tuple[str, ...]
    since: datetime
    until: datetime
    step: Step


class Series(Protocol):
    """The hot, rebuildable time-series store."""

    def write(self, batch: Sequence[Columns]) -> None:
        """Keep the batch; the same (table, subject, time) again replaces the row's fields.

        Raises:
            Unavailable: not written, or perhaps only in part: write it again.
        """

    def read(self, query: SeriesQuery) -> Columns:
        """Give the channels asked for; one that is unknown comes back empty of values.

        Flags are given for raw steps only.
        """
