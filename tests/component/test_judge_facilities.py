"""Treatment switched off, found by the platform on a twin's own points and in its own frames."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import permutations

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from edge_greengrass.twin import intervals
from edge_greengrass.twin.cast import instruments_of
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.episode import Episode, Happening
from edge_greengrass.twin.instruments import Instruments
from edge_greengrass.twin.labels import labels_of
from infra.local import demo_region
from plume.errors import Unavailable
from plume.hj212 import encode
from plume.hj212.moments import written
from plume.memory.series import MemorySeries
from plume.memory.world import (
    MemoryAlarms,
    MemoryBundles,
    MemoryFindings,
    MemoryLatest,
    MemoryReadings,
    MemoryRegistry,
    MemoryWindows,
)
from plume.model.alarm import Alarm, Condition
from plume.model.finding import Finding, Source
from plume.model.segment import Arrival
from plume.model.telemetry import Columns, SeriesTable
from plume.model.window import Cause, WindowTouched
from plume.rules.treatment import WINDOW
from plume.series import block
from plume.usecases.judge_facilities import just_over
from plume.usecases.judge_window import JudgeWorld, judge_window
from plume.usecases.raise_alarm import raise_alarm
from plume.usecases.sweep_silence import sweep_silence
from plume.usecases.write_series import SeriesWorld, write_series
from tests.given import EdgeDevice, private_pem

OUTLET = next(one for one in demo_region.outlets() if one.id == "beiyu-gas-1")
START = datetime(2026, 11, 24, 4, tzinfo=UTC)
OFF = (START + timedelta(minutes=30), START + timedelta(minutes=80))
END = START + timedelta(hours=2)
MINUTE = timedelta(minutes=1)
PLATFORM = generate_private_key(SECP256R1())


def coal_unit(what: Happening | None) -> PlantSettings:
    first, last = (int(at.timestamp()) for at in OFF)
    return PlantSettings(
        kind="coal_unit", outlet=OUTLET.id, mn=OUTLET.mn, st=OUTLET.st, password=OUTLET.password,
        host="h", port=1, seed=6, episodes=(Episode(first, last, what),) if what else (),
    )  # fmt: skip


class Platform:
    """Curves, judgement and alarms, one after the other, on the memory world."""

    def __init__(self) -> None:
        self.registry = MemoryRegistry()
        for region in demo_region.regions():
            self.registry.put_region(region)
        self.registry.put_outlet(OUTLET)
        for facility in demo_region.facilities():
            self.registry.put_facility(facility)
        self.device = EdgeDevice(PLATFORM, thing=OUTLET.thing)
        self.registry.put_device(self.device.registered())
        self.written = SeriesWorld(
            self.registry, MemoryBundles(), MemorySeries(), MemoryWindows(), private_pem(PLATFORM)
        )
        self.judging = JudgeWorld(
            self.registry, MemoryReadings(), MemoryLatest(), MemoryFindings(), self.written.series
        )
        self.alarms = MemoryAlarms()

    def write(self, *arrivals: Arrival) -> list[WindowTouched]:
        windows = self.written.windows
        assert isinstance(windows, MemoryWindows)
        before = len(windows.told)
        written = write_series(self.written.bundles.put(arrivals), world=self.written)
        assert not written.faults
        return windows.told[before:]

    def judge(self, windows: Sequence[WindowTouched], now: datetime) -> list[Finding]:
        return [
            finding
            for window in windows
            for finding in judge_window(window, world=self.judging, now=now)
        ]

    def conclude(self, findings: Sequence[Finding], now: datetime) -> None:
        for finding in findings:
            raise_alarm(finding, alarms=self.alarms, registry=self.registry, now=now)

    def listed(self) -> list[Alarm]:
        return list(self.alarms.episodes("T-04", OUTLET.id, "g71201"))


def polled(instruments: Instruments, since: datetime, until: datetime) -> Columns:
    """What a collector has polled of the control system every half minute."""
    facility = next(one for one in demo_region.facilities() if one.outlet == OUTLET.id)
    seconds = np.arange(int(since.timestamp()), int(until.timestamp()), 30)
    shown = instruments.read(seconds).values
    values = {signal.channel: shown[signal.channel] for signal in facility.signals}
    return Columns(
        SeriesTable.PROCESS, OUTLET.id, seconds * 1000, values, {}, dict.fromkeys(values, 1)
    )


def live(platform: Platform, what: Happening | None) -> list[Finding]:
    """The two hours as they come: a block each minute, judged a few seconds later."""
    instruments, found = instruments_of(coal_unit(what)), list[Finding]()
    at = START
    while at < END + 2 * MINUTE:
        data = block.encode(polled(instruments, at, at + MINUTE))
        windows = platform.write(platform.device.seal(blocks=(data,), at=at + MINUTE))
        findings = platform.judge(windows, at + MINUTE + timedelta(seconds=5))
        platform.conclude(findings, at + MINUTE + timedelta(seconds=5))
        found += findings
        at += MINUTE
    return found


def quarters_off() -> set[datetime]:
    """The quarters of an hour that lie in the labelled episode as a whole."""
    (label,) = labels_of(coal_unit(Happening.PUMPS_OFF), START, END)
    assert "T-04" in label.rules
    every = (START + at * WINDOW for at in range(8))
    return {at for at in every if label.start <= at and at + WINDOW <= label.end}


@pytest.mark.parametrize("what", [Happening.PUMPS_OFF, Happening.PUMPS_OFF_HIDDEN])
def test_pumps_that_stand_still_raise_one_alarm_that_clears_when_they_turn(
    what: Happening,
) -> None:
    """Half past to ten to: three whole quarters, however the report of the stack is forged."""
    platform = Platform()
    found = live(platform, what)
    assert {one.start for one in found if one.broken} == quarters_off()
    assert len(quarters_off()) == 3
    (alarm,) = platform.listed()
    assert (alarm.type, alarm.source, alarm.count) == ("TREAT_FAULT", Source.CLOUD, 3)
    assert (alarm.first_at, alarm.last_at) == (OFF[0], START + timedelta(minutes=75))
    assert (alarm.condition, alarm.cleared_at) == (Condition.CLEARED, alarm.last_at)
    assert alarm.sentence.zh.startswith("1号机组烟囱 脱硫塔循环泵 2026-11-24 12:")


@pytest.mark.parametrize("what", [None, Happening.REAGENT_OFF, Happening.PUMP_TRIP])
def test_other_faults_and_none_raise_no_such_alarm(what: Happening | None) -> None:
    platform = Platform()
    found = live(platform, what)
    assert [one.broken for one in found] == [False] * len(found)
    assert found
    assert platform.listed() == []


def test_a_quarter_that_is_not_over_is_judged_by_what_comes_in_the_next() -> None:
    platform = Platform()
    instruments = instruments_of(coal_unit(Happening.PUMPS_OFF))
    data = block.encode(polled(instruments, OFF[0], OFF[0] + WINDOW))
    windows = platform.write(platform.device.seal(blocks=(data,), at=OFF[0] + WINDOW))
    assert platform.judge(windows, OFF[0] + WINDOW + timedelta(seconds=59)) == []
    assert [one.broken for one in platform.judge(windows, OFF[0] + WINDOW + MINUTE)] == [True]


def before_a_silence(platform: Platform) -> None:
    """The points of a quarter with the pumps off, and of the one before, judged as they came."""
    instruments = instruments_of(coal_unit(Happening.PUMPS_OFF))
    data = block.encode(polled(instruments, OFF[0] - WINDOW, OFF[0] + WINDOW))
    windows = platform.write(platform.device.seal(blocks=(data,), at=OFF[0] + WINDOW))
    found = platform.judge(windows, OFF[0] + WINDOW + timedelta(seconds=5))
    assert [(one.start, one.broken) for one in found] == [(OFF[0] - WINDOW, False)]


def swept(platform: Platform, minutes: int) -> list[tuple[datetime, bool]]:
    """What the sweep tells of treatment, so many minutes after the last point."""
    findings = platform.judging.findings
    assert isinstance(findings, MemoryFindings)
    findings.told.clear()
    sweep_silence(world=platform.judging, now=OFF[0] + WINDOW + minutes * MINUTE)
    return [(one.start, one.broken) for one in findings.told if one.rule.id == "T-04"]


def test_the_last_quarter_before_a_silence_is_judged_by_two_sweeps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control: a sweep that judges the quarter after it finds nothing."""
    platform = Platform()
    before_a_silence(platform)
    by_minute = {minutes: swept(platform, minutes) for minutes in range(0, 30, 5)}
    broken = [(OFF[0], True)]
    assert by_minute == {0: [], 5: broken, 10: broken, 15: [], 20: [], 25: []}
    with monkeypatch.context() as patch:
        later = partial(replace, start=OFF[1], end=OFF[1] + WINDOW)
        patch.setattr(
            "plume.usecases.sweep_silence.just_over", lambda *said: later(just_over(*said))
        )
        assert swept(platform, 5) == []


