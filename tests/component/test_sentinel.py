"""The sentinel: silent while the line is up, the platform's own word while it is down."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import AppendLog, OutboxFull
from edge_greengrass.sentinel.avowal import Avowal
from edge_greengrass.sentinel.configuration import Law, configuration
from edge_greengrass.sentinel.filming import Filming
from edge_greengrass.sentinel.line import Line
from edge_greengrass.sentinel.main import Post, stand
from edge_greengrass.sentinel.watch import Watch
from edge_greengrass.settings import BadSettings
from edge_greengrass.site_laws import site_laws, text_of
from plume.evidence import payload
from plume.flows.alarm import alarm_id
from plume.memory.certificates import MemoryCertificates
from plume.memory.commands import MemoryAudit, MemoryCommands
from plume.memory.device_standings import MemoryDeviceStandings
from plume.memory.media import MemoryMedia, MemoryMediaObjects
from plume.memory.series import MemorySeries
from plume.memory.world import (
    MemoryAlarms,
    MemoryBundles,
    MemoryDeviceAcks,
    MemoryDeviceCommands,
    MemoryFindings,
    MemoryLatest,
    MemoryOperations,
    MemoryReadings,
    MemorySegments,
    MemoryWindows,
)
from plume.model.alarm import Alarm, Condition
from plume.model.command import CommandKind
from plume.model.event import EdgeFinding, LawInForce
from plume.model.finding import Source
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import RegionCode
from plume.model.person import Scope
from plume.model.segment import Payload
from plume.model.site_law import SiteLaw
from plume.model.telemetry import Columns, SeriesTable
from plume.ports.alarms import AlarmQuery
from plume.rules.treatment import RULES
from plume.series import block
from plume.usecases.ingest_segments import IngestWorld, ingest_segments
from plume.usecases.judge_window import JudgeWorld, judge_window
from plume.usecases.raise_alarm import raise_alarm
from plume.wire.commands import command_of
from plume.wire.events import event_of
from plume.wire.facility_of import facility_of
from tests.component.patience import PATIENCE
from tests.given import (
    EIGHT,
    HOUR,
    MINUTE,
    SO2_LIMIT,
    STACK,
    EdgeDevice,
    hour_frame,
    private_pem,
    registry,
)

NINE, TEN = EIGHT + HOUR, EIGHT + 2 * HOUR
PLATFORM = generate_private_key(SECP256R1())
CITY = Scope(regions=(RegionCode("15"),))


def settings(home: Path, **more: object) -> dict[str, Any]:
    """The stack, as it is delivered: by what it is judged, the platform tells."""
    return {
        "home": str(home),
        "thing": STACK.thing,
        "outlets": [
            {
                "outletId": STACK.id, "mn": STACK.mn, "st": "31", "password": "123456",
                "medium": "gas", "name": {"zh": "1 号机组", "en": "Unit 1"},
            }
        ],
        **more,
    }  # fmt: skip


def law(*, ceiling: str = "35", version: int = 1) -> SiteLaw:
    """The stack's limit of 35 mg/m3, and the tower that must run above 300."""
    tower = {
        "rule": "T-04", "name": {"zh": "脱硫塔循环泵", "en": "FGD recirculation pumps"},
        "demand": {"channel": "g71201", "above": 300, "unit": "mg/m3"},
        "running": [
            {"channel": "g10401", "above": "18.6"}, {"channel": "g10402", "above": "18.6"}
        ],
    }  # fmt: skip
    limit = replace(SO2_LIMIT, ceiling=Decimal(ceiling), version=version)
    facility = facility_of(tower, STACK.id, rules=RULES)
    return SiteLaw(STACK.id, version, (limit,), (facility,), Decimal(6))


