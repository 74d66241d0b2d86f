"""Onboarding by sheet: what is sound is registered whole, what is not is named cell by cell."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from plume.errors import Conflict, Forbidden
from plume.hj212 import encode
from plume.memory.world import MemoryBelated, MemoryRegistry
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import EnterpriseId, OutletId, RegionCode, ThingName
from plume.model.onboarding import HEADINGS, Column, SheetRow
from plume.model.outlet import Medium, Name, Region
from plume.model.person import Person, Role, Scope
from plume.model.segment import CHAIN_START, Arrival, Payload, Segment, SegmentHeader
from plume.usecases.judge_frames import judge_frames, outlets_behind
from plume.usecases.onboard_outlets import OnboardWorld, check_outlets, onboard_outlets
from plume.wire.sheet import BadSheet, marked, rows_of, template
from tests.component.api_world import PEOPLE, Caller, calling
from tests.given import EIGHT, STACK

CENTRE = Person("1", "centre", "值班员", Role.CITY_CENTRE, Scope(regions=(RegionCode("1505"),)))
KEY = "0123456789ABCDEFFEDCBA9876543210"
CELLS = {
    Column.ENTERPRISE_ID: "ent-north",
    Column.ENTERPRISE_ZH: "北方热电厂",
    Column.ENTERPRISE_EN: "North Power",
    Column.REGION: "150523",
    Column.INDUSTRY: "热电联产",
    Column.ATTENTION: "省控",
    Column.LONGITUDE: "121.3",
    Column.LATITUDE: "43.6",
    Column.ADDRESS: "",
    Column.SERIAL: "PLM-9001",
    Column.OUTLET_ID: "north-gas-1",
    Column.OUTLET_ZH: "1号排气筒",
    Column.OUTLET_EN: "",
    Column.ST: "31",
    Column.MN: "010000A8900016F000169D01",
    Column.PASSWORD: "123456",
    Column.CIPHER_KEY: "",
    Column.FACTORS: "a21026，a21002, a34013",
    Column.LIMITS: "燃煤机组超低排放",
    Column.PROCESS: "煤粉炉",
}


def row(number: int = 2, **said: str) -> SheetRow:
    changed = {Column(name): text for name, text in said.items()}
    return SheetRow(number, {**CELLS, **changed})


def outlet_row(number: int) -> SheetRow:
    """One of many rows, each an outlet of its own."""
    return row(number, outletId=f"north-gas-{number}", mn=f"010000A8900016F0001{number:05d}")


@pytest.fixture
def registry() -> MemoryRegistry:
    made = MemoryRegistry()
    made.put_region(Region(RegionCode("150500"), Name("通辽市", "Tongliao"), ""))
    made.put_region(Region(RegionCode("150523"), Name("开鲁县", "Kailu"), "150500"))
    made.put_region(Region(RegionCode("150622"), Name("准格尔旗", "Jungar"), "150600"))
    return made


def faults(registry: MemoryRegistry, *rows: SheetRow) -> list[tuple[int, Column]]:
    report = check_outlets(CENTRE, rows, registry=registry)
    assert len(report.sound) == len(rows) - len({fault.row for fault in report.faults})
    return [(fault.row, fault.column) for fault in report.faults]


def test_what_waits_for_a_registration_is_due_for_each_sound_row_every_time(
    registry: MemoryRegistry,
) -> None:
    waiting = MemoryBelated()
    for _ in range(2):
        onboard_outlets(
            CENTRE,
            [outlet_row(2), outlet_row(3), row(4, mn="")],
            skip_faulty=True,
            world=OnboardWorld(registry, waiting),
            now=EIGHT,
        )
    assert [one.outlet for one in waiting.told] == ["north-gas-2", "north-gas-3"] * 2
    assert {one.asked_at for one in waiting.told} == {EIGHT}


def test_a_sound_row_registers_enterprise_device_outlet_and_limits(
    registry: MemoryRegistry,
) -> None:
    onboard_outlets(
        CENTRE,
        [row()],
        skip_faulty=False,
        world=OnboardWorld(registry, MemoryBelated()),
        now=EIGHT,
    )
    outlet = registry.outlet_by_mn("010000A8900016F000169D01")
    assert outlet is not None
    assert (outlet.id, outlet.enterprise, outlet.medium) == (
        "north-gas-1",
        "ent-north",
        Medium.GAS,
    )
    assert outlet.thing == "edge-plm-9001"
    assert outlet.factors == ("a21026", "a21002", "a34013")
    assert str(outlet.reference_oxygen) == "6"
    ceilings = {one.factor: str(one.ceiling) for one in registry.limits(outlet.id)}
    assert ceilings == {"a21026": "35", "a21002": "50", "a34013": "10"}  # 环发〔2015〕164号
    device = registry.device(ThingName("edge-plm-9001"))
    assert device is not None
    assert (device.serial, device.fingerprint) == ("PLM-9001", "")


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("mn", ""), ("mn", "0100 00A8"), ("st", "99"), ("region", "1505"), ("region", "150999"),
        ("region", "150622"), ("longitude", "43.6.1"), ("longitude", "12.0"), ("latitude", "nan"),
        ("password", "1234567"), ("cipherKey", KEY[1:]), ("cipherKey", "g" * 32),
        ("factors", "a21026,a99999x"), ("factors", "w01018"),
        ("limits", "没有的"), ("limits", "城镇污水处理厂一级A"), ("attention", "国"),
        ("enterpriseZh", "#N/A"), ("process", "#REF!"),
        ("outletId", "北方"), ("serial", "#"), ("enterpriseZh", ""), ("outletZh", "长" * 101),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_cell(
    registry: MemoryRegistry, column: str, text: str
) -> None:
    assert faults(registry, row(**{column: text})) == [(2, Column(column))]


def test_rows_that_contradict_one_another_are_told_of(registry: MemoryRegistry) -> None:
    same_mn = row(3, outletId="north-gas-2")
    assert faults(registry, row(), same_mn) == [(3, Column.MN)]
    same_outlet = row(3, mn="010000A8900016F000169D02")
    assert faults(registry, row(), same_outlet) == [(3, Column.OUTLET_ID)]
    renamed = replace(outlet_row(3), cells={**outlet_row(3).cells, Column.ENTERPRISE_ZH: "南方"})
    assert faults(registry, row(), renamed) == [(3, Column.ENTERPRISE_ZH)]


def test_what_is_registered_elsewhere_is_not_taken_over(registry: MemoryRegistry) -> None:
    registry.put_outlet(STACK)
    assert faults(registry, row(mn=STACK.mn)) == [(2, Column.MN)]
    assert faults(registry, row(outletId=STACK.id)) == [(2, Column.OUTLET_ID)]


def test_one_faulty_row_holds_up_the_sheet_unless_it_is_to_be_skipped(
    registry: MemoryRegistry,
) -> None:
    rows = [outlet_row(2), row(3, mn="")]
    with pytest.raises(Conflict, match="1 rows"):
        onboard_outlets(
            CENTRE,
            rows,
            skip_faulty=False,
            world=OnboardWorld(registry, MemoryBelated()),
            now=EIGHT,
        )
    assert registry.outlet(OutletId("north-gas-2")) is None
    onboard_outlets(
        CENTRE,
        rows,
        skip_faulty=True,
        world=OnboardWorld(registry, MemoryBelated()),
        now=EIGHT,
    )
    assert registry.outlet(OutletId("north-gas-2")) is not None


def test_registering_a_sheet_twice_keeps_what_a_device_has_become(
    registry: MemoryRegistry,
) -> None:
    onboard_outlets(
        CENTRE,
        [row()],
        skip_faulty=False,
        world=OnboardWorld(registry, MemoryBelated()),
        now=EIGHT,
    )
    device = registry.device(ThingName("edge-plm-9001"))
    assert device is not None
    registry.put_device(replace(device, fingerprint="ab" * 32))
    onboard_outlets(
        CENTRE,
        [row()],
        skip_faulty=False,
        world=OnboardWorld(registry, MemoryBelated()),
        now=EIGHT,
    )
    known = registry.device(ThingName("edge-plm-9001"))
    assert known is not None
    assert known.fingerprint == "ab" * 32


def verdict(registry: MemoryRegistry, key: str) -> Verdict:
    """What the platform makes of a frame of this outlet, enciphered under a key."""
    raw = encode.frame(
        qn="20260801080000001", st="31", cn="2011", password="123456", mn=CELLS[Column.MN], flag=9,
        cp="DataTime=20260801080000;a21026-Rtd=25.0,a21026-Flag=N", key=bytes.fromhex(key),
    )  # fmt: skip
    thing = ThingName("edge-plm-9001")
    header = SegmentHeader(thing, "b", 7, CHAIN_START, EIGHT, EIGHT)
    heard = Segment(header, Payload(frames=(FrameRecord(EIGHT, raw, Verdict.OK),)), b"", b"")
    (judged,) = judge_frames(heard, Arrival(thing, b"", EIGHT), outlets_behind(thing, registry))
    return judged.verdict


def test_enciphered_frames_are_read_once_their_key_is_registered(
    registry: MemoryRegistry,
) -> None:
    onboard_outlets(
        CENTRE,
        [row()],
        skip_faulty=False,
        world=OnboardWorld(registry, MemoryBelated()),
        now=EIGHT,
    )
    assert not verdict(registry, KEY).accepted
    onboard_outlets(
        CENTRE,
        [row(cipherKey=KEY)],
        skip_faulty=False,
        world=OnboardWorld(registry, MemoryBelated()),
        now=EIGHT,
    )
    assert verdict(registry, KEY) is Verdict.OK
    assert not verdict(registry, "ff" * 16).accepted


def test_a_sheet_without_the_key_keeps_what_is_known_and_a_new_key_goes_first(
    registry: MemoryRegistry,
) -> None:
    onboard_outlets(
        CENTRE,
        [row(cipherKey=KEY)],
        skip_faulty=False,
        world=OnboardWorld(registry, MemoryBelated()),
        now=EIGHT,
    )
    known = registry.outlet(OutletId("north-gas-1"))
    assert known is not None
    registry.put_outlet(replace(known, password="newpw1", other_passwords=("123456",)))
    for said in (row(), row(cipherKey=KEY.lower()), row(cipherKey="ff" * 16)):
        onboard_outlets(
            CENTRE,
            [said],
            skip_faulty=False,
            world=OnboardWorld(registry, MemoryBelated()),
            now=EIGHT,
        )
    after = registry.outlet(OutletId("north-gas-1"))
    assert after is not None
    assert (after.password, after.other_passwords) == ("newpw1", ("123456",))
    assert after.keys == ("ff" * 16, KEY.lower())


def test_a_sheet_of_before_there_were_keys_is_still_read() -> None:
    columns = [column for column in Column if column is not Column.CIPHER_KEY]
    lines = [[HEADINGS[one].zh for one in columns], [CELLS[one] for one in columns]]
    assert rows_of(sheet(*lines)) == [row()]


def test_five_hundred_outlets_come_by_one_sheet(registry: MemoryRegistry) -> None:
    rows = [outlet_row(number) for number in range(2, 502)]
    book = rows_of(marked(rows, ()))
    assert book == rows
    report = onboard_outlets(
        CENTRE,
        book,
        skip_faulty=False,
        world=OnboardWorld(registry, MemoryBelated()),
        now=EIGHT,
    )
    assert (report.rows, len(report.sound), report.faults) == (500, 500, ())
    assert len(registry.outlets(CENTRE.scope)) == 500


def test_a_role_that_may_not_register_is_refused(registry: MemoryRegistry) -> None:
    enterprise = replace(CENTRE, role=Role.ENTERPRISE)
    enterprise = replace(enterprise, scope=Scope(enterprises=(EnterpriseId("ent-north"),)))
    with pytest.raises(Forbidden):
        check_outlets(enterprise, [row()], registry=registry)


def sheet(*lines: list[object]) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(line)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_sheet_is_read_by_its_headings_whatever_their_order() -> None:
    columns = list(reversed(Column))
    typed = {Column.ST: 31, Column.LONGITUDE: 121.3, Column.PASSWORD: 123456.0}
    (read,) = rows_of(
        sheet(
            [HEADINGS[column].zh for column in columns],
            [typed.get(column, CELLS[column]) for column in columns],
            [None] * len(columns),
        )
    )
    assert read == row()


def test_a_missing_column_is_named() -> None:
    columns = [column for column in Column if column is not Column.MN]
    with pytest.raises(BadSheet, match="MN"):
        rows_of(sheet([HEADINGS[column].zh for column in columns], ["x"]))


@pytest.mark.parametrize("content", [b"", b"no sheet", b"PK\x03\x04", bytes(5 << 20)])
def test_what_is_no_sheet_is_refused(content: bytes) -> None:
    with pytest.raises(BadSheet):
        rows_of(content)


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"]
)
@pytest.mark.parametrize("keep", [0, 0.5, 0.9])
def test_a_damaged_file_is_refused(part: str, keep: float) -> None:
    whole = marked([row()], ())
    damaged = BytesIO()
    with ZipFile(BytesIO(whole)) as before, ZipFile(damaged, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, content[: int(len(content) * keep)] if name == part else content)
    with pytest.raises(BadSheet):
        rows_of(damaged.getvalue())


@pytest.mark.parametrize(
    ("column", "typed"),
    [
        (Column.MN, 881160020170000000000001.0),
        (Column.CIPHER_KEY, 12345678901234567890123456789012.0),
    ],
)
def test_digits_that_excel_has_lost_are_not_invented(
    registry: MemoryRegistry, column: Column, typed: float
) -> None:
    """Excel keeps fifteen digits of a number; what it makes of an MN is nobody's MN."""
    cells = {**CELLS, column: typed}
    (read,) = rows_of(sheet([HEADINGS[one].zh for one in Column], [cells[one] for one in Column]))
    assert faults(registry, read) == [(2, column)]


