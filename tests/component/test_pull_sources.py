"""Pulls from business systems: nothing is taken twice or lost, across restarts, in any order."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from edge_greengrass.collector.sources.reading import sources_of
from edge_greengrass.collector.sources.source import Source
from edge_greengrass.settings import BadSettings
from plume.model.event import SourceState
from tests.component.patience import until
from tests.component.test_sources import Shelf, checked, roster


class Business:
    """A business system behind HTTP; it notes how it was asked."""

    def __init__(self) -> None:
        self.content = b"[]"
        self.etag = ""
        self.status = 200
        self.asked: list[dict[str, list[str]]] = []
        self.unmodified = 0
        self.port = 0

    def rows(self, *rows: dict[str, Any], etag: str = "") -> None:
        self.content, self.etag = json.dumps({"data": {"items": rows}}).encode(), etag

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(self._told(head.decode()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _told(self, head: str) -> bytes:
        self.asked.append(parse_qs(urlsplit(head.split()[1]).query))
        if self.etag and f"if-none-match: {self.etag}" in head.lower():
            self.unmodified += 1
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        tag = f"ETag: {self.etag}\r\n" if self.etag else ""
        length = f"Content-Length: {len(self.content)}\r\n"
        return f"HTTP/1.1 {self.status} Said\r\n{tag}{length}\r\n".encode() + self.content


@asynccontextmanager
async def business(system: Business | None = None) -> AsyncIterator[Business]:
    one = system or Business()
    server = await asyncio.start_server(one.answer, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()


def pull(folder: Path, port: int, **more: Any) -> Source:
    found = {
        "name": "air-1",
        "kind": "pull",
        "outletId": "station-1",
        "url": f"http://127.0.0.1:{port}/rows",
        "seconds": 0.05,
        "rows": "data.items",
        "time": {"field": "at"},
        "key": "id",
        "channels": [
            {"channel": "a34004", "field": "pm25", "decimals": 0},
            {"channel": "i32001", "field": "door.state", "words": {"open": 1, "shut": 0}},
        ],
    }
    (source,) = sources_of([{**found, **more}], folder)
    return source


def row(number: int, second: int, pm25: object, door: str = "shut") -> dict[str, Any]:
    at = f"2026-11-24T12:00:{second:02d}"
    return {"id": number, "at": at, "pm25": pm25, "door": {"state": door}}


def points(shelf: Shelf, code: str) -> list[tuple[int, float]]:
    found = [
        (int(at), float(value))
        for columns in shelf.columns
        if code in columns.values
        for at, value in zip(columns.times, columns.values[code], strict=True)
    ]
    return sorted(found)


NOON = 1_795_492_800_000  # 2026-11-24 12:00 in Beijing, 04:00 UTC


async def test_rows_become_points_by_the_mapping(tmp_path: Path) -> None:
    shelf = Shelf()
    async with business() as system, roster(shelf, pull(tmp_path, system.port)):
        system.rows(row(1, 0, 35.4), row(2, 1, "36", "open"), row(3, 2, "broken"), row(4, 3, ""))
        await until(lambda: len(points(shelf, "i32001")) == 4)
    air = [one for one in shelf.columns if "a34004" in one.values]
    values = np.concatenate([one.values["a34004"] for one in air])
    np.testing.assert_array_equal(values, [35.0, 36.0, np.nan])
    flags = np.concatenate([one.flags["a34004"] for one in air])
    assert [chr(one) for one in flags] == ["N", "N", "D"]
    assert [value for _, value in points(shelf, "i32001")] == [0, 1, 0, 0]
    assert points(shelf, "i32001")[0][0] == NOON


async def test_rows_told_again_late_or_out_of_order_are_each_taken_once(tmp_path: Path) -> None:
    shelf = Shelf()
    async with business() as system, roster(shelf, pull(tmp_path, system.port)):
        system.rows(row(1, 10, 1), row(2, 20, 2))
        await until(lambda: len(points(shelf, "a34004")) == 2)
        system.rows(row(3, 5, 3), row(2, 20, 2), row(1, 10, 1))
        await until(lambda: len(points(shelf, "a34004")) == 3)
        asked = len(system.asked)
        await until(lambda: len(system.asked) > asked + 2)
    assert [value for _, value in points(shelf, "a34004")] == [3, 1, 2]


async def test_after_a_restart_nothing_is_taken_twice_and_nothing_is_lost(tmp_path: Path) -> None:
    shelf = Shelf()
    async with business() as system:
        system.rows(row(1, 0, 1), row(2, 1, 2))
        async with roster(shelf, pull(tmp_path, system.port)):
            await until(lambda: len(points(shelf, "a34004")) == 2)
        system.rows(row(1, 0, 1), row(2, 1, 2), row(3, 1, 3))
        async with roster(shelf, pull(tmp_path, system.port)):
            await until(lambda: len(points(shelf, "a34004")) == 3)
    assert points(shelf, "a34004") == [(NOON, 1), (NOON + 1000, 2), (NOON + 1001, 3)]


async def test_with_its_cursor_gone_a_restart_would_take_them_twice(tmp_path: Path) -> None:
    """The negative control: it is the cursor that keeps rows from being taken again."""
    shelf = Shelf()
    async with business() as system:
        system.rows(row(1, 0, 1))
        for _ in range(2):
            taken = len(points(shelf, "a34004"))
            async with roster(shelf, pull(tmp_path, system.port)):
                await until(lambda taken=taken: len(points(shelf, "a34004")) > taken)
            (tmp_path / "air-1.json").unlink()
    assert points(shelf, "a34004") == [(NOON, 1), (NOON, 1)]


async def test_what_could_not_be_kept_is_taken_after_the_restart(tmp_path: Path) -> None:
    shelf, full = Shelf(), Shelf()
    full.full = True
    async with business() as system:
        system.rows(row(1, 0, 1))
        async with roster(full, pull(tmp_path, system.port)):
            await until(lambda: system.asked)
        async with roster(shelf, pull(tmp_path, system.port)):
            await until(lambda: points(shelf, "a34004"))
    assert points(shelf, "a34004") == [(NOON, 1)]


async def test_an_answer_that_has_not_changed_is_not_read_again_even_after_a_restart(
    tmp_path: Path,
) -> None:
    shelf = Shelf()
    async with business() as system:
        system.rows(row(1, 0, 1), etag='"v1"')
        async with roster(shelf, pull(tmp_path, system.port)):
            await until(lambda: system.unmodified)
        before = system.unmodified
        async with roster(shelf, pull(tmp_path, system.port)):
            await until(lambda: system.unmodified > before)
    assert len(points(shelf, "a34004")) == 1


def lately(number: int, **more: Any) -> dict[str, Any]:
    """A row of the last hours, each a second after the one before; `pm25` is its number."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2) + timedelta(seconds=number)
    return {"id": number, "at": at.isoformat(), "pm25": number, "door": {"state": "shut"}} | more


