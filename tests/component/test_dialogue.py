"""Commands through a real collector to a twin's data logger over TCP, and what is told of them."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from edge_greengrass import home
from edge_greengrass.collector.allowance import Allowance
from edge_greengrass.collector.configuration import (
    Bounds,
    Configuration,
    Filling,
    Listener,
    Patience,
    Station,
)
from edge_greengrass.collector.desk import Floor
from edge_greengrass.collector.dialogue.opening import Dialogues, Given, attached, not_readable
from edge_greengrass.collector.intake import Intake
from edge_greengrass.collector.judging import Judge
from edge_greengrass.collector.server import Server
from edge_greengrass.collector.steady_clock import SteadyClock
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import AppendLog
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.data_logger import DataLogger
from plume.evidence import payload
from plume.hj212 import encode
from plume.hj212.frame import Frame, decode
from plume.hj212.items import data_of
from plume.hj212.moments import BEIJING, moment, request_number, written
from plume.model.command import Command, CommandKind
from plume.model.event import (
    ClockOffset,
    EdgeEvent,
    GapFill,
    Receipt,
    ReceiptStage,
    SourceHealth,
    SourceState,
)
from plume.model.frame import Verdict
from plume.model.identity import OutletId, ThingName
from plume.wire.commands import command_message
from plume.wire.events import event_of
from tests.component.patience import PATIENCE, until

_E = TypeVar("_E", bound=EdgeEvent)
MN = "010000A8900016F00016A001"
SPEAKER = {"st": "31", "password": "123456", "mn": MN}
KEY, OTHER_KEY = b"0" * 16, bytes(range(16))
NEW_PASSWORD = "newpw1"  # noqa: S105, of a twin
DEVICE_KEY = b"k" * 32
STATION = Station("o", MN, "31", "123456")
PATIENT = Patience(answer=5.0, resends=1, execution=10.0)
BRIEF = Patience(answer=0.2, resends=1, execution=1.0)
MEBIBYTE = 1 << 20
DONE = [ReceiptStage.ACCEPTED, ReceiptStage.EXECUTING, ReceiptStage.DONE]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def now() -> datetime:
    return datetime.now(tz=UTC)


class Edge:
    """A collector on one home folder, that can be started anew; and one twin before it."""

    def __init__(
        self, folder: Path, station: Station = STATION, patience: Patience = PATIENT
    ) -> None:
        self.folder, self.station, self.patience = folder, station, patience
        self.port = 0
        self.reload = not_readable
        self.logger: DataLogger | None = None
        self._hour = now().replace(minute=0, second=0, microsecond=0)
        self._log = AppendLog(folder / home.FRAMES, key=DEVICE_KEY, quota_bytes=MEBIBYTE)
        self._orders = AppendLog(
            folder / home.COLLECTOR_COMMANDS, key=DEVICE_KEY, quota_bytes=MEBIBYTE
        )

    def hours_ago(self, *hours: int) -> list[datetime]:
        """Full hours before the one in which the story began; it may end in the next."""
        return [self._hour - timedelta(hours=one) for one in hours]

    @asynccontextmanager
    async def collecting(self) -> AsyncIterator[Dialogues]:  # noqa: PLR0915, up and down again
        quiet = Journal("collector", io.StringIO())
        intake = Intake(self._log, lambda frames, why: None)
        listener = Listener("127.0.0.1", self.port)
        stations = {self.station.mn: self.station}
        chosen = Configuration(
            *("edge-1", self.folder, (listener,), stations),
            patience=self.patience,
            filling=Filling(quiet=0.0, pause=0.1),
        )
        floor = Floor(Judge(stations, now), intake, Allowance(100, 1), Bounds())
        dialogues = attached(
            Given(chosen, DEVICE_KEY, SteadyClock(), intake.tell, quiet, self.reload), floor
        )
        server = Server(floor, quiet)
        ((_, self.port),) = await server.apply(chosen.listeners)
        talking = asyncio.create_task(dialogues.run())
        tasks = [talking, *map(asyncio.create_task, (intake.run(), server.run()))]
        try:
            yield dialogues
        finally:
            talking.cancel()
            await asyncio.wait({talking})
            await server.close()
            for one in tasks:
                one.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            intake.close()

    @asynccontextmanager
    async def twin(self, **changed: Any) -> AsyncIterator[DataLogger]:
        given: dict[str, Any] = {"mn": MN, "interval": 1, "backfill_hours": 0, "patience": 0.5}
        settings = PlantSettings(
            *("gas_turbine", "o"),
            st="31",
            password="123456",
            host="127.0.0.1",
            port=self.port,
            **{**given, **changed},
        )
        self.logger = DataLogger(settings, Journal("twin", io.StringIO()))
        task = asyncio.create_task(self.logger.run())
        try:
            yield self.logger
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def order(self, kind: CommandKind, command: str = "c1", **arguments: Any) -> None:
        self.order_for(timedelta(minutes=5), kind, command, **arguments)

    def order_for(
        self,
        life: timedelta,
        kind: CommandKind,
        command: str,
        *,
        thing: str = "edge-1",
        **arguments: Any,
    ) -> None:
        one = Command(
            command,
            ThingName(thing),
            kind,
            issued_at=now(),
            expires_at=now() + life,
            outlet=OutletId("o"),
            arguments=arguments,
        )
        self._orders.append([command_message(one)])

    async def says(self, cn: str, *times: datetime, key: bytes | None = None) -> None:
        """Upload data of the past over a connection of its own, as a data logger would."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for number, at in enumerate(times):
            qn = request_number(now() + timedelta(milliseconds=number))
            cp = f"DataTime={written(at)};a21002-Avg=1.00,a21002-Flag=N"
            writer.write(encode.frame(qn=qn, cn=cn, flag=5, cp=cp, key=key, **SPEAKER))
            assert b"CN=9014" in await reader.readline()
        writer.close()

    def told(self, kind: type[_E]) -> list[_E]:
        events = [event_of(fields) for record in self._records() for fields in record.events]
        return [one for one in events if isinstance(one, kind)]

    def receipts(self, command: str = "c1") -> list[Receipt]:
        return [one for one in self.told(Receipt) if one.command == command]

    def frames(self, cn: str) -> list[Frame]:
        """All frames of a command that were kept, oldest first."""
        return self._decoded(cn, tuple(Verdict))

    def believed(self, cn: str) -> list[Frame]:
        """Those of them that were accepted."""
        return self._decoded(cn, (Verdict.OK, Verdict.OK_WITH_WARNINGS))

    def _decoded(self, cn: str, verdicts: tuple[Verdict, ...]) -> list[Frame]:
        kept = [frame for record in self._records() for frame in record.frames]
        raws = [frame.raw for frame in kept if frame.verdict in verdicts]
        decoded = [decode(raw, keys=(KEY, OTHER_KEY)) for raw in raws]
        return [frame for frame in decoded if frame.cn == cn]

    async def ended(self, command: str = "c1") -> list[Receipt]:
        """Wait until a command has ended; give its receipts."""
        ends = {ReceiptStage.DONE, ReceiptStage.FAILED}
        ends |= {ReceiptStage.REFUSED, ReceiptStage.TIMED_OUT}
        await until(lambda: any(one.stage in ends for one in self.receipts(command)))
        return self.receipts(command)

    async def obeyed(self, kind: CommandKind, command: str = "c1", **arguments: Any) -> Receipt:
        """Order, and wait for it to be done."""
        self.order(kind, command, **arguments)
        receipts = await self.ended(command)
        assert [one.stage for one in receipts] == DONE, receipts
        return receipts[-1]

    def _records(self) -> list[Any]:
        return [payload.decode(record) for _, record in self._log.read(None, 100_000)]