def test_the_empty_sheet_takes_an_mn_as_text() -> None:
    book = load_workbook(BytesIO(template())).active
    letter = "ABCDEFGHIJKLMNOPQRST"[list(Column).index(Column.MN)]
    assert book.column_dimensions[letter].number_format == "@"


def test_a_sheet_behind_a_cover_is_found() -> None:
    book = Workbook()
    book.active.append(["填表说明"])
    ours = book.create_sheet("登记")
    ours.append([HEADINGS[column].zh for column in Column])
    ours.append([CELLS[column] for column in Column])
    out = BytesIO()
    book.save(out)
    assert rows_of(out.getvalue()) == [row()]


def test_faults_come_back_as_comments_on_their_cells(registry: MemoryRegistry) -> None:
    rows = [row(5, mn="")]
    report = check_outlets(CENTRE, rows, registry=registry)
    back = load_workbook(BytesIO(marked(rows, report.faults))).active
    place = list(Column).index(Column.MN) + 1
    assert back.cell(2, place).comment.text == "不能为空\nis missing"
    assert back.cell(2, place + 1).comment is None


def test_the_empty_sheet_offers_what_may_be_chosen() -> None:
    book = load_workbook(BytesIO(template())).active
    assert [cell.value for cell in book[1]] == [HEADINGS[column].zh for column in Column]
    choices = [rule.formula1 for rule in book.data_validations.dataValidation]
    assert '"国控,省控,市控,其他"' in choices