def test_the_sweep_and_the_points_that_come_after_all_make_one_alarm_of_one_count() -> None:
    platform = Platform()
    before_a_silence(platform)
    sweep_silence(world=platform.judging, now=OFF[0] + WINDOW + 5 * MINUTE)
    data = block.encode(polled(instruments_of(coal_unit(None)), OFF[1], OFF[1] + MINUTE))
    again = WindowTouched(OUTLET.id, OFF[0], OFF[0] + WINDOW, Cause.TELEMETRY)
    late = platform.write(platform.device.seal(blocks=(data,), at=OFF[1] + MINUTE))
    platform.judge([again, *late], OFF[1] + 2 * MINUTE)
    findings = platform.judging.findings
    assert isinstance(findings, MemoryFindings)
    platform.conclude(findings.told, OFF[1] + 2 * MINUTE)
    (alarm,) = platform.listed()
    assert (alarm.count, alarm.first_at) == (1, OFF[0])


def test_a_backlog_is_judged_as_the_live_points_were() -> None:
    platform, late = Platform(), Platform()
    instruments = instruments_of(coal_unit(Happening.PUMPS_OFF))
    live(platform, Happening.PUMPS_OFF)
    data = block.encode(polled(instruments, START, END + 2 * MINUTE))
    windows = late.write(late.device.seal(blocks=(data,), at=END + timedelta(hours=72)))
    late.conclude(late.judge(windows, END + timedelta(hours=72)), END + timedelta(hours=72))
    assert [_essence(one) for one in late.listed()] == [_essence(one) for one in platform.listed()]