@pytest.fixture
def edge(tmp_path: Path) -> Edge:
    return Edge(tmp_path)


async def test_the_clock_is_read_and_set_right(edge: Edge) -> None:
    async with edge.collecting(), edge.twin(clock_offset=-90.0):
        read = await edge.obeyed(CommandKind.READ_TIME, "c1")
        await edge.obeyed(CommandKind.SET_TIME, "c2")
        again = await edge.obeyed(CommandKind.READ_TIME, "c3")
    assert 85 < _behind(read) < 95
    assert abs(_behind(again)) < 5


def _behind(receipt: Receipt) -> float:
    assert receipt.result
    told = datetime.strptime(f"{receipt.result['SystemTime']}+0800", "%Y%m%d%H%M%S%z")
    return (receipt.at - told).total_seconds()


async def test_intervals_are_set_and_read(edge: Edge) -> None:
    async with edge.collecting(), edge.twin() as logger:
        await edge.obeyed(CommandKind.SET_INTERVAL, "c1", realTime=60, minute=5)
        read = await edge.obeyed(CommandKind.READ_INTERVAL, "c2")
    assert read.result == {"RtdInterval": "60", "MinInterval": "5"}
    assert (logger.habits.interval, logger.habits.minute) == (60, 5)


async def test_a_new_password_is_believed_from_then_on_and_survives_a_restart(edge: Edge) -> None:
    async with edge.collecting(), edge.twin() as logger:
        await edge.obeyed(CommandKind.SET_PASSWORD, "c1", password=NEW_PASSWORD)
        assert logger.habits.password == NEW_PASSWORD
        await edge.obeyed(CommandKind.READ_TIME, "c2")
        await until(lambda: edge.frames("2011")[-1:] != [])
    async with edge.collecting(), edge.twin() as logger:
        logger.habits.password = NEW_PASSWORD
        await edge.obeyed(CommandKind.READ_TIME, "c3")
        await until(lambda: edge.believed("2011")[-1].password == NEW_PASSWORD)
    assert NEW_PASSWORD not in str(edge.receipts("c1"))


