"""What frames mean: readings, columns, verdicts, packets."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plume.hj212 import encode
from plume.hj212.checksum import crc
from plume.hj212.frame import decode
from plume.hj212.items import data_of
from plume.hj212.moments import BEIJING, written
from plume.hj212.packets import Reassembly
from plume.hj212.readings import readings_of
from plume.hj212.telemetry import columns_of
from plume.hj212.verdict import Expected, judge_frame
from plume.model.frame import Verdict
from plume.model.identity import EnterpriseId, OutletId, RegionCode, ThingName
from plume.model.outlet import Medium, Name, Outlet
from plume.model.pollutant import catalogue, pollutant_of
from plume.model.reading import Span
from plume.model.telemetry import SeriesTable

MN = "010000A8900016F000169DC0"
NOW = datetime(2024, 6, 1, 9, tzinfo=BEIJING)
KEY = bytes([0x30] * 16)
OUTLET = Outlet(
    id=OutletId("gas-1"),
    enterprise=EnterpriseId("e"),
    name=Name("排口", "Outlet"),
    medium=Medium.GAS,
    region=RegionCode("150502"),
    mn=MN,
    st="31",
    password="123456",
    thing=ThingName("edge-1"),
    factors=(),
)


def raw(cp: str, *, cn: str = "2061", mn: str = MN, key: bytes | None = None) -> bytes:
    return encode.frame(
        qn="20240601090000001", st="31", cn=cn, password="123456", mn=mn, flag=5, cp=cp, key=key
    )


def at(time: datetime, items: str = "a21026-Avg=1,a21026-Flag=N") -> str:
    return f"DataTime={written(time)};{items}"


KNOWN = Expected("123456")


def judged(frame: bytes, expected: Expected | None = KNOWN) -> Verdict:
    return judge_frame(frame, expected=lambda mn: expected if mn == MN else None, now=NOW).verdict


def test_hour_data_become_readings_with_their_digits() -> None:
    items = (
        "a21026-Min=20.1,a21026-Avg=25.0,a21026-Max=31.2,"
        "a21026-ZsAvg=30.0,a21026-Cou=18.75,a21026-Flag=N"
    )
    (reading,) = readings_of(
        decode(raw(at(NOW - timedelta(hours=1), items))),
        OUTLET,
        known_at=NOW,
        thing="edge-1",
        sequence=7,
    )
    assert (reading.span, reading.start) == (Span.HOUR, datetime(2024, 6, 1, 0, tzinfo=UTC))
    assert [str(v) for v in (reading.minimum, reading.mean, reading.maximum)] == [
        "20.1",
        "25.0",
        "31.2",
    ]
    assert (reading.converted, reading.cumulative) == (Decimal("30.0"), Decimal("18.75"))
    assert (reading.flag, reading.valid, reading.sequence) == ("N", True, 7)


@pytest.mark.parametrize(
    ("items", "valid"),
    [
        ("a21026-Avg=1", True),
        ("a21026-Avg=1,a21026-Flag=D", False),
        ("a21026-Avg=nan,a21026-Flag=N", False),
        ("a21026-Cou=1,a21026-Flag=N", False),
    ],
)
def test_only_a_normal_mean_is_valid(items: str, valid: bool) -> None:  # noqa: FBT001
    frame = decode(raw(at(NOW, items)))
    (reading,) = readings_of(frame, OUTLET, known_at=NOW, thing="t", sequence=1)
    assert reading.valid is valid


def test_real_time_data_give_no_reading_but_a_row() -> None:
    later = NOW + timedelta(seconds=10)
    frames = [
        decode(raw(at(when, items), cn="2011"))
        for when, items in (
            (later, "a21026-Rtd=1.25,a21026-ZsRtd=1.5,a21026-Flag=D"),
            (NOW, "a21026-Rtd=1.0,a21026-Flag=N;a19001-Rtd=8"),
        )
    ]
    assert readings_of(frames[0], OUTLET, known_at=NOW, thing="t", sequence=1) == ()
    (columns,) = columns_of(frames, OUTLET)
    start = int(NOW.timestamp() * 1000)
    assert (columns.table, columns.subject) == (SeriesTable.GAS, "gas-1")
    assert columns.times.tolist() == [start, start + 10_000]
    assert columns.values["a21026"].tolist() == [1.0, 1.25]
    assert np.isnan(columns.values["a19001"][1])
    assert columns.values["a21026-Zs"][1] == 1.5
    assert bytes(columns.flags["a21026"]) == b"ND"
    assert columns.decimals["a21026"] == 2


def test_what_is_of_the_plant_goes_to_its_own_table_whatever_system_tells_it() -> None:
    """Table B.3 of HJ 212-2017: i12001 is the state of an instrument, no pollutant."""
    items = "a21026-Rtd=1.0,a21026-Flag=N;i12001-Rtd=1,i12001-Flag=N;g10401-Rtd=61.8"
    gas, process = columns_of([decode(raw(at(NOW, items), cn="2011"))], OUTLET)
    assert (gas.table, set(gas.values)) == (SeriesTable.GAS, {"a21026"})
    assert (process.table, set(process.values)) == (SeriesTable.PROCESS, {"i12001", "g10401"})
    assert process.times.tolist() == gas.times.tolist()


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        (NOW + timedelta(minutes=10), Verdict.OK),
        (NOW - timedelta(days=365), Verdict.OK),
        (NOW + timedelta(minutes=11), Verdict.QUARANTINE),
        (NOW - timedelta(days=367), Verdict.QUARANTINE),
    ],
)
def test_an_impossible_time_is_quarantined(when: datetime, verdict: Verdict) -> None:
    assert judged(raw(at(when))) is verdict


@pytest.mark.parametrize("cn", ["1011", "1062", "9011", "9014", "9015", "1013", "2011"])
def test_an_impossible_time_is_quarantined_whatever_command_brings_it(cn: str) -> None:
    """Else an answer with a time far ahead would end every silence of its outlet for ever."""
    assert judged(raw(at(NOW + timedelta(days=400)), cn=cn)) is Verdict.QUARANTINE
    assert judged(raw("DataTime=00010101000000;a21026-Avg=1", cn=cn)) is Verdict.QUARANTINE
    assert judged(raw(at(NOW), cn=cn)) is Verdict.OK


def test_a_time_is_written_with_all_its_digits_in_whatever_year() -> None:
    assert written(datetime(1, 1, 1, tzinfo=BEIJING)) == "00010101000000"


def test_each_verdict_has_its_cause() -> None:
    good = raw(at(NOW))
    assert judged(good) is Verdict.OK
    assert judged(good[:-2]) is Verdict.OK_WITH_WARNINGS
    assert judged(good[:-6] + b"1234\r\n") is Verdict.REJECT_CRC
    assert judged(b"##0001" + good[6:]) is Verdict.REJECT_LEN
    assert judged(b"hello") is Verdict.REJECT_SYNTAX
    assert judged(raw(at(NOW), mn="F" * 24)) is Verdict.UNKNOWN_MN
    assert judged(good, Expected("654321")) is Verdict.BAD_PW


def test_a_refused_frame_still_says_whose_it_is() -> None:
    damaged = b"##0001" + raw(at(NOW))[6:]
    refused = judge_frame(damaged, expected=lambda _: Expected("123456"), now=NOW)
    assert (refused.mn, refused.frame) == (MN, None)
    assert refused.reason.en.startswith("length says 1, found")


@pytest.mark.parametrize(
    ("frame", "known"),
    [
        (raw(at(NOW))[:-6] + b"1234\r\n", "123456"),
        (b"##0001" + raw(at(NOW))[6:], "123456"),
        (b"hello", "123456"),
        (raw(at(NOW)).replace(b"DataTime=", b"DataTime;"), "123456"),
        (raw(at(NOW)), "654321"),
        (raw(at(NOW)), None),
        (raw(at(NOW + timedelta(minutes=11))), "123456"),
        (raw(at(NOW - timedelta(days=367))), "123456"),
    ],
)
def test_every_refusal_says_why_in_chinese_and_in_english(frame: bytes, known: str | None) -> None:
    expected = None if known is None else Expected(known)
    refused = judge_frame(frame, expected=lambda _: expected, now=NOW)
    assert refused.verdict not in {Verdict.OK, Verdict.OK_WITH_WARNINGS}
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.reason.zh)
    assert refused.reason.en.isascii()
    assert refused.reason.en


def test_a_frame_that_is_believed_has_no_reason() -> None:
    believed = judge_frame(raw(at(NOW)), expected=lambda _: Expected("123456"), now=NOW)
    assert (believed.reason.zh, believed.reason.en) == ("", "")


def test_enciphered_frames_need_the_right_key() -> None:
    frame = raw(at(NOW), key=KEY)
    assert b"{0x" in frame
    other = bytes(16)
    assert judged(frame, Expected("123456", (KEY,))) is Verdict.OK
    assert judged(frame, Expected("123456", (other, KEY))) is Verdict.OK
    assert judged(frame, Expected("123456")) is Verdict.REJECT_SYNTAX
    assert judged(frame, None) is Verdict.UNKNOWN_MN


def test_the_length_of_the_wire_is_accepted_too() -> None:
    frame = raw(at(NOW), key=KEY)
    wire = b"##%04d" % (len(frame) - 12) + frame[6:]
    assert decode(wire, keys=(KEY,), strict=True) == decode(frame, keys=(KEY,), strict=True)
    assert judged(b"##0099" + frame[6:], Expected("123456", (KEY,))) is Verdict.REJECT_LEN


def test_packets_are_split_between_items_and_put_together_again() -> None:
    items = [f"a2{n:04d}-Avg={n}.00,a2{n:04d}-Flag=N" for n in range(60)]
    frames = encode.split(
        items,
        data_time="20240601080000",
        qn="20240601090000999",
        st="31",
        cn="2061",
        password="123456",
        mn=MN,
        flag=5,
    )
    packets = [decode(one, strict=True) for one in frames]
    assert [(p.pno, p.pnum, p.flag) for p in packets] == [
        (n + 1, len(frames), 7) for n in range(len(frames))
    ]
    assert packets[1].qn == "20240601090001000"
    assert all(len(one) <= 1024 + 12 for one in frames)
    reassembly = Reassembly()
    wholes = [reassembly.add(p) for p in [*packets[::-1][:-1], packets[1], packets[0]]]
    assert wholes[:-1] == [None] * len(packets)
    assert wholes[-1] is not None
    assert wholes[-1].cp == "DataTime=20240601080000;" + ";".join(items)


def test_packets_that_bend_what_follows_datatime_lose_no_item() -> None:
    cps = ["DataTime=20240601080000,a21026-Avg=1", "DataTime=20240601080000,a21002-Avg=2"]
    packets = [
        encode.frame(
            qn=f"2024060109000000{n}", st="31", cn="2061", password="123456", mn=MN, flag=7,
            cp=cp, pnum=2, pno=n + 1,
        )
        for n, cp in enumerate(cps)
    ]  # fmt: skip
    reassembly = Reassembly()
    _, whole = [reassembly.add(decode(one)) for one in packets[::-1]]
    assert whole is not None
    assert data_of(whole).items == {"a21026": {"Avg": "1"}, "a21002": {"Avg": "2"}}


def test_the_catalogue_knows_old_codes_and_classes_of_devices() -> None:
    table = catalogue()
    assert len(table) > 200
    assert {old: one.code for one in table.values() for old in one.codes_2005}["B01"] == "w00000"
    cod, pump = pollutant_of("w01018"), pollutant_of("g10402")
    assert cod is not None
    assert (cod.unit, cod.emission_unit, cod.medium) == ("mg/L", "kg", Medium.WATER)
    assert pump is not None
    assert pump.unit == "A"
    assert pollutant_of("x") is None


WORDS = st.sampled_from(
    [
        "QN=20240601090000001;",
        "ST=31;",
        "CN=2061;",
        "PW=123456;",
        f"MN={MN};",
        "Flag=5;",
        "CP=&&",
        "DataTime=20240601080000;",
        "a21026-Avg=",
        "1.5",
        "nan",
        "//",
        ",",
        ";",
        "=",
        "&&",
        "&",
        " ",
        "{0x00,0xFF}",
        "校准",
        "-",
        "DataTime=",
        "datatime=",
        "ENDTIME=",
        "PNUM=1;PNO=1;",
        "\x07",
        "Flag=7;",
        "RF=1;",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=14).map("".join), st.binary(max_size=12))
def test_any_bytes_whatever_get_a_verdict(text: str, tail: bytes) -> None:
    data = text.encode() + tail
    frame = b"##%04d%s%04X\r\n" % (len(data), data, crc(data))
    for candidate in (frame, frame[:-7], data, tail):
        assert judged(candidate, Expected("123456", (KEY,))) in Verdict