def body(content: bytes, **more: object) -> str:
    return json.dumps({"content": b64encode(content).decode(), **more})


@pytest.fixture
def caller(registry: MemoryRegistry, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    monkeypatch.setattr("plume.aws.wiring.registry", lambda: registry)
    monkeypatch.setattr("plume.aws.wiring.belated", MemoryBelated)
    with calling(PEOPLE[Role.CITY_CENTRE]) as made:
        yield made


def test_a_sheet_is_checked_and_then_registered_over_the_api(
    caller: Caller, registry: MemoryRegistry
) -> None:
    good, bad = marked([outlet_row(2)], ()), marked([outlet_row(2), row(3, mn="")], ())
    checked = caller.post("/onboarding/check", body(bad)).json_body
    (fault,) = checked["faults"]
    assert (fault["row"], fault["column"], fault["says"]["zh"]) == (3, "mn", "不能为空")
    assert [one["outletId"] for one in checked["outlets"]] == ["north-gas-2"]
    assert registry.outlet(OutletId("north-gas-2")) is None
    mended = rows_of(b64decode(checked["marked"]["content"]))
    assert [one.cells[Column.OUTLET_ID] for one in mended] == ["north-gas-1"]
    assert caller.post("/onboarding/register", body(bad)).status_code == 409
    done = caller.post("/onboarding/register", body(good)).json_body
    assert (done["registered"], done["marked"]) == (True, None)
    assert registry.outlet(OutletId("north-gas-2")) is not None


@pytest.mark.parametrize("key", [KEY, KEY[1:]])
def test_a_key_is_never_shown_back(caller: Caller, key: str) -> None:
    """Neither in a report, nor in the sheet that comes back to be mended."""
    said = sheet(
        [HEADINGS[column].zh for column in Column],
        list(row(cipherKey=key, mn="" if key == KEY else CELLS[Column.MN]).cells.values()),
    )
    answer = caller.post("/onboarding/check", body(said))
    assert key.encode() not in answer.body
    back = load_workbook(BytesIO(b64decode(answer.json_body["marked"]["content"]))).active
    cell = back.cell(2, list(Column).index(Column.CIPHER_KEY) + 1)
    assert cell.value is None
    assert ("重新填写" if key == KEY else "十六进制") in cell.comment.text


def test_registering_a_key_over_the_api_does_not_tell_it(
    caller: Caller, registry: MemoryRegistry
) -> None:
    good = sheet(
        [HEADINGS[column].zh for column in Column], list(row(cipherKey=KEY).cells.values())
    )
    done = caller.post("/onboarding/register", body(good))
    assert done.json_body["registered"]
    outlet = registry.outlet(OutletId("north-gas-1"))
    assert outlet is not None
    assert outlet.keys == (KEY.lower(),)
    assert KEY.lower().encode() not in done.body.lower()


@pytest.mark.parametrize("sent", ["{}", '{"content": "no base64!"}', body(b"no sheet"), "[]"])
def test_what_is_no_sheet_is_refused_with_words(caller: Caller, sent: str) -> None:
    answer = caller.post("/onboarding/check", sent)
    assert answer.status_code == 400
    assert answer.json_body["detailZh"] != answer.json_body["detail"]


def test_the_empty_sheet_can_be_fetched(caller: Caller) -> None:
    found = caller.get("/onboarding/sheet").json_body
    head = load_workbook(BytesIO(b64decode(found["content"]))).active[1]
    assert head[0].value == "企业编号"