async def test_history_of_a_range_comes_whole_and_without_neighbours(edge: Edge) -> None:
    begin, end = edge.hours_ago(3, 2)
    span = {"begin": begin.isoformat(), "end": end.isoformat()}
    async with edge.collecting(), edge.twin():
        hours = await edge.obeyed(CommandKind.FETCH_HISTORY, "c1", cn="2061", **span)
        minutes = await edge.obeyed(CommandKind.FETCH_HISTORY, "c2", cn="2051", **span)
    assert hours.result is not None
    assert minutes.result is not None
    assert {data_of(one).data_time for one in edge.frames("2061")} == {begin, end}
    times = {data_of(one).data_time for one in edge.frames("2051")}
    assert {begin + timedelta(minutes=10 * n) for n in range(7)} <= times
    assert (minutes.result["first"], minutes.result["last"]) == (
        begin.astimezone(BEIJING).isoformat(),
        end.astimezone(BEIJING).isoformat(),
    )


async def test_real_time_data_stop_and_start_again(edge: Edge) -> None:
    async with edge.collecting(), edge.twin() as logger:
        await edge.obeyed(CommandKind.REAL_TIME, "c1", on=False)
        assert logger.habits.real_time is False
        await edge.obeyed(CommandKind.REAL_TIME, "c2", on=True)
        assert logger.habits.real_time is True


async def test_a_calibration_is_begun_and_a_sample_is_taken(edge: Edge) -> None:
    async with edge.collecting(), edge.twin():
        await edge.obeyed(CommandKind.CALIBRATE, "c1", factor="a21002", type="zero")
        await edge.obeyed(CommandKind.SAMPLE_NOW, "c2", factor="a21002")
        await until(lambda: any("a21002-Flag=C" in one.cp for one in edge.frames("2011")))


async def test_parameters_of_the_site_are_read_and_set(edge: Edge) -> None:
    asked = {"factor": "a21002", "info": "i13008"}
    async with edge.collecting(), edge.twin():
        before = await edge.obeyed(CommandKind.READ_SITE_INFO, "c1", **asked)
        await edge.obeyed(CommandKind.SET_PARAMETER, "c2", **asked, value="1.050")
        after = await edge.obeyed(CommandKind.READ_SITE_INFO, "c3", **asked)
    assert before.result is not None
    assert before.result["items"] == {"i13008": {"Info": "1.000"}}
    assert after.result is not None
    assert after.result["items"] == {"i13008": {"Info": "1.050"}}


async def test_a_new_key_is_taken_and_the_former_one_still_opens(tmp_path: Path) -> None:
    edge = Edge(tmp_path, replace(STATION, keys=(KEY,)))
    async with edge.collecting() as dialogues:
        async with edge.twin(edition="2025", key=KEY.hex()) as logger:
            await edge.obeyed(CommandKind.SET_CIPHER_KEY, "c1", key=OTHER_KEY.hex())
            assert logger.habits.key == OTHER_KEY
            await edge.obeyed(CommandKind.READ_SITE_INFO, "c2", info="i22001")
        assert dialogues.credentials.believed_keys(MN) == (OTHER_KEY, KEY)
    noted = (tmp_path / "dialogue" / "credentials").read_bytes()
    assert OTHER_KEY not in noted
    async with edge.collecting() as dialogues:
        assert dialogues.credentials.believed_keys(MN) == (OTHER_KEY, KEY)