class Site:
    """One device: its home, its line, and its sentinel."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.log = AppendLog(home / "sentinel", key=bytes(32), quota_bytes=1 << 20)
        self.law: Law = configuration(settings(home)).law.under({STACK.id: law()})
        self.watch = Watch(home, self.log)

    def line(self, *, up: bool, since: datetime) -> None:
        (self.home / "line.json").write_text(json.dumps({"up": up, "since": since.isoformat()}))

    def hear(self, raw: bytes, at: datetime) -> None:
        record = FrameRecord(at, raw, Verdict.OK, mn=STACK.mn, acknowledged=True)
        self.watch.seen.take(Payload(frames=(record,)), self.law)

    def process(self, start: datetime, minutes: int, amperes: float) -> None:
        """So many minutes of the control system, by a source without frames."""
        times = np.array(
            [int((start + at * MINUTE).timestamp() * 1000) for at in range(minutes)], np.int64
        )
        values = {"g71201": 1850.0, "g10401": amperes, "g10402": 0.0}
        columns = Columns(
            SeriesTable.PROCESS, STACK.id, times,
            {code: np.full(minutes, value) for code, value in values.items()},
            {}, dict.fromkeys(values, 1),
        )  # fmt: skip
        self.watch.seen.take(Payload(blocks=(block.encode(columns),)), self.law)

    def sweep(self, now: datetime) -> list[tuple[str, bool]]:
        return [(one.rule.id, one.broken) for one in self.watch.sweep(self.law, now)]

    def told(self) -> list[dict[str, object]]:
        """What the uplink will read."""
        events = []
        for _, content in self.log.read(None, 1_000):
            events += payload.decode(content).events
        return events

    def restart(self) -> None:
        self.log.close()
        self.__init__(self.home)  # type: ignore[misc]  # a new process on the same home


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_while_the_line_is_up_or_unknown_the_platform_judges(site: Site) -> None:
    site.hear(hour_frame("456.0"), NINE)
    assert site.sweep(NINE + MINUTE) == []
    site.line(up=True, since=EIGHT)
    assert site.sweep(NINE + MINUTE) == []
    (site.home / "line.json").write_text("{}")
    assert site.sweep(NINE + MINUTE) == []
    assert site.told() == []


def test_an_exceedance_while_the_line_is_down_is_told_once(site: Site) -> None:
    """456.0 at 8.5 % oxygen is 547.2 at 6 %: more than twice the limit of 35."""
    site.line(up=False, since=EIGHT)
    site.hear(hour_frame("456.0"), NINE)
    assert site.sweep(NINE + MINUTE) == [("G-06", True)]
    assert site.sweep(NINE + 2 * MINUTE) == []
    (event,) = map(event_of, site.told())
    assert isinstance(event, EdgeFinding)
    assert (event.finding.source, event.finding.severity.value) == (Source.EDGE, "L1")
    assert event.finding.value == Decimal("547.200")
    assert event.finding.start == EIGHT


def test_what_came_just_before_the_line_was_seen_to_be_down_is_judged_too(site: Site) -> None:
    site.hear(hour_frame("456.0"), NINE)
    site.line(up=False, since=NINE + 5 * MINUTE)
    assert site.sweep(NINE + 6 * MINUTE) == [("G-06", True)]


def test_it_closes_what_it_opened_even_when_the_line_is_back(site: Site) -> None:
    site.line(up=False, since=EIGHT)
    site.hear(hour_frame("456.0"), NINE)
    site.sweep(NINE + MINUTE)
    site.line(up=True, since=NINE + 2 * MINUTE)
    site.hear(hour_frame("12.0", start="20260801090000"), TEN)
    assert site.sweep(TEN + MINUTE) == [("G-06", False)]
    assert site.watch.open_causes == 0
    site.hear(hour_frame("456.0", start="20260801100000"), TEN + HOUR)
    assert site.sweep(TEN + HOUR + MINUTE) == []


def test_what_begins_while_the_line_is_down_is_filmed_once_as_the_platform_would_ask(
    site: Site,
) -> None:
    """Five minutes before to ten after the hour's end, under the id of the alarm it will be."""
    site.law = replace(site.law, cameras={STACK.id: ("stack-1-cam1", "stack-1-cam2")})
    log = AppendLog(site.home / "wishes-camera", key=bytes(32), quota_bytes=1 << 20)
    filming = Filming(log, STACK.thing)
    site.line(up=False, since=EIGHT)
    site.hear(hour_frame("456.0"), NINE)
    site.sweep(NINE + MINUTE)
    assert filming.wish(site.watch.begun, site.law, NINE + MINUTE) == 2
    site.hear(hour_frame("457.0", start="20260801090000"), TEN)
    assert site.sweep(TEN + MINUTE) == [("G-06", True)]
    assert site.watch.begun == (), "it goes on; it does not begin"
    first, second = (command_of(message) for _, message in log.read(None, 10))
    assert (first.kind, first.thing) == (CommandKind.CLIP, STACK.thing)
    assert first.arguments == {
        "camera": "stack-1-cam1",
        "start": (NINE - 5 * MINUTE).isoformat(),
        "end": (NINE + 10 * MINUTE).isoformat(),
    }
    (event,) = (event_of(one) for one in site.told()[:1])
    assert isinstance(event, EdgeFinding)
    alarm = alarm_id(event.finding)
    assert [first.id, second.id] == [f"alarm-{alarm}-cam1", f"alarm-{alarm}-cam2"]


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(29, []), (30, [("G-01", True)]), (45, [("G-01", True)])],
)
def test_a_silent_logger_is_missed_after_half_an_hour(
    site: Site, minutes: int, told: list[tuple[str, bool]]
) -> None:
    site.line(up=False, since=EIGHT)
    site.hear(hour_frame("12.0"), NINE)
    assert site.sweep(NINE + minutes * MINUTE) == told


