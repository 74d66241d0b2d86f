"""The line is down and an hour breaks its limit: the site says so, and it is one alarm.

Real collector, uplink and sentinel, a line that is cut, the real ingest and judgement behind it.
"""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from plume.hj212 import encode
from plume.memory.series import MemorySeries
from plume.memory.world import MemoryAlarms
from plume.model.alarm import Alarm
from plume.model.finding import Finding, Source
from plume.model.identity import RegionCode
from plume.model.person import Scope
from plume.ports.alarms import AlarmQuery
from plume.usecases.judge_window import JudgeWorld, judge_window
from plume.usecases.raise_alarm import raise_alarm
from tests.faults.conftest import Scene
from tests.faults.line import FaultyLine
from tests.faults.patience import wait_for
from tests.given import STACK

BEIJING = timezone(timedelta(hours=8))
CITY = Scope(regions=(RegionCode("15"),))
UNAWARE = """
import sys
from datetime import UTC, datetime
from edge_greengrass.sentinel import watch
from edge_greengrass.sentinel.line import Line
watch.line_of = lambda home: Line(up=True, since=datetime.now(UTC))
from edge_greengrass.sentinel.main import main
sys.exit(main(sys.argv[1:]))
"""
"""A sentinel that takes the line to be up, whatever the uplink says: the negative control."""


class Story:
    """One site, its line, and what the platform makes of it in the end."""

    def __init__(self, here: Scene) -> None:
        self.here, self.line = here, FaultyLine(here.cloud.broker.port)
        here.site.reconfigure("uplink", port=self.line.port)
        here.site.start("collector", "uplink", "sentinel")
        wait_for(lambda: here.line_stands(up=True))

    def listens(self, times: int = 1) -> bool:
        return self.here.site.log("sentinel").count('"listening"') >= times

    def report(self, value: str) -> None:
        """Tell the last whole hour, as a data logger does, and wait for the answer."""
        now = datetime.now(tz=UTC).astimezone(BEIJING)
        start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        said = f"DataTime={start:%Y%m%d%H%M%S};a21026-Avg={value},a21026-ZsAvg={value}"
        frame = encode.frame(
            qn=f"{now:%Y%m%d%H%M%S}000", st="31", cn="2061", password="123456", mn=STACK.mn,
            flag=5, cp=f"{said},a21026-Flag=N",
        )  # fmt: skip
        with socket.create_connection(("127.0.0.1", self.here.site.port), timeout=10) as logger:
            logger.sendall(frame)
            assert b"9014" in logger.recv(1_000)

    def told(self) -> list[Finding]:
        """What the platform was told of the limit, by the site."""
        every: list[Finding] = list(self.here.cloud.world.findings.told)  # type: ignore[attr-defined]
        return [one for one in every if one.source is Source.EDGE]

    def heard(self) -> bool:
        """Whether the hour itself has arrived."""
        return bool(self.here.cloud.world.windows.told)  # type: ignore[attr-defined]

    def alarms(self) -> list[Alarm]:
        """Judge and raise, as the platform's functions do."""
        world, now = self.here.cloud.world, datetime.now(tz=UTC)
        judging = JudgeWorld(
            world.registry, world.readings, world.latest, world.findings, MemorySeries()
        )
        for window in list(world.windows.told):  # type: ignore[attr-defined]
            judge_window(window, world=judging, now=now)
        kept = MemoryAlarms()
        for finding in world.findings.told:  # type: ignore[attr-defined]
            raise_alarm(finding, alarms=kept, registry=world.registry, now=now)
        return list(kept.page(AlarmQuery(), CITY, most=10).items)


@pytest.fixture
def story(scene: Callable[..., Scene]) -> Iterator[Callable[..., Story]]:
    made: list[Story] = []

    def make(broken: str = "") -> Story:
        here = scene()
        if broken:
            here.site.broken["sentinel"] = broken
        made.append(Story(here))
        return made[-1]

    yield make
    for one in made:
        one.line.close()


def outage(one: Story, value: str) -> None:
    """The line goes, the hour is told, the line comes back and the hour arrives."""
    one.line.cut()
    assert wait_for(lambda: one.here.line_stands(up=False))
    assert wait_for(one.listens)
    one.report(value)
    wait_for(lambda: '"found"' in one.here.site.log("sentinel"), seconds=5)
    one.line.mend()
    assert wait_for(one.heard)


def test_an_hour_that_breaks_its_limit_while_the_line_is_down_is_one_alarm_found_on_site(
    story: Callable[..., Story],
) -> None:
    one = story()
    outage(one, "92.1")
    assert wait_for(lambda: bool(one.told()))
    (alarm,) = one.alarms()
    assert (alarm.rule.id, alarm.source, alarm.count) == ("G-06", Source.EDGE, 1)
    assert (str(alarm.value), str(alarm.limit)) == ("92.1", "35")


def test_a_sentinel_killed_in_the_outage_still_finds_what_comes_after(
    story: Callable[..., Story],
) -> None:
    one = story()
    assert wait_for(one.listens)
    one.line.cut()
    assert wait_for(lambda: one.here.line_stands(up=False))
    one.here.site.kill("sentinel")
    one.here.site.start("sentinel")
    assert wait_for(lambda: one.listens(times=2))
    outage(one, "92.1")
    assert wait_for(lambda: bool(one.told()))
    (alarm,) = one.alarms()
    assert (alarm.source, alarm.count) == (Source.EDGE, 1)


def test_an_hour_within_its_limit_is_no_news(story: Callable[..., Story]) -> None:
    one = story()
    outage(one, "12.0")
    assert one.told() == []
    assert one.alarms() == []


def test_a_sentinel_that_is_not_aware_of_the_line_is_caught(story: Callable[..., Story]) -> None:
    one = story(broken=UNAWARE)
    outage(one, "92.1")
    assert one.told() == []
    (alarm,) = one.alarms()
    assert alarm.source is Source.CLOUD
