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
MOST_STEP = timedelta(seconds=60)
"""A clock that is set by more is broken. Source: rule G-02 (domain 4.2), "clock jump > 60 s"."""
LEAST_SAMPLES = 20
"""Frames that a median needs. Source: rule G-02 (domain 4.2), "min data"."""
WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The newest word on both clocks between an instrument and the platform; None: not said.

    `logger` runs ahead of the edge by its offset, `edge` of the platform by its own. `before` is
    the word on the same clock before the one at hand.
    """

    logger: ClockOffset | None
    edge: ClockOffset | None
    before: ClockOffset | None = None

    @property
    def offset(self) -> timedelta:
        """How far the logger runs ahead of the platform; negative: behind."""
        told = [one.offset for one in (self.logger, self.edge) if one is not None]
        return sum(told, timedelta())


def judge_clock(outlet: Outlet, told: ClockOffset, clocks: Clocks) -> Finding | None:
    """Judge G-02 on one measurement: the offset, and whether the clock was set in between.

    Args:
        outlet: whose logger it is, or which stands behind the edge device.
        told: the measurement at hand, of the logger or of the edge; that the clock was set is
            said in it as `jumped`.
        clocks: the newest word on both clocks, `told` among them.

    Returns:
        A finding over the minute before the measurement; None with fewer than 20 frames, unless
        the clock was set, which a few frames show.
    """
    if told.samples < LEAST_SAMPLES and not told.jumped and told.subject != EDGE:
        return None
    set_wrong = _is_set_wrong(told, clocks)
    seconds = Decimal(abs(clocks.offset) // timedelta(milliseconds=1)) / 1000
    too_far = abs(clocks.offset) > MOST_OFFSET
    return Finding(
        rule=CLOCK,
        outlet=outlet.id,
        factor=FactorCode(""),
        type=AlarmType.CLOCK,
        subtype="jump" if set_wrong and not too_far else "offset",
        severity=_severity(clocks.offset),
        start=told.at - WINDOW,
        end=told.at,
        broken=too_far or set_wrong,
        known_at=told.at,
        value=seconds,
        limit=Decimal(int(MOST_OFFSET.total_seconds())),
        unit="s",
        sentence=_sentence(outlet, clocks.offset, jumped=set_wrong and not too_far),
    )


def _is_set_wrong(told: ClockOffset, clocks: Clocks) -> bool:
    """Whether the clock was right, and was set by more than a minute: putting right is no fault.

    Without a word before, nobody can say by how much it was set.
    """
    if not told.jumped or clocks.before is None:
        return False
    was_right = abs(clocks.before.offset) <= MOST_OFFSET
    return was_right and abs(told.offset - clocks.before.offset) > MOST_STEP


def _severity(offset: timedelta) -> Severity:
    """Our choice: a jump or more than two minutes is L4, more than ten L3."""
    return Severity.L3 if abs(offset) > SERIOUS_OFFSET else Severity.L4


def _sentence(outlet: Outlet, offset: timedelta, *, jumped: bool) -> Sentence:
    seconds = round(abs(offset).total_seconds())
    slow = offset < timedelta()
    if jumped:
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