async def test_a_request_under_the_wrong_password_is_refused_and_says_why(tmp_path: Path) -> None:
    edge = Edge(tmp_path, replace(STATION, password="wrong1", other_passwords=("123456",)))
    async with edge.collecting(), edge.twin():
        edge.order(CommandKind.READ_TIME)
        receipts = await edge.ended()
    assert receipts[-1].stage is ReceiptStage.REFUSED
    assert receipts[-1].detail == "QnRtn 3: bad pw"


async def test_a_data_logger_that_does_not_answer_is_asked_again_and_given_up(
    tmp_path: Path,
) -> None:
    edge = Edge(tmp_path, patience=BRIEF)
    async with edge.collecting(), edge.twin(deaf_to=("1011",)):
        edge.order(CommandKind.READ_TIME)
        receipts = await edge.ended()
    assert [one.stage for one in receipts] == [*DONE[:2], ReceiptStage.TIMED_OUT]


async def test_a_connection_that_breaks_midway_is_waited_for_and_the_question_put_again(
    edge: Edge,
) -> None:
    async with edge.collecting(), edge.twin(hangs_up_at=("1011",)):
        receipt = await edge.obeyed(CommandKind.READ_TIME)
    assert receipt.result is not None
    assert "SystemTime" in receipt.result


async def test_what_must_not_be_done_twice_fails_when_the_connection_breaks(edge: Edge) -> None:
    async with edge.collecting(), edge.twin(hangs_up_at=("3011",)):
        edge.order(CommandKind.CALIBRATE, factor="a21002")
        receipts = await edge.ended()
    assert receipts[-1].stage is ReceiptStage.FAILED
    assert "broke in the midst" in receipts[-1].detail


async def test_a_command_that_comes_twice_is_obeyed_once(edge: Edge) -> None:
    async with edge.collecting(), edge.twin():
        edge.order(CommandKind.SAMPLE_NOW, "c1", factor="a21002")
        edge.order(CommandKind.SAMPLE_NOW, "c1", factor="a21002")
        await edge.ended("c1")
        await edge.obeyed(CommandKind.READ_TIME, "c2")
    assert [one.stage for one in edge.receipts("c1")] == DONE
    async with edge.collecting(), edge.twin():
        edge.order(CommandKind.SAMPLE_NOW, "c1", factor="a21002")
        await edge.obeyed(CommandKind.READ_TIME, "c3")
    assert [one.stage for one in edge.receipts("c1")] == DONE
    assert len(edge.frames("9012")) == 3


async def test_a_command_for_another_device_is_refused(edge: Edge) -> None:
    async with edge.collecting():
        edge.order_for(timedelta(minutes=5), CommandKind.READ_TIME, "c1", thing="edge-2")
        receipts = await edge.ended("c1")
    assert [(one.stage, one.detail) for one in receipts] == [
        (ReceiptStage.REFUSED, "thing: this is edge-1")
    ]


async def test_an_expired_command_is_not_begun(edge: Edge) -> None:
    edge.order_for(timedelta(seconds=-1), CommandKind.READ_TIME, "c1")
    edge.order_for(timedelta(seconds=5), CommandKind.READ_TIME, "c2")
    async with edge.collecting():
        late = await edge.ended("c1")
        never = await edge.ended("c2")
    assert [one.stage for one in late] == [ReceiptStage.TIMED_OUT]
    assert [one.stage for one in never] == [ReceiptStage.ACCEPTED, ReceiptStage.TIMED_OUT]


@pytest.mark.parametrize(
    ("kind", "arguments", "field"),
    [
        (CommandKind.SET_INTERVAL, {"realTime": 5}, "realTime"),
        (CommandKind.FETCH_HISTORY, {"cn": "2041"}, "cn"),
        (CommandKind.SET_PASSWORD, {"password": "&&"}, "password"),
        (CommandKind.SNAPSHOT, {}, "snapshot"),
    ],
)
async def test_a_command_that_cannot_be_is_refused_and_names_the_field(
    edge: Edge, kind: CommandKind, arguments: dict[str, Any], field: str
) -> None:
    async with edge.collecting():
        edge.order(kind, "c1", **arguments)
        receipts = await edge.ended("c1")
    assert [one.stage for one in receipts] == [ReceiptStage.REFUSED]
    assert field in receipts[0].detail


