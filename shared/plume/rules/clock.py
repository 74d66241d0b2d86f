"""Whether the clock of a data logger can be believed (时钟不一致)."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from plume.model.device_standing import EDGE
from plume.model.event import ClockOffset
from plume.model.finding import AlarmType, Finding, RuleVersion, Sentence, Severity
from plume.model.identity import FactorCode
from plume.model.outlet import Outlet

CLOCK = RuleVersion("G-02", 1)
MOST_OFFSET = timedelta(seconds=120)
"""|median(arrival - QN)| above this is broken. Source: rule G-02 (domain 4.2)."""
SERIOUS_OFFSET = timedelta(minutes=10)
"""A value may stand in the wrong minute mean of ten (HJ 212-2017, MinInterval). Our choice."""
LEAST_SAMPLES = 20
"""Frames that a median needs. Source: rule G-02 (domain 4.2), "min data"."""
WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The newest word on both clocks between an instrument and the platform; None: not said.

    `logger` runs ahead of the edge by its offset, `edge` of the platform by its own.
    """

    logger: ClockOffset | None
    edge: ClockOffset | None

    @property
    def offset(self) -> timedelta:
        """How far the logger runs ahead of the platform; negative: behind."""
        told = [one.offset for one in (self.logger, self.edge) if one is not None]
        return sum(told, timedelta())


def judge_clock(outlet: Outlet, told: ClockOffset, clocks: Clocks) -> Finding | None:
    """Judge G-02 on one measurement: the offset, and whether the clock was set in between.

    Args:
        outlet: whose logger it is, or which stands behind the edge device.
        told: the measurement at hand, of the logger or of the edge; a step of more than 60 s is
            said in it as `jumped`.
        clocks: the newest word on both clocks, `told` among them.

    Returns:
        A finding over the minute before the measurement; None with fewer than 20 frames, unless
        the clock jumped, which one frame shows.
    """
    if told.samples < LEAST_SAMPLES and not told.jumped and told.subject != EDGE:
        return None
    seconds = Decimal(abs(clocks.offset) // timedelta(milliseconds=1)) / 1000
    too_far = abs(clocks.offset) > MOST_OFFSET
    return Finding(
        rule=CLOCK,
        outlet=outlet.id,
        factor=FactorCode(""),
        type=AlarmType.CLOCK,
        subtype="offset" if too_far or not told.jumped else "jump",
        severity=_severity(clocks.offset),
        start=told.at - WINDOW,
        end=told.at,
        broken=too_far or told.jumped,
        known_at=told.at,
        value=seconds,
        limit=Decimal(int(MOST_OFFSET.total_seconds())),
        unit="s",
        sentence=_sentence(outlet, told, clocks.offset, too_far=too_far),
    )


def _severity(offset: timedelta) -> Severity:
    """Our choice: a jump or more than two minutes is L4, more than ten L3."""
    return Severity.L3 if abs(offset) > SERIOUS_OFFSET else Severity.L4


def _sentence(outlet: Outlet, told: ClockOffset, offset: timedelta, *, too_far: bool) -> Sentence:
    seconds = round(abs(offset).total_seconds())
    slow = offset < timedelta()
    if told.jumped and not too_far:
        return Sentence(
            zh=f"{outlet.name.zh} 的时钟被调整, 现{'慢' if slow else '快'} {seconds} 秒",
            en=f"the clock of {outlet.name.en} was set; it is now {seconds} s "
            f"{'behind' if slow else 'ahead'}",
        )
    return Sentence(
        zh=f"{outlet.name.zh} 的数采仪时钟{'慢' if slow else '快'} {seconds} 秒, 限值 120 秒",
        en=f"the logger of {outlet.name.en} is {seconds} s {'behind' if slow else 'ahead'}, "
        f"limit 120 s",
    )
