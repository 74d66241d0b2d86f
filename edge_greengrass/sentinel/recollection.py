"""What the sentinel has seen lately: official values, signals minute by minute, who was heard."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from edge_greengrass.sentinel.configuration import Law
from plume.errors import Refused
from plume.hj212.frame import Frame
from plume.hj212.items import data_of
from plume.hj212.readings import readings_of
from plume.hj212.telemetry import REAL_TIME, columns_of
from plume.hj212.verdict import judge_frame
from plume.model.facility import Signal
from plume.model.frame import FrameRecord
from plume.model.identity import OutletId
from plume.model.outlet import Medium, Outlet
from plume.model.pollutant import catalogue
from plume.model.reading import Reading
from plume.model.segment import Payload
from plume.model.telemetry import Columns
from plume.rules.oxygen import OXYGEN, converted_reading, is_convertible
from plume.rules.validity import is_valid
from plume.series import block

KEPT = timedelta(hours=3)
"""How far back signals and values are remembered; of official values by when they came."""
_MINUTE_MS = 60_000


class Recollection:
    """Everything that came by the tap, as far back as it matters."""

    def __init__(self) -> None:
        self.heard: dict[OutletId, datetime] = {}
        self.readings: list[Reading] = []
        self.unreadable = 0
        self._minutes: dict[tuple[str, str], dict[int, Decimal]] = {}

    def take(self, shown: Payload, law: Law) -> None:
        """Remember what one record holds; a block that cannot be read is counted."""
        for record in shown.frames:
            if record.verdict.accepted:
                self._frame(record, law)
        for data in shown.blocks:
            try:
                self._signals(block.decode(data), law)
            except Refused:
                self.unreadable += 1

    def resume(self, now: datetime) -> None:
        """Begin to listen again: nobody is called silent for what was said while we were deaf."""
        self.heard = {key: max(at, now) for key, at in self.heard.items()}

    def forget(self, now: datetime) -> None:
        """Let go of what is too old to matter."""
        self.readings = [one for one in self.readings if one.known_at > now - KEPT]
        oldest = _minute(now - KEPT)
        for key, minutes in list(self._minutes.items()):
            kept = {at: value for at, value in minutes.items() if at >= oldest}
            if kept:
                self._minutes[key] = kept
            else:
                del self._minutes[key]

    def said(self, signal: Signal, at: datetime) -> Decimal | None:
        """Give what a signal said in the minute that starts at `at`; None when it was silent."""
        return self._minutes.get((signal.subject, signal.channel), {}).get(_minute(at))

    def _frame(self, record: FrameRecord, law: Law) -> None:
        judged = judge_frame(record.raw, expected=law.expected.get, now=record.received_at)
        outlet = law.outlets.get(judged.mn)
        if judged.frame is None or outlet is None or not judged.verdict.accepted:
            return
        if data_of(judged.frame).data_time is not None:
            last = self.heard.get(outlet.id, record.received_at)
            self.heard[outlet.id] = max(last, record.received_at)
        self.readings += _official(judged.frame, outlet, record.received_at)
        if judged.frame.cn == REAL_TIME:
            for columns in columns_of([judged.frame], outlet):
                self._signals(columns, law)

    def _signals(self, columns: Columns, law: Law) -> None:
        """Keep the last word of each minute on the channels that a facility is watched by."""
        for signal in _watched(law):
            values = columns.values.get(signal.channel)
            if signal.subject != columns.subject or values is None:
                continue
            minutes = self._minutes.setdefault((signal.subject, signal.channel), {})
            for at, value in zip(columns.times.tolist(), values.tolist(), strict=True):
                if value == value:  # noqa: PLR0124, not a NaN: something was said
                    minutes[at // _MINUTE_MS] = Decimal(str(value))


def _watched(law: Law) -> Iterable[Signal]:
    return {one for each in law.facilities for one in each.signals}


def _official(frame: Frame, outlet: Outlet, received_at: datetime) -> list[Reading]:
    """Read official values as the platform does: our word on validity, converted where due."""
    found = readings_of(frame, outlet, known_at=received_at, thing=outlet.thing, sequence=0)
    told = [replace(one, valid=is_valid(one.flag, one.mean, outlet.medium)) for one in found]
    oxygen = next((one for one in told if one.factor == OXYGEN), None)
    return [_counting(one, oxygen, outlet) for one in told]


def _counting(reading: Reading, oxygen: Reading | None, outlet: Outlet) -> Reading:
    by_law = outlet.medium is Medium.GAS and outlet.reference_oxygen is not None
    known = catalogue().get(reading.factor)
    if reading.converted is not None or not by_law or not known or not is_convertible(known.unit):
        return reading
    ours = converted_reading(reading, oxygen, outlet)
    return replace(reading, converted=ours.converted)


def _minute(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp()) // 60