def frames(st: str) -> Iterator[bytes]:
    """The same told by the data logger itself, every minute."""
    instruments = instruments_of(coal_unit(Happening.PUMPS_OFF))
    for minute in range(int(WINDOW / MINUTE)):
        at = OFF[0] + minute * MINUTE
        yield from encode.split(
            intervals.process_items(instruments, int(at.timestamp())),
            data_time=written(at), flag=5, resent=False, qn=f"{written(at)}000", st=st, cn="2011",
            password=OUTLET.password, mn=OUTLET.mn, key=None,
        )  # fmt: skip


@pytest.mark.parametrize("st", ["51", "31"])
def test_points_in_frames_count_as_polled_ones_do(st: str) -> None:
    """A plain logger tells of the plant in ST 31: the codes say what it is."""
    platform = Platform()
    windows = platform.write(platform.device.seal(*frames(st), at=OFF[0] + WINDOW))
    findings = platform.judge(windows, OFF[0] + WINDOW + MINUTE)
    assert [(one.rule.id, one.broken) for one in findings] == [("T-04", True)]


def test_two_orders_and_twice_make_one_alarm_of_site_and_platform() -> None:
    """The site's word and ours on the same quarters: whoever comes first, one alarm, one count."""
    data = polled(instruments_of(coal_unit(Happening.PUMPS_OFF)), START, END)
    seen = Platform()
    windows = seen.write(seen.device.seal(blocks=(block.encode(data),), at=END))
    ours = seen.judge(windows, END + MINUTE)
    site = [replace(one, source=Source.EDGE, known_at=one.end) for one in ours if one.broken]
    ends = set[tuple[object, ...]]()
    for order in permutations([ours, site, ours]):
        platform = Platform()
        for findings in order:
            platform.conclude(findings, END + MINUTE)
        (alarm,) = platform.listed()
        first = Source.EDGE if order[0] is site else Source.CLOUD
        assert alarm.source is first
        ends.add(_essence(replace(alarm, source=Source.CLOUD)))
    assert len(ends) == 1


def test_a_late_word_of_the_platform_takes_back_what_the_site_said() -> None:
    """A minute that the site did not see: the pumps ran in it."""
    platform = Platform()
    still = polled(instruments_of(coal_unit(Happening.PUMPS_OFF)), OFF[0], OFF[0] + WINDOW)
    windows = platform.write(
        platform.device.seal(blocks=(block.encode(still),), at=OFF[0] + WINDOW)
    )
    (before,) = platform.judge(windows, OFF[0] + WINDOW + MINUTE)
    site = replace(before, source=Source.EDGE, known_at=before.end)
    ran = polled(instruments_of(coal_unit(None)), OFF[0] + MINUTE, OFF[0] + 2 * MINUTE)
    later = OFF[0] + timedelta(hours=3)
    windows = platform.write(platform.device.seal(blocks=(block.encode(ran),), at=later))
    after = platform.judge(windows, later)
    assert [(one.start, one.broken) for one in after] == [(before.start, False)]
    platform.conclude([*after, before, site], later)
    platform.conclude([site, *after, site], later)
    assert [(one.count, one.condition) for one in platform.listed()] == [(0, Condition.CLEARED)]


def test_a_unit_without_outlet_and_an_outlet_without_facility_are_left_alone() -> None:
    platform = Platform()
    for subject in ("unit-1", "chengli-gas-1"):
        window = WindowTouched(subject, START, END, Cause.TELEMETRY)
        assert judge_window(window, world=platform.judging, now=END) == []


def test_a_deaf_store_has_the_window_delivered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = Platform()

    def deaf(_: object) -> Columns:
        raise Unavailable("series store")

    monkeypatch.setattr(platform.written.series, "read", deaf)
    with pytest.raises(Unavailable):
        platform.judge([WindowTouched(OUTLET.id, START, END, Cause.TELEMETRY)], END)
    unwatched = WindowTouched("chengli-gas-1", START, END, Cause.TELEMETRY)
    assert platform.judge([unwatched], END) == []


def _essence(alarm: Alarm) -> tuple[object, ...]:
    judged = tuple((one.start, one.broken, one.value) for one in alarm.judged)
    return (
        *(alarm.id, alarm.condition, alarm.first_at, alarm.last_at, alarm.count),
        *(alarm.cleared_at, alarm.value, alarm.sentence, judged),
    )
