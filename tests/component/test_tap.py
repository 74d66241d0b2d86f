"""The tap of the collector: what is kept is shown, and no listener costs it anything."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from edge_greengrass.collector.intake import Intake, NotKept
from edge_greengrass.collector.tap import MOST_OWED_BYTES, Tap
from edge_greengrass.outbox.log import OutboxFull
from edge_greengrass.sentinel.listener import shown
from plume.errors import Unavailable
from plume.evidence import payload
from plume.model.frame import FrameRecord, Verdict
from plume.model.segment import Payload
from tests.given import EIGHT, hour_frame

RECORD = FrameRecord(EIGHT, hour_frame(), Verdict.OK, mn="M", acknowledged=True, peer="p:1")


class Disk:
    def __init__(self) -> None:
        self.full = False
        self.records: list[bytes] = []

    def append(self, records: Sequence[bytes]) -> None:
        if self.full:
            raise OutboxFull("full")
        self.records += records


@pytest.fixture
async def tap(tmp_path: Path) -> AsyncIterator[Tap]:
    made = Tap(tmp_path / "tap.sock")
    await made.open()
    yield made
    made.close()


async def listener(tap: Tap, path: Path) -> AsyncIterator[Payload]:
    """A listener that the tap knows of by now."""
    heard = shown(path, lambda: None)
    waiting = asyncio.ensure_future(anext(heard))
    while not tap._listeners:  # noqa: ASYNC110, it has no bell
        await asyncio.sleep(0)
    tap.show([payload.encode(Payload())])
    assert await waiting == Payload()
    return heard


async def test_a_listener_sees_what_was_kept_and_nothing_that_was_not(
    tap: Tap, tmp_path: Path
) -> None:
    disk, heard = Disk(), await listener(tap, tmp_path / "tap.sock")
    intake = Intake(disk, lambda *_: None, tap.show)
    writing = asyncio.create_task(intake.run())
    disk.full = True
    with pytest.raises(NotKept):
        await intake.keep([RECORD, RECORD])
    disk.full = False
    await intake.keep([RECORD])
    assert (await anext(heard)).frames == (RECORD,)
    assert len(disk.records) == 1
    writing.cancel()
    intake.close()


async def test_one_that_does_not_read_is_dropped_and_the_others_hear_all(
    tap: Tap, tmp_path: Path
) -> None:
    heard = await listener(tap, tmp_path / "tap.sock")
    reader, writer = await asyncio.open_unix_connection(tmp_path / "tap.sock", limit=1)
    while len(tap._listeners) < 2:  # noqa: ASYNC110, it has no bell
        await asyncio.sleep(0)
    big = payload.encode(Payload(blocks=(bytes(range(256)) * 400,)))
    count = 0
    while len(tap._listeners) == 2:
        many = [big] * (MOST_OWED_BYTES // len(big) // 8 + 1)
        tap.show(many)
        for _ in many:
            await anext(heard)
        count += len(many)
    assert count
    tap.show([payload.encode(Payload())])
    assert await anext(heard) == Payload()
    writer.close()
    del reader


async def test_a_listener_is_told_when_there_is_no_tap_or_it_goes(
    tap: Tap, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable):
        await anext(shown(tmp_path / "none.sock", lambda: None))
    heard = await listener(tap, tmp_path / "tap.sock")
    tap.close()
    with pytest.raises(Unavailable):
        await anext(heard)


async def test_a_tap_left_behind_by_a_crash_is_replaced(tmp_path: Path) -> None:
    first, second = Tap(tmp_path / "tap.sock"), Tap(tmp_path / "tap.sock")
    await first.open()
    await second.open()
    heard = await listener(second, tmp_path / "tap.sock")
    second.show([payload.encode(Payload(frames=(RECORD,)))])
    assert (await anext(heard)).frames == (RECORD,)
    first.close()
    second.close()