def test_a_silence_grows_and_ends(site: Site) -> None:
    site.line(up=False, since=EIGHT)
    site.hear(hour_frame("12.0"), NINE)
    assert [site.sweep(NINE + at * MINUTE) for at in (31, 45, 61)] == [
        [("G-01", True)], [], [("G-01", True)]
    ]  # fmt: skip
    site.hear(hour_frame("12.0", start="20260801090000"), NINE + 70 * MINUTE)
    assert site.sweep(NINE + 71 * MINUTE) == [("G-01", False)]


def test_nobody_is_called_silent_for_what_was_said_while_the_sentinel_was_deaf(
    site: Site,
) -> None:
    site.line(up=False, since=EIGHT)
    site.hear(hour_frame("12.0"), NINE)
    site.sweep(NINE + MINUTE)
    site.restart()
    site.watch.seen.resume(NINE + 3 * HOUR)
    assert site.sweep(NINE + 3 * HOUR + MINUTE) == []


def test_treatment_switched_off_is_found_in_the_first_whole_quarter(site: Site) -> None:
    """Pumps stop at 8:05: the quarter from 8:00 holds running minutes, that from 8:15 none."""
    site.line(up=False, since=EIGHT)
    site.process(EIGHT, 5, 61.0)
    site.process(EIGHT + 5 * MINUTE, 26, 0.3)
    assert site.sweep(EIGHT + 16 * MINUTE) == []
    assert site.sweep(EIGHT + 31 * MINUTE) == [("T-04", True)]
    site.process(EIGHT + 31 * MINUTE, 30, 61.0)
    assert site.sweep(EIGHT + 61 * MINUTE) == [("T-04", False)]


