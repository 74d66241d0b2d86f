"""The tap on a real socket: what is on the disk is shown, and nobody waits for a listener."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge_greengrass.collector import tap as tapping
from edge_greengrass.collector.intake import Intake, NotKept
from edge_greengrass.collector.tap import Tap
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.log import OutboxFull
from plume.evidence import payload


class Disk:
    """A log that can be full."""

    def __init__(self) -> None:
        self.records: list[bytes] = []
        self.full = False

    def append(self, records: Sequence[bytes]) -> None:
        if self.full:
            raise OutboxFull("full")
        self.records += records


@asynccontextmanager
async def shown(folder: Path, disk: Disk) -> AsyncIterator[tuple[Intake, Path]]:
    tap = Tap(folder / "tap.sock", Journal("collector"))
    await tap.open()
    intake = Intake(disk, lambda count, why: None, tap.show)
    writing = asyncio.create_task(intake.run())
    try:
        yield intake, folder / "tap.sock"
    finally:
        writing.cancel()
        intake.close()
        await tap.close()


async def record(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(5):
        return await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))


async def test_every_listener_sees_what_reached_the_disk_in_its_order(tmp_path: Path) -> None:
    disk = Disk()
    async with shown(tmp_path, disk) as (intake, path):
        lines = [await asyncio.open_unix_connection(str(path)) for _ in range(2)]
        await asyncio.sleep(0.05)
        await intake.keep_blocks([b"first", b"second"])
        for reader, _ in lines:
            assert payload.decode(await record(reader)).blocks == (b"first",)
            assert payload.decode(await record(reader)).blocks == (b"second",)
        for _, writer in lines:
            writer.close()
    assert not path.exists()


async def test_what_did_not_reach_the_disk_is_shown_to_nobody(tmp_path: Path) -> None:
    disk = Disk()
    async with shown(tmp_path, disk) as (intake, path):
        reader, writer = await asyncio.open_unix_connection(str(path))
        await asyncio.sleep(0.05)
        disk.full = True
        with pytest.raises(NotKept):
            await intake.keep_blocks([b"lost"])
        disk.full = False
        await intake.keep_blocks([b"kept"])
        assert payload.decode(await record(reader)).blocks == (b"kept",)
        writer.close()


async def test_a_listener_that_does_not_read_is_dropped_and_delays_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tapping, "MOST_BEHIND", 100_000)
    disk = Disk()
    async with shown(tmp_path, disk) as (intake, path):
        deaf, good = [await asyncio.open_unix_connection(str(path)) for _ in range(2)]
        await asyncio.sleep(0.05)
        block = bytes(range(256)) * 64
        for number in range(100):
            async with asyncio.timeout(5):
                await intake.keep_blocks([number.to_bytes(4, "big") + block * 16])
            await record(good[0])
        assert len(disk.records) == 100
        deaf[1].close()
        good[1].close()


async def test_a_socket_left_behind_is_replaced_and_only_this_user_may_listen(
    tmp_path: Path,
) -> None:
    (tmp_path / "tap.sock").write_text("left behind")
    async with shown(tmp_path, Disk()) as (_, path):
        assert path.is_socket()
        assert path.stat().st_mode & 0o777 == 0o600


async def test_where_no_socket_can_be_made_the_collector_works_without(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    disk = Disk()
    async with shown(folder, disk) as (intake, path):
        await intake.keep_blocks([b"kept"])
        assert not path.exists()
    assert len(disk.records) == 1
