"""The newest value of each channel of each outlet (最新值)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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
    """When an outlet was last heard: event time of its data, and receive time of its frame."""

    outlet: OutletId
    data_at: datetime
    received_at: datetime


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
