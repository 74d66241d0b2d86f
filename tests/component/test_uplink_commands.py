"""Commands that come down: handed on once, answered when they cannot be, whatever is cut off."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edge_greengrass import home
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import AppendLog, OutboxFull
from edge_greengrass.uplink.desk import Desk
from edge_greengrass.uplink.lawbook import Lawbook
from edge_greengrass.uplink.line import Line, watch
from edge_greengrass.uplink.memory_publisher import MemoryPublisher
from edge_greengrass.uplink.notes import Notes
from edge_greengrass.uplink.obeyed import Obeyed
from edge_greengrass.uplink.orders import Orders
from edge_greengrass.uplink.window import Window
from plume.evidence import payload
from plume.model.command import Command, CommandKind
from plume.model.event import Receipt, ReceiptStage
from plume.model.identity import ThingName
from plume.wire.commands import command_message, command_of
from plume.wire.events import event_of
from tests.component.patience import until
from tests.component.test_uplink import Cloud, Device, courier_of

AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
KEY = bytes(32)
LIVES = timedelta(minutes=5)
TO_CAMERAS = {CommandKind.SNAPSHOT, CommandKind.CLIP, CommandKind.LIVE}


def command(key: str, kind: CommandKind = CommandKind.READ_TIME, **other: object) -> Command:
    fields = {"thing": ThingName("edge-1"), "issued_at": AT, "expires_at": AT + LIVES, **other}
    return Command(id=key, kind=kind, **fields)


class Post:
    """The logs and the file of one device, and the uplink that is started on them."""

    def __init__(self, folder: Path, quota: int = 1 << 20) -> None:
        self.folder, self.quota, self.now = folder, quota, AT
        self.starts()

    def starts(self) -> None:
        names = (home.COLLECTOR_COMMANDS, home.CAMERA_COMMANDS, home.UPLINK)
        self.logs = {
            name: AppendLog(self.folder / name, key=KEY, quota_bytes=self.quota) for name in names
        }
        down = {name: self.logs[name] for name in names[:2]}
        notes = Notes(self.logs[home.UPLINK])
        self.orders = Orders(
            "edge-1",
            Obeyed(self.folder / "obeyed.json", down),
            Lawbook(self.folder),
            notes,
            lambda: self.now,
        )

    def restarts(self) -> None:
        for log in self.logs.values():
            log.close()
        self.starts()

    def handed_on(self, name: str) -> list[str]:
        return [command_of(record).id for _, record in self.logs[name].read(None, 1_000)]

    def receipts(self) -> list[tuple[str, ReceiptStage]]:
        found = []
        for _, record in self.logs[home.UPLINK].read(None, 1_000):
            for fields in payload.decode(record).events:
                told = event_of(fields)
                assert isinstance(told, Receipt)
                found.append((told.command, told.stage))
        return found


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


@pytest.mark.parametrize("kind", sorted(set(CommandKind) - {CommandKind.LAW}))
def test_each_kind_goes_to_who_must_obey(kind: CommandKind, post: Post) -> None:
    asked = command("c1", kind, arguments={"seconds": 60})
    post.orders.take(command_message(asked))
    to, other = home.COLLECTOR_COMMANDS, home.CAMERA_COMMANDS
    if kind in TO_CAMERAS:
        to, other = other, to
    ((_, record),) = post.logs[to].read(None, 9)
    assert command_of(record) == asked
    assert post.handed_on(other) == []
    assert post.receipts() == []


def test_an_id_is_handed_on_once_also_after_a_restart_and_after_it_was_obeyed(post: Post) -> None:
    for _ in range(3):
        post.orders.take(command_message(command("c1")))
    post.restarts()
    post.orders.take(command_message(command("c1")))
    log = post.logs[home.COLLECTOR_COMMANDS]
    log.forget(log.read(None, 9)[-1][0])
    post.restarts()
    told = post.orders.take(command_message(command("c1")))
    assert told == {"event": "command_again", "command": "c1"}
    assert post.handed_on(home.COLLECTOR_COMMANDS) == []


class Crash(Exception):
    """The power fails here."""


@pytest.mark.parametrize("appended", [False, True])
def test_a_crash_on_the_way_into_the_log_hands_on_once(
    *, appended: bool, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = AppendLog.append

    def cut(self: AppendLog, records: list[bytes]) -> None:
        if appended:
            append(self, records)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(AppendLog, "append", cut)
        with pytest.raises(Crash):
            post.orders.take(command_message(command("c1")))
    post.restarts()
    for _ in range(2):
        post.orders.take(command_message(command("c1")))
    post.orders.take(command_message(command("c2")))
    post.restarts()
    post.orders.take(command_message(command("c1")))
    assert post.handed_on(home.COLLECTOR_COMMANDS) == ["c1", "c2"]


def test_a_crash_that_handed_nothing_on_does_not_spoil_the_id_for_later(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(AppendLog, "append", refused)
        with pytest.raises(Crash):
            post.orders.take(command_message(command("c1")))
    post.restarts()
    post.orders.take(command_message(command("c2")))
    post.orders.take(command_message(command("c1")))
    assert post.handed_on(home.COLLECTOR_COMMANDS) == ["c2", "c1"]


def test_what_has_expired_is_answered_and_not_handed_on(post: Post) -> None:
    post.now = AT + LIVES
    for _ in range(2):
        post.orders.take(command_message(command("late")))
    assert post.handed_on(home.COLLECTOR_COMMANDS) == []
    assert post.receipts() == [("late", ReceiptStage.TIMED_OUT)]


def test_a_command_that_was_obeyed_in_time_is_not_answered_when_it_comes_late_again(
    post: Post,
) -> None:
    post.orders.take(command_message(command("c1")))
    post.now = AT + LIVES + timedelta(hours=1)
    post.orders.take(command_message(command("c1")))
    assert post.receipts() == []


def test_ids_are_remembered_a_day_beyond_their_expiry_and_no_longer(post: Post) -> None:
    post.orders.take(command_message(command("c1")))
    post.now = AT + LIVES + timedelta(days=1, seconds=1)
    post.orders.take(command_message(command("c2", expires_at=post.now + LIVES)))
    known = json.loads((post.folder / "obeyed.json").read_text())["until"]
    assert set(known) == {"c2"}


def test_what_is_for_another_thing_is_refused(post: Post) -> None:
    post.orders.take(command_message(command("c1", thing=ThingName("edge-2"))))
    assert post.handed_on(home.COLLECTOR_COMMANDS) == []
    assert post.receipts() == [("c1", ReceiptStage.REFUSED)]


def test_a_kind_of_a_newer_cloud_is_refused_and_garbage_is_not_answered(post: Post) -> None:
    fields = json.loads(command_message(command("new")))
    for message in (
        json.dumps({**fields, "kind": "brew_coffee"}).encode(),
        json.dumps({**fields, "kind": "brew_coffee"}).encode(),
        b"garbage",
        b"[]",
        json.dumps({**fields, "id": 7}).encode(),
        b"[" * 100_000,
    ):
        assert post.orders.take(message)["event"] in {"command_unreadable", "command_again"}
    assert post.receipts() == [("new", ReceiptStage.REFUSED)]


def test_without_room_to_hand_on_the_cloud_is_told_that_it_failed(tmp_path: Path) -> None:
    post = Post(tmp_path, quota=16 << 10)
    big = {"text": "x" * 3_000}
    for number in range(8):
        post.orders.take(command_message(command(f"c{number}", arguments=big)))
    handed = post.handed_on(home.COLLECTOR_COMMANDS)
    failed = [key for key, stage in post.receipts() if stage is ReceiptStage.FAILED]
    assert handed + failed == [f"c{number}" for number in range(8)]
    assert handed
    assert failed


def test_a_rotten_memory_does_not_stop_the_uplink(post: Post) -> None:
    (post.folder / "obeyed.json").write_text("{rotten")
    post.restarts()
    post.orders.take(command_message(command("c1")))
    assert post.handed_on(home.COLLECTOR_COMMANDS) == ["c1"]


@asynccontextmanager
async def together(*parts: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    work = [asyncio.create_task(each) for each in parts]
    try:
        yield
    finally:
        for one in work:
            one.cancel()
        await asyncio.gather(*work, return_exceptions=True)


async def test_commands_and_the_line_file_live_beside_the_segments(tmp_path: Path) -> None:
    device, post = Device(tmp_path / "device"), Post(tmp_path)
    cloud = Cloud()
    publisher = MemoryPublisher(cloud)
    sealing, spool = device.starts()
    journal, path = Journal("uplink"), tmp_path / home.LINE
    courier = courier_of(sealing, spool, publisher, Window())
    desk, line = Desk(post.orders, journal), Line(path, lambda: AT)
    assert json.loads(path.read_text()) == {"up": False, "since": AT.isoformat()}
    parts = (courier.run(desk.heard), desk.run(), watch(line, courier, sealing, journal))
    async with together(*parts):
        await until(lambda: json.loads(path.read_text())["up"])
        publisher.command(command_message(command("c1")))
        await until(lambda: post.handed_on(home.COLLECTOR_COMMANDS) == ["c1"])
        publisher.online = False
        await until(lambda: not json.loads(path.read_text())["up"])
        assert not sealing.listened
    device.dies()


def test_a_line_over_which_nothing_is_answered_leads_nowhere(tmp_path: Path) -> None:
    device, window = Device(tmp_path), Window(patience=1)
    sealing, spool = device.starts()
    courier = courier_of(sealing, spool, MemoryPublisher(lambda raw: []), window)
    assert courier.heard(100.0, 60.0)
    device.receives(1)
    sealing.step()
    device.seconds = 2.0
    sealing.step()
    window.admit(spool.after(None, 1), 100.0)
    window.due(100.0)
    window.due(130.0)
    assert [courier.heard(at, 60.0) for at in (159.0, 161.0)] == [True, False]
    courier._answered_at = 120.0  # another segment was acknowledged
    assert [courier.heard(at, 60.0) for at in (161.0, 181.0)] == [True, False]
    window.emptied()
    assert courier.heard(182.0, 60.0)
    device.dies()


def test_the_line_file_keeps_since_when_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / home.LINE
    Line(path, lambda: AT).stands(up=True)
    later = AT + timedelta(hours=1)
    line = Line(path, lambda: later)
    assert json.loads(path.read_text()) == {"up": False, "since": later.isoformat()}
    assert not line.stands(up=False)
    Line(path, lambda: later + LIVES)
    assert json.loads(path.read_text())["since"] == later.isoformat()


async def test_a_flood_of_commands_is_dropped_and_the_disk_may_fail(tmp_path: Path) -> None:
    class Failing:
        asked = 0

        def take(self, message: bytes) -> dict[str, str]:
            self.asked += 1
            raise OutboxFull("no room")

    failing = Failing()
    desk = Desk(failing, Journal("uplink"))
    for _ in range(2_000):
        desk.heard(b"{}")
    running = asyncio.create_task(desk.run())
    await until(lambda: failing.asked == 1_000)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