async def test_the_system_is_asked_for_what_lies_behind_the_horizon(tmp_path: Path) -> None:
    shelf, last = Shelf(), lately(10)
    source = {"sinceParameter": "since", "lateSeconds": 4}
    async with business() as system, roster(shelf, pull(tmp_path, system.port, **source)):
        system.rows(last)
        behind = datetime.fromisoformat(last["at"]) - timedelta(seconds=4)
        asked = behind.astimezone(timezone(timedelta(hours=8))).isoformat()
        await until(lambda: any(one.get("since") == [asked] for one in system.asked))


class InParts(Business):
    """A system that tells two rows at a time, from a time or by the page."""

    def __init__(self, rows: list[dict[str, Any]], *, strict: bool = False) -> None:
        super().__init__()
        self._rows, self._strict = rows, strict

    def _told(self, head: str) -> bytes:
        asked = parse_qs(urlsplit(head.split()[1]).query)
        begin = datetime.fromisoformat(asked.get("since", ["2000-01-01T00:00:00+08:00"])[0])
        some = [one for one in self._rows if datetime.fromisoformat(one["at"]) >= begin]
        page = int(asked.get("page", ["1"])[0])
        self.rows(*some[2 * page - 2 : 2 * page], etag='"same"')
        self.status = 404 if self._strict and page > 1 and 2 * page - 2 >= len(some) else 200
        return super()._told(head)


async def test_answers_that_are_cut_short_within_what_may_come_late_are_taken_to_the_end(
    tmp_path: Path,
) -> None:
    shelf = Shelf()
    source = {"sinceParameter": "since", "lateSeconds": 3600}
    system = InParts([lately(number) for number in range(9)])
    async with business(system), roster(shelf, pull(tmp_path, system.port, **source)):
        await until(lambda: len(points(shelf, "a34004")) == 9)
    assert [value for _, value in points(shelf, "a34004")] == list(range(9))


@pytest.mark.parametrize("strict", [True, False])
async def test_all_pages_are_read_though_the_newest_come_first(
    tmp_path: Path, *, strict: bool
) -> None:
    shelf = Shelf()
    source = {"pageParameter": "page", "lateSeconds": 1}
    system = InParts([lately(number) for number in reversed(range(9))], strict=strict)
    async with business(system), roster(shelf, pull(tmp_path, system.port, **source)):
        await until(lambda: len(points(shelf, "a34004")) == 9)
        asked = len(system.asked)
        await until(lambda: len(system.asked) > asked + 12)
    assert [value for _, value in points(shelf, "a34004")] == list(range(9))


async def test_what_the_address_asks_for_itself_is_asked_for_every_time(tmp_path: Path) -> None:
    shelf = Shelf()
    async with business() as system:
        source = {"url": f"http://127.0.0.1:{system.port}/rows?token=t", "sinceParameter": "since"}
        system.rows(lately(1))
        async with roster(shelf, pull(tmp_path, system.port, **source)):
            await until(lambda: any("since" in one for one in system.asked))
    assert {tuple(one.get("token", [])) for one in system.asked} == {("t",)}