def test_a_full_disk_leaves_the_finding_to_the_next_sweep(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.line(up=False, since=EIGHT)
    site.hear(hour_frame("456.0"), NINE)

    def full(_: object) -> None:
        raise OutboxFull("full")

    with monkeypatch.context() as patch:
        patch.setattr(site.log, "append", full)
        with pytest.raises(OutboxFull):
            site.sweep(NINE + MINUTE)
    assert site.sweep(NINE + 2 * MINUTE) == [("G-06", True)]


def test_a_restart_knows_what_is_open_and_closes_it(site: Site) -> None:
    site.line(up=False, since=EIGHT)
    site.hear(hour_frame("456.0"), NINE)
    site.sweep(NINE + MINUTE)
    site.restart()
    site.line(up=True, since=NINE)
    site.hear(hour_frame("12.0", start="20260801090000"), TEN)
    assert site.sweep(TEN + MINUTE) == [("G-06", False)]


@pytest.mark.parametrize("content", ["", "[]", '{"heard": {"a": 1}, "open": []}'])
def test_a_damaged_state_is_as_good_as_none(site: Site, content: str) -> None:
    (site.home / "sentinel.json").write_text(content)
    site.restart()
    site.line(up=False, since=EIGHT)
    site.hear(hour_frame("456.0"), NINE)
    assert site.sweep(NINE + MINUTE) == [("G-06", True)]


def test_a_changed_limit_counts_from_the_next_sweep_on(site: Site) -> None:
    site.line(up=False, since=EIGHT)
    site.hear(hour_frame("25.0"), NINE)
    assert site.sweep(NINE + MINUTE) == []
    site.law = site.law.under({STACK.id: law(ceiling="20", version=2)})
    assert site.sweep(NINE + 2 * MINUTE) == [("G-06", True)]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"outlets": [{"outletId": "x"}]}, "mn"),
        ({"outlets": [{**settings(Path())["outlets"][0], "medium": "noise"}]}, "noise"),
        ({"outlets": settings(Path())["outlets"] * 2}, "MN"),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, change: dict[str, Any], names: str) -> None:
    with pytest.raises(BadSettings, match=names):
        configuration(settings(tmp_path, **change))


class Told(StringIO):
    """What the sentinel says, with a bell for each line."""

    def __init__(self) -> None:
        super().__init__()
        self.bell = asyncio.Event()

    def flush(self) -> None:
        self.bell.set()

    def told(self, name: str) -> int:
        """How many events of this name were told."""
        return self.getvalue().count(f'"event": "{name}"')

    async def count(self, name: str, most: int) -> None:
        """Wait until so many events of this name were told."""
        while self.told(name) < most:
            self.bell.clear()
            await asyncio.wait_for(self.bell.wait(), PATIENCE)

    async def event(self, name: str) -> dict[str, Any]:
        """Wait until an event of this name was told, and give it."""
        while True:
            for line in self.getvalue().splitlines():
                if (told := json.loads(line))["event"] == name:
                    return dict(told)
            self.bell.clear()
            await asyncio.wait_for(self.bell.wait(), PATIENCE)


async def test_changed_settings_are_taken_up_while_it_runs_and_bad_ones_are_not(
    site: Site,
) -> None:
    now = {"settings": settings(site.home, reloadSeconds=0.01)}
    said, chosen = Told(), configuration(now["settings"])
    journal = Journal("sentinel", said)
    post = Post(chosen, chosen.law, site.log, site.watch, journal)
    work = asyncio.create_task(stand([post], lambda: now["settings"], journal))
    now["settings"] = settings(site.home, outlets=[])
    assert (await said.event("law_changed"))["outlets"] == 0
    now["settings"] = settings(site.home, outlets=[{"mn": "x"}])
    assert "outletId" in (await said.event("bad_settings"))["reason"]
    assert post.law.outlets == {}
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work


async def test_a_law_that_is_brought_is_taken_up_while_it_runs_and_avowed(site: Site) -> None:
    said, chosen = Told(), configuration(settings(site.home, reloadSeconds=0.01))
    journal = Journal("sentinel", said)
    post = Post(chosen, chosen.law, site.log, site.watch, journal)
    work = asyncio.create_task(
        stand([post], lambda: settings(site.home, reloadSeconds=0.01), journal)
    )
    await said.event("law_told")
    assert avowed(site) == [(STACK.id, 0)]
    (site.home / "laws.json").write_text(text_of({STACK.id: law(version=3)}), "utf-8")
    assert (await said.event("law_changed"))["versions"] == {STACK.id: 3}
    assert [one.ceiling for one in post.law.limits[STACK.id]] == [Decimal(35)]
    assert [one.rule.id for one in post.law.facilities] == ["T-04"]
    await said.count("law_told", 2)
    assert avowed(site) == [(STACK.id, 0), (STACK.id, 3)]
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work


