"""The twin's Modbus server, read by a program that shares no code with it."""

import asyncio
import re
import shutil
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from edge_greengrass.collector.sources.reading import sources_of
from edge_greengrass.collector.sources.source import Points
from edge_greengrass.twin.cast import instruments_of
from edge_greengrass.twin.clock import PlantClock
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.control_system import ControlSystem
from edge_greengrass.twin.registers import Register, map_of, registers_of
from tests.component.patience import PATIENCE
from tests.tools import needs

KINDS = ("coal_unit", "sewage_works", "potline", "cement_kiln", "oxidiser")
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
MBPOLL = shutil.which("mbpoll")


def standing_clock() -> PlantClock:
    return PlantClock(timedelta(0), 1, NOON.timestamp)


@asynccontextmanager
async def control_system(kind: str) -> AsyncIterator[tuple[int, dict[str, float]]]:
    """The port, and what each point shows at noon."""
    settings = PlantSettings(kind, "o", "m", "31", "p", "h", 1, seed=4)
    instruments = instruments_of(settings)
    shown = instruments.read(np.array([int(NOON.timestamp())], dtype=np.int64)).values
    system = ControlSystem(instruments, standing_clock(), registers_of(kind))
    try:
        yield (
            await system.open("127.0.0.1", 0),
            {one.code: float(shown[one.code][0]) for one in instruments.plant.process},
        )
    finally:
        await system.close()


async def polled(port: int, *options: str) -> dict[int, str]:
    """What Debian's mbpoll prints: number by address (counted from 0)."""
    assert MBPOLL is not None
    poll = await asyncio.create_subprocess_exec(
        MBPOLL, "-m", "tcp", "-p", str(port), "-a", "1", "-0", "-1", *options, "127.0.0.1",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        printed, _ = await poll.communicate()
    found = re.findall(rb"^\[(\d+)\]:\s+(\S+)", printed, flags=re.MULTILINE)
    assert found, printed
    return {int(address): number.decode() for address, number in found}


@needs(MBPOLL, "mbpoll")
async def test_mbpoll_reads_load_and_pump_currents_of_the_coal_unit() -> None:
    places = {one.channel: one for one in registers_of("coal_unit")}
    async with control_system("coal_unit") as (port, shown):
        load, pump = places["g70101"], places["g10401"]
        floats = await polled(port, "-t", "4:float", "-B", "-r", str(load.address), "-c", "1")
        words = await polled(port, "-t", "4", "-r", str(pump.address), "-c", "1")
    assert float(floats[load.address]) == pytest.approx(shown["g70101"], abs=0.01)
    assert float(words[pump.address]) / 10 == pytest.approx(shown["g10401"], abs=0.051)
    assert 100 < shown["g70101"] < 310


@needs(MBPOLL, "mbpoll")
async def test_mbpoll_is_refused_what_is_not_there_and_may_write_nothing() -> None:
    async with control_system("potline") as (port, _):
        with pytest.raises(AssertionError, match="Illegal data address"):
            await polled(port, "-t", "4", "-r", "900", "-c", "1")
        assert MBPOLL is not None
        writing = await asyncio.create_subprocess_exec(
            MBPOLL, "-m", "tcp", "-p", str(port), "-a", "1", "-0", "-r", "0", "127.0.0.1", "7",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        printed, _ = await writing.communicate()
    assert b"failed" in printed


@pytest.mark.parametrize("kind", KINDS)
async def test_the_collector_reads_every_point_through_the_shared_map(
    kind: str, tmp_path: Path
) -> None:
    gathered: list[Points] = []

    class Sink:
        async def give(self, points: Points) -> None:
            gathered.append(points)
            raise asyncio.CancelledError

        async def keep(self, points: Points) -> None:
            await self.give(points)

        def offer(self, points: Points) -> bool:
            return not gathered.append(points)

    async with control_system(kind) as (port, shown):
        settings = {"name": "dcs", "kind": "modbus", "outletId": "o", "host": "127.0.0.1"}
        (source,) = sources_of(
            [settings | {"port": port, "channels": list(map_of(kind))}], tmp_path
        )
        with pytest.raises(asyncio.CancelledError):
            await source.run(Sink())
    (points,) = gathered
    read = {one.code: points.values[at, 0] for at, one in enumerate(source.channels)}
    assert read.keys() == shown.keys()
    for code, value in read.items():
        assert value == pytest.approx(shown[code], rel=1e-4, abs=0.06), code


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_points_share_a_register(kind: str) -> None:
    taken = [
        address
        for one in registers_of(kind)
        for address in range(one.address, one.address + one.width)
    ]
    assert len(taken) == len(set(taken))


@pytest.mark.parametrize(
    ("order", "packed"), [("ABCD", ">f"), ("DCBA", "<f"), ("CDAB", None), ("BADC", None)]
)
def test_bytes_stand_where_the_order_says(order: str, packed: str | None) -> None:
    words = Register("x", 0, "float32", order, 1.0).words(36.6)
    wire = b"".join(struct.pack(">H", word) for word in words)
    if packed:
        assert struct.unpack(packed, wire)[0] == pytest.approx(36.6, rel=1e-6)
    expected = {"CDAB": "66664212", "BADC": "12426666"}  # 36.6 is 42126666
    assert wire.hex() == expected.get(order, wire.hex())


def test_a_number_too_large_for_its_register_is_the_largest_that_fits() -> None:
    assert Register("x", 0, "uint16", "ABCD", 0.1).words(9999.0) == [0xFFFF]
    assert Register("x", 0, "uint16", "ABCD", 0.1).words(-1.0) == [0]