def begun(edge: Edge, command: str) -> bool:
    return any(one.stage is ReceiptStage.EXECUTING for one in edge.receipts(command))


async def test_a_restart_in_the_midst_asks_again_what_may_be_asked_twice(edge: Edge) -> None:
    edge.port = free_port()
    async with edge.twin(deaf_to=("1011", "3011")), edge.collecting():
        edge.order(CommandKind.READ_TIME, "c1")
        edge.order(CommandKind.CALIBRATE, "c2", factor="a21002")
        await until(lambda: begun(edge, "c1") and begun(edge, "c2"))
    async with edge.collecting(), edge.twin():
        read, calibrated = await edge.ended("c1"), await edge.ended("c2")
    assert read[-1].stage is ReceiptStage.DONE
    assert calibrated[-1].stage is ReceiptStage.FAILED
    assert "restart" in calibrated[-1].detail


async def test_missing_hours_are_asked_for_and_what_is_not_there_never_again(edge: Edge) -> None:
    async with edge.collecting():
        await edge.says("2061", *edge.hours_ago(44, 43, 40, 39, 6, 3))
        async with edge.twin(memory_hours=24):
            await until(lambda: len(edge.told(GapFill)) == 3)
    asked = {one.first_at: one for one in edge.told(GapFill)}
    (lost, forgotten, kept) = (asked[at] for at in edge.hours_ago(42, 38, 5))
    assert (lost.missing, lost.filled, lost.closed) == (2, 0, True)
    assert (forgotten.missing, forgotten.closed) == (32, True)
    assert (kept.last_at, kept.missing, kept.filled) == (*edge.hours_ago(4), 2, 2)
    heard = {data_of(one).data_time for one in edge.frames("2061")}
    assert set(edge.hours_ago(5, 4)) <= heard
    async with edge.collecting():
        await edge.says("2061", *edge.hours_ago(2), *edge.hours_ago(0))
        async with edge.twin(memory_hours=24):
            await until(lambda: len(edge.told(GapFill)) > 3)
    assert [one.first_at for one in edge.told(GapFill)[3:]] == edge.hours_ago(1)


async def test_an_outlet_that_is_taken_away_while_its_gap_is_asked_for_stops_nothing(
    tmp_path: Path,
) -> None:
    edge = Edge(tmp_path, patience=BRIEF)
    async with edge.collecting() as dialogues:
        await edge.says("2061", *edge.hours_ago(6))
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        cp = f"DataTime={written(edge.hours_ago(3)[0])};a21002-Avg=1.00,a21002-Flag=N"
        writer.write(encode.frame(qn=request_number(now()), cn="2061", flag=5, cp=cp, **SPEAKER))
        while b"CN=2061" not in await reader.readline():
            pass  # until it is asked for the hours between
        dialogues.configure({})
        await until(lambda: bool(edge.told(GapFill)))
        writer.close()
        dialogues.configure({MN: STATION})
        async with edge.twin():
            await edge.obeyed(CommandKind.READ_TIME)


async def test_a_gap_in_enciphered_data_is_seen_and_filled(tmp_path: Path) -> None:
    edge = Edge(tmp_path, replace(STATION, keys=(KEY,)))
    async with edge.collecting():
        await edge.says("2061", *edge.hours_ago(6, 3), key=KEY)
        async with edge.twin(memory_hours=24, edition="2025", key=KEY.hex()):
            await until(lambda: bool(edge.told(GapFill)))
    (asked,) = edge.told(GapFill)
    assert (asked.first_at, asked.last_at) == (*edge.hours_ago(5), *edge.hours_ago(4))
    assert (asked.missing, asked.filled, asked.closed) == (2, 2, True)


async def test_a_data_logger_that_gives_no_answer_about_a_gap_is_left_alone_for_a_while(
    tmp_path: Path,
) -> None:
    edge = Edge(tmp_path, patience=BRIEF)
    async with edge.collecting():
        await edge.says("2061", *edge.hours_ago(6, 3))
        async with edge.twin(deaf_to=("2061",)):
            await until(lambda: bool(edge.told(GapFill)))
            await edge.obeyed(CommandKind.READ_TIME)
    (asked,) = edge.told(GapFill)
    assert (asked.filled, asked.closed) == (0, False)
    assert asked.detail == "the data logger did not answer the request"


