"""When an outlet has stopped talking (全部数据缺失)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from plume.model.finding import AlarmType, Finding, RuleVersion, Sentence, Severity
from plume.model.identity import FactorCode
from plume.model.outlet import Outlet
from plume.rules.wording import clock

ALL_MISSING = RuleVersion("G-01", 1)
WARN_AFTER = timedelta(minutes=30)  # G-01: a warning first
MISSING_AFTER = timedelta(hours=1)  # G-01: at least one hour, and more than two intervals
SERIOUS_AFTER = timedelta(hours=24)  # our choice: a whole day without a frame
STEP = timedelta(minutes=30)
"""The end of the silence is told in these steps, so that sweeps in between say the same again."""


@dataclass(frozen=True, slots=True)
class Silence:
    """How long an outlet has been silent: `[since, now)`; `interval` is that of its frames."""

    since: datetime
    now: datetime
    interval: timedelta = timedelta(minutes=10)  # HJ 212-2017: minute data every ten minutes

    @property
    def length(self) -> timedelta:
        """How long."""
        return self.now - self.since


def silence_of(outlet: Outlet, silence: Silence) -> Finding:
    """Judge G-01: no frame for more than two intervals and at least one hour.

    Returns:
        A finding over `[since, end)`. Broken: `end` is the last whole half hour of the silence,
        and `known_at` with it, so that the same silence is told in the same words. Holding: the
        outlet was heard at `since`, which ends any silence before it.

    Source:
        Rule G-01 (domain 4.2): alarm from one hour on, warning from thirty minutes on.
    """
    broken = is_silent(silence)
    steps = silence.length // STEP
    end = silence.since + (STEP * steps if broken else timedelta(minutes=1))
    return Finding(
        rule=ALL_MISSING,
        outlet=outlet.id,
        factor=FactorCode(""),
        type=AlarmType.ALL_MISSING,
        subtype="warning" if silence.length < _alarm_after(silence) else "missing",
        severity=_severity(silence),
        start=silence.since,
        end=end,
        broken=broken,
        known_at=end if broken else silence.since,
        value=None,
        limit=None,
        unit="",
        sentence=_sentence(outlet, silence.since, end - silence.since, broken=broken),
    )


def is_silent(silence: Silence) -> bool:
    """Say whether the silence is worth a warning at least."""
    return silence.length >= max(WARN_AFTER, 2 * silence.interval)


def _alarm_after(silence: Silence) -> timedelta:
    return max(MISSING_AFTER, 2 * silence.interval)


def _severity(silence: Silence) -> Severity:
    """Our choice: a warning is L5, a missing hour L3, a missing day L2."""
    if silence.length >= SERIOUS_AFTER:
        return Severity.L2
    return Severity.L3 if silence.length >= _alarm_after(silence) else Severity.L5


def _sentence(outlet: Outlet, since: datetime, length: timedelta, *, broken: bool) -> Sentence:
    if not broken:
        return Sentence(
            zh=f"{outlet.name.zh} 于 {clock(since)} 恢复上传",
            en=f"{outlet.name.en} was heard again at {clock(since)}",
        )
    minutes = length // timedelta(minutes=1)
    return Sentence(
        zh=f"{outlet.name.zh} 自 {clock(since)} 起无任何数据，已持续 {minutes} 分钟",
        en=f"{outlet.name.en} has sent no data since {clock(since)}, for {minutes} minutes",
    )
