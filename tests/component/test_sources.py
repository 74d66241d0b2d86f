"""Sources on real loopback connections: what reaches the disk, and who can hold up whom."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from edge_greengrass.collector.intake import NotKept
from edge_greengrass.collector.sources.channel import Channel
from edge_greengrass.collector.sources.reading import sources_of
from edge_greengrass.collector.sources.roster import Roster
from edge_greengrass.collector.sources.source import Kind, Points, Sink, Source, Terms
from edge_greengrass.journal import Journal
from plume.errors import Unavailable
from plume.model.event import EdgeEvent, SourceHealth, SourceState
from plume.model.telemetry import Columns, SeriesTable
from plume.series import block
from tests.component.patience import PATIENCE, until

CHANNEL = Channel("g10401", 1, 1.0, 0.0, float("-inf"), float("inf"))


class Shelf:
    """Where blocks and events end; it can be full."""

    def __init__(self) -> None:
        self.columns: list[Columns] = []
        self.events: list[EdgeEvent] = []
        self.full = False

    async def keep_blocks(self, blocks: Sequence[bytes]) -> None:
        if self.full:
            raise NotKept("full")
        self.columns += [block.decode(one) for one in blocks]

    async def tell(self, events: Sequence[EdgeEvent]) -> None:
        self.events += events

    def values(self, code: str) -> list[float]:
        return [v for one in self.columns for v in one.values.get(code, np.array([])).tolist()]

    def states(self, source: str) -> list[SourceState]:
        health = [one for one in self.events if isinstance(one, SourceHealth)]
        return [one.state for one in health if one.source == source]


@asynccontextmanager
async def roster(shelf: Shelf, *sources: Source) -> AsyncIterator[Roster]:
    one = Roster(shelf.keep_blocks, shelf.tell, Journal("collector"))
    await one.apply(sources)
    try:
        yield one
    finally:
        shelf.full = False
        await one.close()


@asynccontextmanager
async def plc() -> AsyncIterator[int]:
    """A PLC: pump current 36.6 at 100 (CDAB), pH 5.31 as 531 at 110, a running pump at coil 0."""
    device = SimDevice(
        id=1,
        simdata=(
            [SimData(0, values=[True, False], datatype=DataType.BITS)],
            [SimData(0, values=[False], datatype=DataType.BITS)],
            [
                SimData(100, values=[0x6666, 0x4212], datatype=DataType.REGISTERS),
                SimData(110, values=[531], datatype=DataType.REGISTERS),
            ],
            [SimData(0, values=[0xFFFE], datatype=DataType.REGISTERS)],
        ),
    )
    server = ModbusTcpServer(device, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    try:
        yield server.transport.sockets[0].getsockname()[1]
    finally:
        await asyncio.sleep(0.05)  # connections that were closed are seen to be
        await server.shutdown()
        await asyncio.sleep(0.05)


def modbus(port: int, *channels: dict[str, Any], **more: Any) -> Source:
    found = {
        "name": "plc",
        "kind": "modbus",
        "outletId": "stack-1",
        "host": "127.0.0.1",
        "port": port,
        "seconds": 0.05,
        "blockSeconds": 0.1,
        "timeoutSeconds": 0.3,
        "channels": list(channels),
    }
    (source,) = sources_of([{**found, **more}], Path())
    return source


class Bus:
    """A gateway to a serial line with units 1 and 2, each of which may be mute."""

    def __init__(self) -> None:
        self.mute = {2}
        self.asked: list[int] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer Modbus TCP: registers hold a hundred times the unit plus their address."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                transaction, _, _, unit = struct.unpack(">HHHB", await reader.readexactly(7))
                _, address, count = struct.unpack(">BHH", await reader.readexactly(5))
                self.asked.append(unit)
                if unit in self.mute:
                    continue
                registers = struct.pack(
                    f">{count}H", *(100 * unit + address + n for n in range(count))
                )
                head = struct.pack(">HHHBBB", transaction, 0, 3 + 2 * count, unit, 3, 2 * count)
                writer.write(head + registers)
        writer.close()


@asynccontextmanager
async def bus() -> AsyncIterator[tuple[Bus, int]]:
    one = Bus()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    try:
        yield one, server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_a_unit_without_a_voice_does_not_take_the_line_from_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edge_greengrass.collector.sources.modbus.FIRST_ABSENCE", 1.0)
    shelf = Shelf()
    channels = [{"channel": f"g1040{unit}", "address": 5, "unit": unit} for unit in (2, 1)]
    async with (
        bus() as (line, port),
        roster(shelf, modbus(port, *channels, timeoutSeconds=0.1)) as known,
    ):
        await until(lambda: len(shelf.values("g10401")) > 10)
        assert set(shelf.values("g10401")) == {105.0}
        assert np.isnan(shelf.values("g10402")).all()
        assert line.asked.count(2) < line.asked.count(1)
        await known.check()
        assert shelf.states("plc") == [SourceState.OK]
        line.mute.clear()
        await until(lambda: 205.0 in shelf.values("g10402"))


async def test_a_line_on_which_nobody_answers_is_failing() -> None:
    shelf = Shelf()
    channels = [{"channel": f"g1040{unit}", "address": 5, "unit": unit} for unit in (1, 2)]
    async with (
        bus() as (line, port),
        roster(shelf, modbus(port, *channels, timeoutSeconds=0.1)) as known,
    ):
        line.mute = {1, 2}
        await until(lambda: checked(known, shelf, SourceState.FAILING))


CURRENT = {"channel": "g10401", "address": 100, "type": "float32", "order": "CDAB", "decimals": 1}
ACIDITY = {"channel": "g11101", "address": 110, "scale": 0.01, "decimals": 2}
RUNNING = {"channel": "g10301", "table": "coil", "address": 0, "decimals": 0}


async def test_registers_of_a_plc_become_point_blocks_of_the_outlet() -> None:
    shelf = Shelf()
    async with plc() as port, roster(shelf, modbus(port, CURRENT, ACIDITY, RUNNING)):
        await until(lambda: len(shelf.values("g10401")) >= 3)
    first = shelf.columns[0]
    assert (first.table, first.subject) == (SeriesTable.PROCESS, "stack-1")
    assert {code: values[0] for code, values in first.values.items()} == {
        "g10401": 36.6,
        "g11101": 5.31,
        "g10301": 1.0,
    }
    assert {chr(flags[0]) for flags in first.flags.values()} == {"N"}
    assert first.decimals == {"g10401": 1, "g11101": 2, "g10301": 0}
    times = [at for one in shelf.columns for at in one.times.tolist()]
    assert times == sorted(set(times))


async def test_a_register_the_device_refuses_is_flagged_and_its_neighbours_are_read() -> None:
    shelf = Shelf()
    missing = {"channel": "g20401", "address": 5_000}
    async with plc() as port, roster(shelf, modbus(port, CURRENT, missing)):
        await until(lambda: shelf.columns)
    first = shelf.columns[0]
    assert first.values["g10401"][0] == 36.6
    assert np.isnan(first.values["g20401"][0])
    assert [chr(first.flags[code][0]) for code in ("g10401", "g20401")] == ["N", "B"]


async def test_a_value_outside_the_measuring_range_is_kept_and_flagged() -> None:
    shelf = Shelf()
    async with plc() as port, roster(shelf, modbus(port, {**CURRENT, "high": 30})):
        await until(lambda: shelf.columns)
    first = shelf.columns[0]
    assert (first.values["g10401"][0], chr(first.flags["g10401"][0])) == (36.6, "T")


async def test_a_device_that_comes_back_is_polled_again_and_both_changes_are_told() -> None:
    shelf = Shelf()
    async with plc() as port:
        source = modbus(port, CURRENT)
        async with roster(shelf, source) as known:
            await until(lambda: shelf.columns)
            await known.check()
    assert shelf.states("plc") == [SourceState.OK]
    async with roster(shelf, source) as known:
        await until(lambda: known.figures()["plc"] and checked(known, shelf, SourceState.FAILING))
    assert shelf.states("plc") == [SourceState.OK, SourceState.FAILING]


def checked(known: Roster, shelf: Shelf, state: SourceState) -> bool:
    asyncio.get_running_loop().create_task(known.check())
    health = [one for one in shelf.events if isinstance(one, SourceHealth)]
    return state in [one.state for one in health]


@dataclass(frozen=True)
class Scripted:
    """A source that does what a test says."""

    terms: Terms
    script: Callable[[Sink], Any]
    channels: Sequence[Channel] = (CHANNEL,)

    async def run(self, sink: Sink) -> None:
        await self.script(sink)


def scripted(name: str, script: Callable[[Sink], Any], *, rate: float = 1e4) -> Scripted:
    return Scripted(Terms(name, Kind.MODBUS, "stack-1", rate, 0.3, 0.05), script)


def point(at: int, value: float = 1.0) -> Points:
    return Points(np.array([at]), np.array([[value]]), np.array([[ord("N")]], np.uint8))


async def hangs(sink: Sink) -> None:
    await asyncio.Event().wait()


async def floods(sink: Sink) -> None:
    at = 0
    while True:
        at += 1
        sink.offer(point(at, 7.0))
        await asyncio.sleep(0)


async def ticks(sink: Sink) -> None:
    at = 0
    while True:
        at += 1
        await sink.give(point(at, 3.0))
        await asyncio.sleep(0.02)


async def breaks(sink: Sink) -> None:
    raise RuntimeError("a fault of a library")


async def test_a_dead_a_flooding_and_a_broken_source_do_not_delay_a_good_one() -> None:
    shelf = Shelf()
    good, bad = scripted("good", ticks), [scripted("dead", hangs), scripted("broken", breaks)]
    async with roster(shelf, *bad, scripted("flood", floods, rate=100.0), good) as known:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await until(lambda: shelf.values("g10401").count(3.0) >= 20)
        await until(lambda: loop.time() - began > 0.5)
        await known.check()
        flooded = shelf.values("g10401").count(7.0)
        elapsed = loop.time() - began
    assert flooded <= 100.0 * (elapsed + 1.0) + 1
    assert shelf.states("good") == [SourceState.OK]
    assert shelf.states("dead") == [SourceState.SILENT]
    assert shelf.states("flood") == [SourceState.FLOODING]
    assert shelf.states("broken") == [SourceState.FAILING]


async def test_without_a_rate_the_flood_would_be_kept_whole() -> None:
    """The negative control: the rate is what holds the flood back."""
    shelf = Shelf()
    async with roster(shelf, scripted("flood", floods, rate=1e6)) as known:
        await until(lambda: shelf.values("g10401").count(7.0) > 2_000)
        await known.check()
    assert SourceState.FLOODING not in shelf.states("flood")


async def test_a_full_disk_holds_points_back_and_loses_none_that_were_taken() -> None:
    shelf = Shelf()
    shelf.full = True
    given: list[int] = []

    async def counts(sink: Sink) -> None:
        for at in range(200):
            await sink.give(point(at, float(at)))
            given.append(at)
        await asyncio.Event().wait()

    async with roster(shelf, scripted("good", counts)) as known:
        await until(lambda: len(given) == 200)
        await asyncio.sleep(0.2)
        await known.check()
        assert not shelf.columns
        assert shelf.states("good") == [SourceState.FAILING]
        shelf.full = False
        await until(lambda: len(shelf.values("g10401")) == 200)
    assert sorted(shelf.values("g10401")) == [float(at) for at in range(200)]


async def test_a_source_slower_than_the_disk_is_held_to_its_rate() -> None:
    shelf = Shelf()

    async def hurries(sink: Sink) -> None:
        for at in range(10_000):
            await sink.give(point(at))

    async with roster(shelf, scripted("good", hurries, rate=50.0)):
        loop = asyncio.get_running_loop()
        began = loop.time()
        await until(lambda: len(shelf.values("g10401")) >= 60)
        assert len(shelf.values("g10401")) <= 50.0 * (loop.time() - began + 1.0) + 1


async def test_a_change_of_one_source_leaves_the_others_running() -> None:
    shelf, starts = Shelf(), []

    async def noted(sink: Sink) -> None:
        starts.append("kept")
        await ticks(sink)

    kept = scripted("kept", noted)
    async with roster(shelf, kept, scripted("old", ticks)) as known:
        await until(lambda: shelf.columns)
        await known.apply([kept, scripted("new", ticks)])
        await until(lambda: known.figures()["new"]["taken"])
        assert set(known.figures()) == {"kept", "new"}
    assert starts == ["kept"]


async def test_what_a_stopped_source_had_gathered_is_kept() -> None:
    shelf = Shelf()
    taken = asyncio.Event()

    async def once(sink: Sink) -> None:
        await sink.give(point(5, 9.0))
        taken.set()
        await asyncio.Event().wait()

    slow = Scripted(Terms("slow", Kind.MODBUS, "stack-1", 100.0, 60.0, 3600.0), once)
    async with roster(shelf, slow):
        await taken.wait()
        assert not shelf.columns
    assert shelf.values("g10401") == [9.0]


async def test_a_source_that_forgets_its_cancellation_is_stopped_all_the_same() -> None:
    forgotten: list[int] = []

    async def forgets(sink: Sink) -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                forgotten.append(1)
                if len(forgotten) > 1:
                    raise

    async with asyncio.timeout(PATIENCE):
        async with roster(Shelf(), scripted("plc", forgets)):
            await asyncio.sleep(0.05)
    assert len(forgotten) == 2


async def test_a_lost_peer_is_tried_again() -> None:
    tries: list[int] = []

    async def lost(sink: Sink) -> None:
        tries.append(1)
        raise Unavailable("no route")

    async with roster(Shelf(), scripted("plc", lost)):
        await until(lambda: len(tries) >= 2)


@pytest.mark.parametrize("flags", ["N", "D"])
async def test_of_two_words_on_one_moment_the_later_one_stands(flags: str) -> None:
    shelf = Shelf()

    async def twice(sink: Sink) -> None:
        await sink.give(point(9, 1.0))
        await sink.give(point(4, 2.0))
        mark = np.array([[ord(flags)]], np.uint8)
        await sink.give(Points(np.array([9]), np.array([[3.0]]), mark))
        await asyncio.Event().wait()

    async with roster(shelf, scripted("plc", twice)):
        await until(lambda: shelf.columns)
    (found,) = shelf.columns
    assert found.times.tolist() == [4, 9]
    assert found.values["g10401"].tolist() == [2.0, 3.0]
    assert found.flags["g10401"].tolist() == [ord("N"), ord(flags)]
