"""New settings under load: no point lost, no connection dropped that the change does not touch."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, cast

import pytest

from edge_greengrass.collector.configuration import configuration
from edge_greengrass.collector.reloading import Reloading
from edge_greengrass.collector.server import Server
from edge_greengrass.collector.works import Works
from edge_greengrass.home import COLLECTOR_COMMANDS, FRAMES, TELEMETRY
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.device_key import outbox_key
from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.settings import changes, settings
from plume.evidence import payload
from plume.model.command import Command, CommandId, CommandKind
from plume.model.event import EdgeEvent, Receipt, SourceHealth, SourceState
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import OutletId, ThingName
from plume.model.segment import Payload
from plume.series import block
from plume.wire.commands import command_message
from plume.wire.events import event_of
from tests.component.patience import PATIENCE, until
from tests.component.test_collector import Caller, frame
from tests.component.test_sources import plc

MN, OTHER = "010000A8900016F000169DC0", "010000A8900016F000169DC1"
FIRST, SECOND = {"host": "127.0.0.1", "port": 0}, {"host": "127.0.0.2", "port": 0}


def outlet(mn: str) -> dict[str, Any]:
    return {"outletId": f"outlet-{mn[-1]}", "mn": mn, "st": "31", "password": "123456"}


def source(name: str, port: int, *, seconds: float = 0.02) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "modbus",
        "outletId": "outlet-0",
        "host": "127.0.0.1",
        "port": port,
        "seconds": seconds,
        "blockSeconds": 0.1,
        "channels": [{"channel": "g11101", "address": 110, "scale": 0.01}],
    }


class Site:
    """A collector, its settings file, and all that it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "collector.json"
        self.said = StringIO()
        self.addresses: list[tuple[str, int]] = []
        self.reloading: Reloading

    def write(self, **found: Any) -> None:
        base = {"thing": "edge-1", "home": str(self.folder / "home"), "outlets": [outlet(MN)]}
        draft = self.file.with_suffix(".draft")
        draft.write_text(json.dumps({**base, "listeners": [FIRST], **found}), encoding="utf-8")
        draft.replace(self.file)

    def events(self) -> list[EdgeEvent]:
        return [event_of(one) for record in self._kept(FRAMES) for one in record.events]

    def frames(self) -> list[bytes]:
        return [one.raw for record in self._kept(FRAMES) for one in record.frames]

    def times(self) -> list[int]:
        blocks = [one for record in self._kept(TELEMETRY) for one in record.blocks]
        return [at for one in blocks for at in block.decode(one).times.tolist()]

    def _kept(self, name: str) -> list[Payload]:
        log = AppendLog(
            self.folder / "home" / name,
            key=outbox_key(self.folder / "home"),
            quota_bytes=1 << 26,
        )
        return [payload.decode(one) for _, one in log.read(None, 100_000)]


@asynccontextmanager
async def working(site: Site) -> AsyncIterator[Works]:
    arguments = ["--config", str(site.file)]

    def read() -> Any:
        return configuration(settings("collector", arguments))

    works = Works(read(), Journal("collector", site.said))
    site.addresses = await works.open()
    site.reloading = Reloading(works, read, Journal("collector", site.said))
    tasks = [
        asyncio.create_task(one)
        for one in (
            works.run(),
            site.reloading.run(),
            changes("collector", arguments, site.reloading.bell),
        )
    ]
    try:
        yield works
    finally:
        await works.part()
        for one in tasks:
            one.cancel()
        works.close()
        await asyncio.sleep(0.05)  # what was hung up on is closed by the loop


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("PLUME_FINGERPRINT_SEED", "reloading")
    return Site(tmp_path)


async def talk(address: tuple[str, int], numbers: range, sent: list[bytes]) -> None:
    """Send frames on one connection, each once the one before was answered."""
    caller = Caller(*await asyncio.open_connection(*address))
    try:
        for number in numbers:
            raw = frame(number)
            await caller.says(raw)
            assert f"QN=20261124110000{number:03d}".encode() in await caller.hears()
            sent.append(raw)
    finally:
        caller.writer.close()


