"""Official values out of a frame: the means of minutes, hours and days."""

from collections.abc import Mapping
from datetime import datetime

from plume.hj212.frame import Frame
from plume.hj212.items import data_of, number
from plume.model.identity import FactorCode
from plume.model.outlet import Outlet
from plume.model.reading import Flag, Origin, Reading, Span

SPANS = {"2051": Span.MINUTE, "2061": Span.HOUR, "2031": Span.DAY}
_VALUES = {
    "mean": "Avg",
    "minimum": "Min",
    "maximum": "Max",
    "converted": "ZsAvg",
    "converted_minimum": "ZsMin",
    "converted_maximum": "ZsMax",
    "cumulative": "Cou",
}
_NORMAL = ("", Flag.NORMAL.value)


def readings_of(
    frame: Frame, outlet: Outlet, *, known_at: datetime, thing: str, sequence: int
) -> tuple[Reading, ...]:
    """Read the official values of minute, hour or day data, one for each factor.

    Args:
        frame: a decoded frame; any but CN 2051, 2061 and 2031 gives no reading.
        outlet: whose frame it is.
        known_at: when it was received, aware.
        thing: the edge device that passed it on.
        sequence: of the segment that carried it.

    Returns:
        Readings over `[DataTime, DataTime + span)`. A text that is no decimal is "not said". A
        reading is valid when it has a mean and its flag is N or absent (2005 sends none).

    Source:
        HJ 212-2017, tables C.16 to C.18 (DataTime is the start of the interval).
    """
    span = SPANS.get(frame.cn)
    data = data_of(frame) if span else None
    if span is None or data is None or data.data_time is None:
        return ()
    start = data.data_time
    return tuple(
        _reading(code, item, outlet, span, start, Reported(known_at, thing, sequence))
        for code, item in data.items.items()
        if any(name in item for name in _VALUES.values())
    )


class Reported:
    """Who passed a frame on, and when."""

    __slots__ = ("known_at", "sequence", "thing")

    def __init__(self, known_at: datetime, thing: str, sequence: int) -> None:
        self.known_at, self.thing, self.sequence = known_at, thing, sequence


def _reading(
    code: str,
    item: Mapping[str, str],
    outlet: Outlet,
    span: Span,
    start: datetime,
    by: Reported,
) -> Reading:
    values = {name: number(item.get(attribute)) for name, attribute in _VALUES.items()}
    flag = item.get("Flag", "")
    return Reading(
        outlet=outlet.id,
        factor=FactorCode(code),
        span=span,
        start=start,
        flag=flag,
        valid=flag in _NORMAL and values["mean"] is not None,
        source=Origin.REPORTED,
        known_at=by.known_at,
        thing=by.thing,
        sequence=by.sequence,
        mean=values["mean"],
        minimum=values["minimum"],
        maximum=values["maximum"],
        converted=values["converted"],
        converted_minimum=values["converted_minimum"],
        converted_maximum=values["converted_maximum"],
        cumulative=values["cumulative"],
    )
