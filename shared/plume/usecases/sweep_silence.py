"""Look for outlets that stopped talking, and judge what nobody touched again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from plume.model.finding import Finding
from plume.model.identity import OutletId, RegionCode
from plume.model.outlet import Outlet
from plume.model.person import Scope
from plume.model.window import Cause, WindowTouched
from plume.ports.latest import Heard
from plume.ports.registry import Registry
from plume.rules.silence import Silence, silence_of
from plume.usecases.judge_facilities import just_over, whole_quarter
from plume.usecases.judge_window import HOUR, JudgeWorld, judge_window, whole_hour

SWEEP_EVERY = timedelta(minutes=5)
LATE = timedelta(minutes=5)
AGAIN = 2
"""What is just over, a quarter or an hour, is judged by the two sweeps that run 5 to 15 minutes
into the next: one may fail, and judging again tells the same."""


def sweep_silence(*, world: JudgeWorld, now: datetime) -> Sequence[Finding]:
    """Judge rule G-01 on every outlet that was ever heard, and tell the findings.

    An outlet that talks is told as holding since it was last heard, which ends a silence. An
    outlet never heard is pending, not missing. Once an hour, the hour just over is judged for
    the outlets heard in it: its last minutes may never come to touch it. So is, once a quarter,
    the quarter just over for the outlets with facilities. The sweep after that does it again.

    Raises:
        Unavailable: the world did not answer; the next sweep does it all again.
    """
    known = _everywhere(world.registry)
    outlets = [outlet for outlet in known if outlet.online_since]
    heard = world.latest.heard([outlet.id for outlet in outlets])
    findings = [
        silence_of(outlet, Silence(min(heard[outlet.id].received_at, now), now))
        for outlet in outlets
        if outlet.id in heard
    ]
    if findings:
        world.findings.tell(findings)
    if _is_time(now - whole_hour(now)):
        _judge_last_hour(outlets, heard, world, now)
    if _is_time(now - whole_quarter(now)):
        for outlet in known:
            judge_window(just_over(outlet.id, now), world=world, now=now)
    return findings


def _is_time(past: timedelta) -> bool:
    return LATE <= past < LATE + AGAIN * SWEEP_EVERY


def _everywhere(registry: Registry) -> Sequence[Outlet]:
    prefectures = {RegionCode(region.code[:4]) for region in registry.regions()}
    return registry.outlets(Scope(regions=tuple(sorted(prefectures))))


def _judge_last_hour(
    outlets: Sequence[Outlet], heard: dict[OutletId, Heard], world: JudgeWorld, now: datetime
) -> None:
    end = whole_hour(now)
    for outlet in outlets:
        if outlet.id in heard and heard[outlet.id].data_at >= end - HOUR:
            window = WindowTouched(outlet.id, end - HOUR, end, Cause.SILENCE)
            judge_window(window, world=world, now=now)