async def test_a_row_of_the_future_does_not_hide_those_of_today(tmp_path: Path) -> None:
    shelf = Shelf()
    async with business() as system, roster(shelf, pull(tmp_path, system.port)):
        system.rows(lately(1, at="2099-01-01T00:00:00"), lately(2))
        await until(lambda: len(points(shelf, "a34004")) == 2)
        system.rows(lately(3))
        await until(lambda: len(points(shelf, "a34004")) == 3)


async def test_a_bad_row_is_told_by_its_field_and_its_neighbours_are_taken(
    tmp_path: Path,
) -> None:
    shelf = Shelf()
    async with business() as system, roster(shelf, pull(tmp_path, system.port)) as known:
        system.rows(row(1, 0, 1), {"id": 2, "at": "noon", "pm25": 2}, row(3, 2, 3))
        await until(lambda: len(points(shelf, "a34004")) == 2)
        assert known.figures()["air-1"]["complaint"] == "row 1: at: 'noon' is no time"


@pytest.mark.parametrize("status", [404, 500])
async def test_a_system_that_refuses_is_failing_and_is_asked_again(
    tmp_path: Path, status: int
) -> None:
    shelf = Shelf()
    async with business() as system, roster(shelf, pull(tmp_path, system.port)) as known:
        system.status = status
        await until(lambda: checked(known, shelf, SourceState.FAILING))
        system.status = 200
        system.rows(row(1, 0, 1))
        await until(lambda: points(shelf, "a34004"))


def dropped(folder: Path, **more: Any) -> Source:
    (folder / "drop").mkdir(exist_ok=True)
    found = {
        "name": "exhaust",
        "kind": "pull",
        "outletId": "station-1",
        "folder": str(folder / "drop"),
        "format": "csv",
        "encoding": "gb18030",
        "seconds": 0.05,
        "time": {"field": "检测时间", "format": "%Y/%m/%d %H:%M:%S"},
        "channels": [{"channel": "HC", "field": "碳氢化合物", "decimals": 1}],
    }
    (source,) = sources_of([{**found, **more}], folder)
    return source


TITLE = "车牌,检测时间,碳氢化合物\n"


def line(second: int, value: object) -> str:
    return f"蒙G00001,2026/11/24 12:00:{second:02d},{value}\n"


async def test_a_table_in_a_folder_is_taken_and_read_on_when_it_grows(tmp_path: Path) -> None:
    shelf, source = Shelf(), dropped(tmp_path)
    table = tmp_path / "drop" / "a.csv"
    table.write_text(TITLE + line(0, 1.5) + line(0, 2.5) + line(1, 3.5)[:-3], "gb18030")
    async with roster(shelf, source):
        await until(lambda: len(points(shelf, "HC")) == 2)
    table.write_text(TITLE + line(0, 1.5) + line(0, 2.5) + line(1, 3.5) + line(0, 4.5), "gb18030")
    async with roster(shelf, source):
        await until(lambda: (NOON + 2, 4.5) in points(shelf, "HC"))
    told = set(points(shelf, "HC"))  # stopped between keeping and noting, it tells a point again
    assert told == {(NOON, 1.5), (NOON + 1, 2.5), (NOON + 2, 4.5), (NOON + 1000, 3.5)}


async def test_a_table_that_was_replaced_is_read_from_its_beginning(tmp_path: Path) -> None:
    shelf, source = Shelf(), dropped(tmp_path)
    table = tmp_path / "drop" / "a.csv"
    table.write_text(TITLE + line(0, 1.5), "gb18030")
    async with roster(shelf, source):
        await until(lambda: len(points(shelf, "HC")) == 1)
        table.write_text(TITLE + line(5, 9.5) + line(6, 9.5), "gb18030")
        await until(lambda: len(points(shelf, "HC")) == 3)


async def test_a_file_that_is_no_table_does_not_hold_up_the_next_one(tmp_path: Path) -> None:
    shelf, source = Shelf(), dropped(tmp_path)
    (tmp_path / "drop" / "a.csv").write_bytes(b"\xff\xff\xff\n\x81\n")
    async with roster(shelf, source) as known:
        (tmp_path / "drop" / "b.csv").write_text(TITLE + line(0, 1.5), "gb18030")
        await until(lambda: points(shelf, "HC"))
        assert "a.csv" in str(known.figures()["exhaust"]["complaint"])


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"url": "ftp://x/"}, "sources[0].url: 'ftp://x/' is no address of http or https"),
        ({"time": {}}, "sources[0].time.field: missing"),
        ({"encoding": "klingon"}, "sources[0].encoding: 'klingon' is not known"),
        ({"format": "xml"}, "sources[0].format: 'xml' is none of csv, json"),
    ],
)
def test_a_fault_of_the_settings_is_told_by_its_field(
    tmp_path: Path, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadSettings) as refused:
        pull(tmp_path, 80, **more)
    assert told in refused.value.message
