"""Pulls from business systems: nothing is taken twice or lost, across restarts, in any order."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from edge_greengrass.collector.sources.reading import sources_of
from edge_greengrass.collector.sources.source import Points, Source
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
        self.targets: set[str] = set()
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
        self.targets.add(head.split()[1])
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


ADDRESS = "/rows?name=%D6%D0&flag&codes=a,b%20c&page=9"
"""A name in GBK, a word without a value, and a page that ours takes the place of."""


@pytest.mark.parametrize(
    ("more", "target"),
    [
        ({}, ADDRESS),
        ({"pageParameter": "page"}, "/rows?name=%D6%D0&flag&codes=a,b%20c&page=1"),
        ({"pageParameter": "页"}, ADDRESS + "&%E9%A1%B5=1"),
    ],
)
async def test_an_address_is_asked_for_as_it_is_written(
    tmp_path: Path, more: dict[str, Any], target: str
) -> None:
    shelf = Shelf()
    async with business() as system:
        system.rows(lately(1))
        source = {"url": f"http://127.0.0.1:{system.port}{ADDRESS}", **more}
        async with roster(shelf, pull(tmp_path, system.port, **source)):
            await until(lambda: points(shelf, "a34004"))
    assert target in system.targets


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


class Witness:
    """A sink that notes in which thread rows were read, and how many were kept at a time."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.kept: list[int] = []

    async def give(self, points: Points) -> None:
        raise AssertionError(points)

    def offer(self, points: Points) -> bool:
        raise AssertionError(points)

    async def keep(self, points: Points) -> None:
        self.kept.append(len(points.times))

    def hear(self) -> None:
        pass

    def complain(self, why: str) -> None:
        del why
        self.threads.add(threading.get_ident())


@pytest.mark.parametrize("kind", ["http", "folder"])
async def test_a_very_long_answer_is_read_beside_everything_else_and_kept_in_parts(
    tmp_path: Path, kind: str
) -> None:
    """Read in the thread of the data loggers it would hold up all of their answers."""
    seen, rows = Witness(), 2_500
    async with business() as system:
        source = pull(tmp_path, system.port) if kind == "http" else dropped(tmp_path)
        system.rows(*(lately(number) for number in range(rows)), {"id": "no time"})
        table = (
            TITLE + "".join(line(number % 60, number) for number in range(rows)) + "x,no time\n"
        )
        (tmp_path / "drop").mkdir(exist_ok=True)
        (tmp_path / "drop" / "a.csv").write_text(table, "gb18030")
        running = asyncio.create_task(source.run(seen))
        await until(lambda: sum(seen.kept) == rows)
        running.cancel()
        await asyncio.wait({running})
    assert max(seen.kept) <= 1_000
    assert seen.threads
    assert threading.get_ident() not in seen.threads


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
        await until(lambda: known.figures()["exhaust"].get("complaint"))
        assert "a.csv" in str(known.figures()["exhaust"]["complaint"])


async def test_a_file_that_cannot_be_read_does_not_hold_up_the_next_one(tmp_path: Path) -> None:
    shelf, source = Shelf(), dropped(tmp_path)
    (tmp_path / "drop" / "a.csv").symlink_to("/proc/self/mem")  # opens, and fails to be read
    async with roster(shelf, source) as known:
        (tmp_path / "drop" / "b.csv").write_text(TITLE + line(0, 1.5), "gb18030")
        await until(lambda: points(shelf, "HC"))
        await until(lambda: known.figures()["exhaust"].get("complaint"))
        assert known.figures()["exhaust"]["complaint"] == "a.csv: Input/output error"


def values(shelf: Shelf, code: str) -> list[tuple[str, str]]:
    """What was kept of a channel, in order of time: number and flag."""
    found = [
        (int(at), f"{value:g}", chr(flag))
        for columns in shelf.columns
        if code in columns.values
        for at, value, flag in zip(
            columns.times, columns.values[code], columns.flags[code], strict=True
        )
        if flag
    ]
    return [(value, flag) for _, value, flag in sorted(found)]


@pytest.mark.parametrize(
    ("decimal", "said", "kept"),
    [
        (None, "12.5", ("12.5", "N")), (None, "12,5", ("nan", "D")),
        (None, "1_0", ("nan", "D")), (None, "１２", ("nan", "D")), (None, "inf", ("nan", "D")),
        (None, "1e400", ("nan", "D")), (None, "1.25E+1", ("12.5", "N")),
        (None, ".5", ("0.5", "N")),
        (",", "１２,5", ("nan", "D")), (None, "1,234.5", ("nan", "D")),
        (",", "12,5", ("12.5", "N")),
        (",", "1.234,5", ("1234.5", "N")), (",", "12.5", ("nan", "D")), (",", "-3", ("-3", "N")),
        (",", "1 234,5", ("1234.5", "N")), (",", "1,2E+2", ("120", "N")),
        (".", "1,234.5", ("1234.5", "N")), (".", "12,5", ("nan", "D")), (".", "--", ("nan", "D")),
    ],
)  # fmt: skip
async def test_numbers_are_read_as_the_system_writes_them(
    tmp_path: Path, decimal: str | None, said: str, kept: tuple[str, str]
) -> None:
    shelf = Shelf()
    chosen = {"decimal": decimal} if decimal else {}
    source = dropped(tmp_path, delimiter=";", **chosen)
    told = f"车牌;检测时间;碳氢化合物\n蒙G00001;2026/11/24 12:00:00;{said}\n"
    (tmp_path / "drop" / "a.csv").write_text(told, "gb18030")
    async with roster(shelf, source):
        await until(lambda: values(shelf, "HC"))
    assert values(shelf, "HC") == [kept]


