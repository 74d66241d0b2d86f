"""The newest value of each channel of each outlet (最新值)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from plume.model.identity import FactorCode, OutletId


@dataclass(frozen=True, slots=True)
class LatestValue:
    """One value at `at` (event time), received at `received_at`; `kind` is rtd, minute or hour."""

    outlet: OutletId
    factor: FactorCode
    kind: str
    at: datetime
    received_at: datetime
    value: Decimal | None
    converted: Decimal | None
    flag: str


@dataclass(frozen=True, slots=True)
class Heard:
    """When an outlet was last heard: event time of its data, and receive time of its frame.

    `delay` is how long the newest data took from the end of what they speak of to the edge: frames
    of the past, which come beside, say nothing of it. None where it is not known.
    """

    outlet: OutletId
    data_at: datetime
    received_at: datetime
    delay: timedelta | None = None


def later(known: Heard | None, told: Heard) -> Heard:
    """Join two words on one outlet: the later of each time, and the delay of the newest data."""
    if known is None:
        return told
    newest = told if told.data_at > known.data_at else known
    return replace(newest, received_at=max(known.received_at, told.received_at))


class Latest(Protocol):
    """Newest values; an older one never replaces a newer one, in event time."""

    def put(self, batch: Sequence[LatestValue]) -> None:
        """Keep each value if it is the newest of its (outlet, factor, kind)."""

    def of(self, outlet: OutletId) -> Sequence[LatestValue]:
        """Give the newest values of one outlet, by factor and kind."""

    def hear(self, heard: Heard) -> None:
        """Note that an outlet was heard; older news change nothing."""

    def heard(self, outlets: Sequence[OutletId]) -> dict[OutletId, Heard]:
        """Give when each outlet was last heard; one never heard is missing."""