async def test_beside_bad_settings_a_law_is_taken_up_and_a_rotten_one_is_not(site: Site) -> None:
    said, chosen = Told(), configuration(settings(site.home, reloadSeconds=0.01))
    post = Post(chosen, chosen.law, site.log, site.watch, Journal("sentinel", said))
    bad = settings(site.home, outlets=[{"mn": "x"}])
    (site.home / "laws.json").write_text(text_of({STACK.id: law(version=3)}), "utf-8")
    work = asyncio.create_task(stand([post], lambda: bad, Journal("sentinel", said)))
    async with asyncio.timeout(PATIENCE):
        assert (await said.event("law_changed"))["versions"] == {STACK.id: 3}
        (site.home / "laws.json").write_text("{", "utf-8")
        await said.count("bad_settings", said.told("bad_settings") + 2)
    assert (list(post.law.outlets), post.law.versions) == ([STACK.mn], {STACK.id: 3})
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work


def avowed(site: Site) -> list[tuple[str, int]]:
    told = map(event_of, site.told())
    return [(one.outlet, one.version) for one in told if isinstance(one, LawInForce)]


@pytest.mark.parametrize(
    "rotten",
    [
        "", "{", "[]", "7", '{"stack-1": 7}', '{"stack-1": {"outletId": "stack-1"}}',
        text_of({STACK.id: law()}).replace("T-04", "T-99"),
        text_of({STACK.id: law()}).replace('"35"', '"much"'),
        text_of({STACK.id: law()}).replace('"35"', '"NaN"'),
        text_of({STACK.id: law()}).replace('"version": 1, "ref', '"version": "1", "ref'),
    ],
)  # fmt: skip
def test_a_law_that_cannot_be_read_is_none(site: Site, rotten: str) -> None:
    assert site_laws(site.home) == {}
    (site.home / "laws.json").write_text(rotten, "utf-8")
    assert site_laws(site.home) == {}
    (site.home / "laws.json").write_text(text_of({STACK.id: law(version=7)}), "utf-8")
    assert site_laws(site.home) == {STACK.id: law(version=7)}


def test_what_was_opened_by_a_facility_that_is_retired_since_is_open_no_more(site: Site) -> None:
    site.line(up=False, since=EIGHT)
    site.process(EIGHT, 15, amperes=0.2)
    assert site.sweep(EIGHT + 17 * MINUTE) == [("T-04", True)]
    assert site.watch.open_causes == 1
    site.law = site.law.under({STACK.id: replace(law(version=2), facilities=())})
    assert site.sweep(EIGHT + 18 * MINUTE) == []
    assert site.watch.open_causes == 0


def test_a_law_that_rotted_closes_nothing_that_was_opened(site: Site) -> None:
    site.line(up=False, since=EIGHT)
    site.process(EIGHT, 15, amperes=0.2)
    site.sweep(EIGHT + 17 * MINUTE)
    known, site.law = site.law, site.law.under({})
    assert site.sweep(EIGHT + 18 * MINUTE) == []
    site.law = known
    site.process(EIGHT + 15 * MINUTE, 15, amperes=60)
    assert site.sweep(EIGHT + 32 * MINUTE) == [("T-04", False)]
    assert site.watch.open_causes == 0


def test_the_law_in_force_is_avowed_at_once_on_a_change_and_every_hour(site: Site) -> None:
    avowal = Avowal(site.log)
    newer = site.law.under({STACK.id: law(version=2)})
    assert [
        avowal.tell(site.law, None, NINE),
        avowal.tell(site.law, None, NINE + MINUTE),
        avowal.tell(newer, None, NINE + MINUTE),
        avowal.tell(newer, None, NINE + MINUTE + HOUR),
        avowal.tell(newer, None, NINE),
        avowal.tell(newer, None, NINE + MINUTE),
    ] == [1, 0, 1, 1, 1, 0]  # the fifth after the clock was set back
    assert [version for _, version in avowed(site)] == [1, 2, 2, 2]


