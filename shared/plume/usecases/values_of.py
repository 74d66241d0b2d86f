"""Read the values out of accepted frames: official readings, newest values, who was heard."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plume.hj212.frame import Frame
from plume.hj212.items import Data, data_of, number
from plume.hj212.readings import SPANS, readings_of
from plume.model.identity import FactorCode, OutletId
from plume.model.outlet import Medium, Outlet
from plume.model.pollutant import catalogue
from plume.model.reading import Reading
from plume.ports.latest import Heard, LatestValue
from plume.rules.oxygen import OXYGEN, converted_reading, is_convertible
from plume.rules.validity import is_valid
from plume.usecases.judge_frames import HeardFrame

REAL_TIME = "2011"  # HJ 212-2017, table 9: real-time data


@dataclass(frozen=True, slots=True)
class Values:
    """What one accepted frame says; `computed` are our own conversions of what it reports."""

    outlet: Outlet
    reported: tuple[Reading, ...]
    computed: tuple[Reading, ...]
    latest: tuple[LatestValue, ...]
    heard: Heard | None
    resent: bool

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Both, the reported ones first."""
        return self.reported + self.computed


def values_of(heard: HeardFrame) -> Values | None:
    """Give the values of a frame; None when it was not accepted."""
    frame, outlet = heard.frame, heard.outlet
    if frame is None or outlet is None or not heard.verdict.accepted:
        return None
    data = data_of(frame)
    reported = _reported(heard, frame, outlet)
    computed = _computed(reported, outlet)
    newest = _newest_official(reported, computed, heard.heard_at)
    return Values(
        outlet=outlet,
        reported=reported,
        computed=computed,
        latest=newest or _newest_real_time(frame, data, outlet, heard.heard_at),
        heard=_heard(frame, data, outlet, heard.heard_at),
        resent=frame.resent,
    )


def unit_of(factor: FactorCode) -> str:
    """Give the concentration unit of a factor; empty for a code outside the tables."""
    known = catalogue().get(factor)
    return known.unit if known else ""


def _reported(heard: HeardFrame, frame: Frame, outlet: Outlet) -> tuple[Reading, ...]:
    """Read the official values, with our own word on their validity."""
    found = readings_of(
        frame, outlet, known_at=heard.known_at, thing=heard.thing, sequence=heard.sequence
    )
    return tuple(replace(one, valid=is_valid(one.flag, one.mean, outlet.medium)) for one in found)


def _computed(reported: Sequence[Reading], outlet: Outlet) -> tuple[Reading, ...]:
    """Convert what was reported without ZsAvg, when the frame itself says the oxygen."""
    oxygen = next((one for one in reported if one.factor == OXYGEN), None)
    if oxygen is None or not is_converted(outlet):
        return ()
    return tuple(
        converted_reading(one, oxygen, outlet)
        for one in reported
        if one.converted is None and is_convertible(unit_of(one.factor))
    )


def is_converted(outlet: Outlet) -> bool:
    """Say whether the law speaks of converted values at this outlet."""
    return outlet.medium is Medium.GAS and outlet.reference_oxygen is not None


def _newest_official(
    reported: Iterable[Reading], computed: Iterable[Reading], heard_at: datetime
) -> tuple[LatestValue, ...]:
    ours = {(one.factor, one.span, one.start): one.converted for one in computed}
    return tuple(
        LatestValue(
            outlet=one.outlet,
            factor=one.factor,
            kind=one.span.value,
            at=one.start,
            received_at=heard_at,
            value=one.mean,
            converted=one.converted or ours.get((one.factor, one.span, one.start)),
            flag=one.flag,
        )
        for one in reported
    )


def _newest_real_time(
    frame: Frame, data: Data, outlet: Outlet, heard_at: datetime
) -> tuple[LatestValue, ...]:
    if frame.cn != REAL_TIME or data.data_time is None:
        return ()
    at = data.data_time
    return tuple(
        LatestValue(
            outlet=outlet.id,
            factor=FactorCode(code),
            kind="rtd",
            at=at,
            received_at=heard_at,
            value=number(said.get("Rtd")),
            converted=number(said.get("ZsRtd")),
            flag=said.get("Flag", ""),
        )
        for code, said in data.items.items()
        if "Rtd" in said
    )


def _heard(frame: Frame, data: Data, outlet: Outlet, heard_at: datetime) -> Heard | None:
    """A heartbeat or an answer carries no data: it does not break a silence of data.

    The delay counts from the sample, or from the end of the interval, which begins at DataTime.
    """
    if data.data_time is None:
        return None
    span = SPANS.get(frame.cn)
    end = data.data_time + (span.length if span else timedelta())
    return Heard(OutletId(outlet.id), data.data_time, heard_at, heard_at - end)