async def test_the_clock_of_a_data_logger_is_measured_and_its_being_set_is_seen(
    edge: Edge,
) -> None:
    async with edge.collecting(), edge.twin(clock_offset=-90.0):
        await until(lambda: bool(edge.told(ClockOffset)))
        await edge.obeyed(CommandKind.SET_TIME)
        await until(lambda: edge.told(ClockOffset)[-1].jumped)
    before, after = edge.told(ClockOffset)
    assert (before.subject, before.reference, before.jumped) == ("o", "edge", False)
    assert -95 < before.offset.total_seconds() < -85
    assert abs(after.offset.total_seconds()) < 5


async def test_a_data_logger_that_asks_for_the_time_is_given_it(edge: Edge) -> None:
    async with edge.collecting():
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        qn = request_number(now())
        writer.write(encode.frame(qn=qn, cn="1013", flag=5, cp="", **SPEAKER))
        async with asyncio.timeout(PATIENCE):
            answer, request = await reader.readline(), decode(await reader.readline())
        writer.close()
    assert b"CN=9013" in answer
    assert request.cn == "1012"
    given = moment(data_of(request).fields["SystemTime"])
    assert abs((now() - given).total_seconds()) < 10


async def test_a_data_logger_without_an_mn_announces_itself_and_is_given_one(edge: Edge) -> None:
    async with edge.collecting(), edge.twin(mn="", serial="DAS-0042", edition="2025") as logger:
        await until(lambda: bool(edge.told(SourceHealth)))
        named = await edge.obeyed(CommandKind.SET_MN, "c1", serial="DAS-0042")
        assert logger.habits.mn == MN
        await edge.obeyed(CommandKind.READ_TIME, "c2")
        await until(lambda: edge.frames("2011") != [])
    (newcomer,) = (one for one in edge.told(SourceHealth) if one.source == "DAS-0042")
    assert newcomer.detail == "asks for an MN"
    assert named.result == {"mn": MN, "i23005": "DAS-0042"}
    assert {frame.mn for frame in edge.frames("2011")} == {MN}


async def test_a_name_for_nobody_there_waits_until_it_expires(edge: Edge) -> None:
    async with edge.collecting():
        edge.order_for(timedelta(seconds=1), CommandKind.SET_MN, "c1", serial="DAS-0042")
        receipts = await edge.ended("c1")
    assert [one.stage for one in receipts] == [ReceiptStage.ACCEPTED, ReceiptStage.TIMED_OUT]


@pytest.mark.parametrize(
    ("why", "end"), [("", "done"), ("outlets: one MN stands twice", "failed")]
)
async def test_the_settings_are_read_again_when_it_is_ordered(
    edge: Edge, why: str, end: str
) -> None:
    async def reread() -> str:
        return why

    edge.reload = reread
    async with edge.collecting():
        edge.order(CommandKind.RELOAD)
        receipts = await edge.ended()
    assert (receipts[-1].stage, receipts[-1].detail) == (ReceiptStage(end), why)


async def test_what_is_asked_while_the_password_changes_is_not_refused_for_it(edge: Edge) -> None:
    async with edge.collecting(), edge.twin():
        kinds = (CommandKind.READ_TIME, CommandKind.READ_INTERVAL, CommandKind.SET_TIME)
        for turn in range(4):
            edge.order(kinds[turn % 3], f"before-{turn}")
            edge.order(CommandKind.SET_PASSWORD, f"change-{turn}", password=f"newpw{turn}")
            edge.order(kinds[(turn + 1) % 3], f"after-{turn}")
        for name in ("before", "change", "after"):
            for turn in range(4):
                assert (await edge.ended(f"{name}-{turn}"))[-1].stage is ReceiptStage.DONE


async def test_who_speaks_from_where_and_how_much_is_refused_is_told(edge: Edge) -> None:
    async with edge.collecting(), edge.twin(edition="2025"):
        await until(lambda: any(one.outlet == "o" for one in edge.told(SourceHealth)))
    told = next(one for one in edge.told(SourceHealth) if one.outlet == "o")
    assert (told.kind, told.state) == ("hj212", SourceState.OK)
    assert told.facts is not None
    assert str(told.facts["peer"]).startswith("127.0.0.1:")
    assert (told.facts["edition"], told.facts["refused"]) == ("2025", 0)