def test_the_law_is_avowed_again_when_the_line_is_back_for_one_may_have_been_missed(
    site: Site,
) -> None:
    avowal = Avowal(site.log)
    before, back = Line(up=True, since=EIGHT), Line(up=True, since=NINE + MINUTE)
    down = Line(up=False, since=NINE)
    seen = (before, before, down, back, back, None)
    assert [avowal.tell(site.law, line, NINE + at * MINUTE) for at, line in enumerate(seen)] == [
        1,
        0,
        0,
        1,
        0,
        0,
    ]


def test_what_could_not_be_avowed_is_due_still(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OutboxFull("full")

    avowal = Avowal(site.log)
    with monkeypatch.context() as patch:
        patch.setattr(site.log, "append", full)
        with pytest.raises(OutboxFull):
            avowal.tell(site.law, None, NINE)
    assert avowal.tell(site.law, None, NINE) == 1


# The whole way: line down, exceedance, finding, line up, one alarm.


class Platform:
    """The platform's functions, one after the other, on the memory world."""

    def __init__(self, device: EdgeDevice) -> None:
        known = registry()
        known.put_device(device.registered())
        self.world = IngestWorld(
            registry=known, bundles=MemoryBundles(), segments=MemorySegments(),
            readings=MemoryReadings(), latest=MemoryLatest(), windows=MemoryWindows(),
            media=MemoryMedia(), media_objects=MemoryMediaObjects(), findings=MemoryFindings(),
            device_acks=MemoryDeviceAcks(),
            certificates=MemoryCertificates(), operations=MemoryOperations(),
            commands=MemoryCommands(), audit=MemoryAudit(), standings=MemoryDeviceStandings(),
            device_commands=MemoryDeviceCommands(),
            platform_key_pem=private_pem(PLATFORM),
        )  # fmt: skip
        self.alarms = MemoryAlarms()

    def take(self, *arrivals: Any, now: datetime) -> None:
        assert not ingest_segments(arrivals, world=self.world, now=now).failures
        judging = JudgeWorld(
            self.world.registry, self.world.readings, self.world.latest, self.world.findings,
            MemorySeries(),
        )  # fmt: skip
        for window in self.world.windows.told:  # type: ignore[attr-defined]  # the memory world's
            judge_window(window, world=judging, now=now)
        self.world.windows.told.clear()  # type: ignore[attr-defined]
        for finding in self.world.findings.told:  # type: ignore[attr-defined]
            raise_alarm(finding, alarms=self.alarms, registry=self.world.registry, now=now)
        self.world.findings.told.clear()  # type: ignore[attr-defined]

    def listed(self) -> list[Alarm]:
        return list(self.alarms.page(AlarmQuery(), CITY, most=10).items)


@pytest.mark.parametrize("order", ["finding first", "frame first"])
def test_what_site_and_platform_conclude_of_one_hour_is_one_alarm(site: Site, order: str) -> None:
    device = EdgeDevice(PLATFORM)
    platform = Platform(device)
    site.line(up=False, since=EIGHT)
    site.hear(hour_frame("456.0"), NINE)
    site.sweep(NINE + MINUTE)
    told = tuple(site.told())
    segments = [device.seal(events=told, at=NINE + MINUTE), device.seal(hour_frame("456.0"))]
    back = [replace(one, received_at=TEN) for one in segments]
    for arrival in back if order == "finding first" else reversed(back):
        platform.take(arrival, now=TEN)
    (alarm,) = platform.listed()
    assert (alarm.rule.id, alarm.count, alarm.condition) == ("G-06", 1, Condition.ACTIVE)
    first = Source.EDGE if order == "finding first" else Source.CLOUD
    assert alarm.source is first
    platform.take(*back, now=TEN + timedelta(hours=1))
    assert platform.listed()[0].count == 1
    assert len(platform.listed()) == 1