async def reload_under_load(site: Site, port: int, change: Callable[[int], dict[str, Any]]) -> int:
    """Talk on two connections while the settings change again and again; give the changes."""
    sent: list[bytes] = []
    address, count = site.addresses[0], 0
    async with asyncio.TaskGroup() as group:
        talks = [
            group.create_task(talk(address, range(start, start + 400), sent)) for start in (0, 500)
        ]
        while not all(one.done() for one in talks):
            count += 1
            site.write(**change(count))
            assert await site.reloading.reload() == ""
            await asyncio.sleep(0.01)
    assert len(sent) == 800
    assert sorted(site.frames()) == sorted(sent)
    return count


async def test_nothing_is_lost_and_no_connection_dropped_while_settings_change_under_load(
    site: Site,
) -> None:
    async with plc() as port:
        kept = source("kept", port)

        def change(count: int) -> dict[str, Any]:
            odd = bool(count % 2)
            return {
                "outlets": [outlet(MN), outlet(OTHER)] if odd else [outlet(MN)],
                "listeners": [FIRST, SECOND] if odd else [FIRST],
                "sources": [kept, source("other", port, seconds=0.03 if odd else 0.05)],
                "bounds": {"connections": 100 + count},
            }

        site.write(sources=[kept])
        async with working(site) as works:
            await until(lambda: works.roster.figures()["kept"]["taken"])
            assert await reload_under_load(site, port, change) >= 10
            taken = works.roster.figures()["kept"]["taken"]
        assert works.server.connections == 0
    times = site.times()
    assert len(times) >= taken
    assert "disconnected" not in [
        json.loads(one)["event"]
        for one in site.said.getvalue().splitlines()
        if json.loads(one).get("reason") not in {"closed", "stopped", None}
    ]


# The broken build lets go of connections at any moment, and the loop ends before they know.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_collector_that_opens_its_ports_anew_is_caught(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: going over to new settings by starting again drops connections."""
    apply = Server.apply

    async def anew(self: Server, listeners: Any) -> list[tuple[str, int]]:
        await apply(self, [])
        return await apply(self, listeners)

    site.write()
    async with working(site):
        monkeypatch.setattr(Server, "apply", anew)
        with pytest.raises(ExceptionGroup):
            await reload_under_load(site, 0, lambda count: {"healthSeconds": count})


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"sources": [{"kind": "modbus", "name": "x"}]}, "sources[0].outletId: missing"),
        ({"thing": "edge-2"}, "thing: edge-1 becomes edge-2 by a restart only"),
        ({"listeners": [FIRST, {"host": "192.0.2.1", "port": 9}]}, "listeners: "),
        ({"outlets": [outlet(MN), outlet(MN)]}, "one MN stands twice"),
        ({"patience": {"answer": "soon"}}, "patience.answer: 'soon' is no number"),
        ({"filling": {"days": -1}}, "filling.days: -1 is no number from 0 on"),
        ({"bounds": {"idle": True}}, "bounds.idle: True is no number"),
        ({"bounds": None}, "bounds: None is no group of settings"),
        ({"healthSeconds": 0}, "healthSeconds: 0 is no pause"),
        ({"healthSeconds": float("nan")}, "healthSeconds: nan is no pause"),
        ({"patience": [60]}, "patience: [60] is no group of settings"),
    ],
)
async def test_bad_settings_are_refused_and_told_and_the_former_ones_go_on(
    site: Site, found: dict[str, Any], told: str
) -> None:
    site.write()
    async with working(site):
        caller = Caller(*await asyncio.open_connection(*site.addresses[0]))
        await answered(caller, 1)
        site.write(**found)
        assert told in await site.reloading.reload()
        await answered(caller, 2)
        newcomer = Caller(*await asyncio.open_connection(*site.addresses[0]))
        await answered(newcomer, 3)
        site.write(healthSeconds=61)
        assert await site.reloading.reload() == ""
        for one in (caller, newcomer):
            one.writer.close()
    refused, applied = site.events()
    assert isinstance(refused, SourceHealth)
    assert isinstance(applied, SourceHealth)
    assert (refused.kind, refused.state) == ("settings", SourceState.FAILING)
    assert told in refused.detail
    assert applied.state is SourceState.OK