async def test_yes_and_no_are_one_and_nought_and_a_blank_says_nothing(tmp_path: Path) -> None:
    shelf = Shelf()
    channels = [
        {"channel": "door", "field": "open", "decimals": 0},
        {"channel": "alarm", "field": "open", "decimals": 0, "words": {"true": 7}},
    ]
    async with business() as system, roster(shelf, pull(tmp_path, system.port, channels=channels)):
        system.rows(
            *({"id": n, **lately(n), "open": one} for n, one in enumerate((True, False, " ")))
        )
        await until(lambda: len(values(shelf, "door")) == 2)
    assert values(shelf, "door") == [("1", "N"), ("0", "N")]
    assert values(shelf, "alarm") == [("7", "N"), ("0", "N")]


async def test_rows_of_several_meters_go_to_the_channel_of_each(tmp_path: Path) -> None:
    shelf = Shelf()
    channels = [
        {"channel": f"kwh{one}", "field": "kwh", "where": {"meter.no": str(one)}} for one in (1, 2)
    ]
    async with business() as system, roster(shelf, pull(tmp_path, system.port, channels=channels)):
        system.rows(
            {**lately(1), "meter": {"no": 1}, "kwh": 10.5},
            {**lately(2), "meter": {"no": "2"}, "kwh": 20.5},
            {**lately(3), "meter": {"no": 3}, "kwh": 30.5},
        )
        await until(lambda: values(shelf, "kwh2"))
    assert (values(shelf, "kwh1"), values(shelf, "kwh2")) == ([("10.5", "N")], [("20.5", "N")])


REPORT = "机动车尾气检测日报\n单位,ppm\n 车牌 ,日期,时间, 碳氢化合物 \n"


async def test_a_report_with_lines_above_its_head_and_the_clock_apart_is_read_on(
    tmp_path: Path,
) -> None:
    shelf, table = Shelf(), tmp_path / "drop" / "a.csv"
    source = dropped(
        tmp_path, skipLines=2, time={"field": "日期", "clock": "时间", "format": "%Y/%m/%d %H:%M"}
    )
    table.write_text(REPORT[: REPORT.index("单位")], "gb18030")
    async with roster(shelf, source) as known:
        table.write_text(REPORT + "蒙G00001,2026/11/24,12:00,1.5\n", "gb18030")
        await until(lambda: len(points(shelf, "HC")) == 1)
        with table.open("a", encoding="gb18030") as file:
            file.write("蒙G00002,2026/11/24,24:00,2.5,\n蒙G3,2026/11/24,12:30,1,5\n")
        await until(lambda: len(points(shelf, "HC")) == 2)
        complaint = known.figures()["exhaust"]["complaint"]
    assert points(shelf, "HC") == [(NOON, 1.5), (NOON + 12 * 3_600_000, 2.5)]
    assert complaint == "row 1: 1 cells more than the head has"


async def test_a_byte_that_is_no_character_costs_no_neighbour(tmp_path: Path) -> None:
    shelf = Shelf()
    content = (
        (TITLE + line(0, 1.5)).encode("gb18030") + b"\xff\xff" + line(1, 2.5).encode("gb18030")
    )
    source = dropped(tmp_path)
    (tmp_path / "drop" / "a.csv").write_bytes(content)
    async with roster(shelf, source):
        await until(lambda: len(points(shelf, "HC")) == 2)


async def test_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    shelf, source = Shelf(), dropped(tmp_path)
    (tmp_path / "drop" / "a.csv").write_text(TITLE.replace("碳氢", "烃") + line(0, 1), "gb18030")
    async with roster(shelf, source) as known:
        await until(lambda: known.figures()["exhaust"].get("complaint") == "no column 碳氢化合物")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"url": "ftp://x/"}, "sources[0].url: 'ftp://x/' is no address of http or https"),
        ({"time": {}}, "sources[0].time.field: missing"),
        ({"encoding": "klingon"}, "sources[0].encoding: 'klingon' is not known"),
        ({"decimal": ";"}, "sources[0].decimal: ';' is none of ., ,"),
        ({"format": "xml"}, "sources[0].format: 'xml' is none of csv, json"),
    ],
)
def test_a_fault_of_the_settings_is_told_by_its_field(
    tmp_path: Path, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadSettings) as refused:
        pull(tmp_path, 80, **more)
    assert told in refused.value.message