async def answered(caller: Caller, number: int) -> None:
    await caller.says(frame(number))
    assert b"CN=9014" in await caller.hears()


async def test_a_changed_file_is_noticed_by_itself(site: Site) -> None:
    site.write()
    async with working(site):
        site.write(outlets=[outlet(MN), outlet(OTHER)])
        await until(lambda: "settings_applied" in site.said.getvalue())
        caller = Caller(*await asyncio.open_connection(*site.addresses[0]))
        await caller.says(frame(1, mn=OTHER))
        assert b"CN=9014" in await caller.hears()
        caller.writer.close()


@pytest.mark.parametrize(
    ("found", "stage", "detail"),
    [
        ({"healthSeconds": 61}, "done", ""),
        ({"thing": "edge-2"}, "failed", "thing: edge-1 becomes"),
    ],
)
async def test_a_command_to_read_the_configuration_again_is_obeyed_and_its_end_is_told(
    site: Site, found: dict[str, Any], stage: str, detail: str
) -> None:
    site.write()
    async with working(site):
        home = site.folder / "home"
        log = AppendLog(home / COLLECTOR_COMMANDS, key=outbox_key(home), quota_bytes=1 << 20)
        site.write(**found)
        log.append([command_message(command(CommandKind.RELOAD))])
        await until(lambda: stage in [one.stage for one in receipts(site)])
        log.close()
    assert [one.stage for one in receipts(site)] == ["accepted", "executing", stage]
    assert receipts(site)[-1].detail.startswith(detail)


async def test_a_late_frame_of_a_data_logger_that_was_taken_off_breaks_nothing(
    site: Site,
) -> None:
    site.write(outlets=[outlet(MN), outlet(OTHER)])
    async with working(site) as works:
        site.write()
        assert await site.reloading.reload() == ""
        caller = Caller(*await asyncio.open_connection(*site.addresses[0]))
        assert works.floor.dialogues is not None
        now = datetime.now(tz=UTC)
        late = FrameRecord(now, frame(1, mn=OTHER), Verdict.OK, OTHER, acknowledged=True)
        works.floor.dialogues.heard(late, next(iter(works.server._links), cast("Any", caller)))
        await answered(caller, 2)
        caller.writer.close()


async def test_other_patience_holds_from_the_next_question_on(site: Site) -> None:
    """No answer comes; under the settings of before nobody would know for an hour."""
    site.write(patience={"answer": 3_600})
    async with working(site):
        caller = Caller(*await asyncio.open_connection(*site.addresses[0]))
        await answered(caller, 1)
        site.write(patience={"answer": 0.1, "resends": 0})
        assert await site.reloading.reload() == ""
        home = site.folder / "home"
        log = AppendLog(home / COLLECTOR_COMMANDS, key=outbox_key(home), quota_bytes=1 << 20)
        log.append([command_message(command(CommandKind.READ_TIME, OutletId("outlet-0")))])
        await until(lambda: "timed_out" in [one.stage for one in receipts(site)])
        log.close()
        caller.writer.close()


def command(kind: CommandKind, outlet: OutletId | None = None) -> Command:
    now = datetime.now(tz=UTC)
    return Command(
        CommandId("CM1"), ThingName("edge-1"), kind, now, now + timedelta(minutes=5), outlet
    )


def receipts(site: Site) -> list[Receipt]:
    return [one for one in site.events() if isinstance(one, Receipt)]


async def test_those_on_a_port_that_goes_are_answered_and_then_hung_up_on(site: Site) -> None:
    site.write(listeners=[FIRST, SECOND])
    async with working(site):
        caller = Caller(*await asyncio.open_connection(*site.addresses[1]))
        await caller.says(frame(1))
        assert b"CN=9014" in await caller.hears()
        site.write()
        assert await site.reloading.reload() == ""
        async with asyncio.timeout(PATIENCE):
            assert await caller.reader.read() == b""
        caller.writer.close()
