"""Every bend of domain practice is accepted, named, and refused by strict decoding."""

from decimal import Decimal

import pytest

from plume.hj212.checksum import crc
from plume.hj212.frame import BadCrc, BadLength, BadSyntax, Edition, decode
from plume.hj212.items import data_of, number

QN, MN = "QN=20240601090000001", "MN=010000A8900016F000169DC0"
HEAD = f"{QN};ST=31;CN=2011;PW=123456;{MN};Flag=5;"
ITEM = "a21026-Rtd=1.5,a21026-Flag=N"
CP = f"DataTime=20240601080000;{ITEM}"


def raw(segment: str | bytes) -> bytes:
    data = segment.encode() if isinstance(segment, str) else segment
    return b"##%04d%s%04X\r\n" % (len(data), data, crc(data))


def with_cp(cp: str) -> bytes:
    return raw(f"{HEAD}CP=&&{cp}&&")


def with_head(head: str) -> bytes:
    return raw(f"{head}CP=&&{CP}&&")


STANDARD = with_cp(CP)
BENT = {
    "missing_crlf": STANDARD[:-2],
    "literal_line_end": STANDARD[:-2] + b"\\r\\n",
    "data_over_1024": with_cp(f"{CP};i11001-Info=//{'x' * 1000}//"),
    "single_ampersand": raw(f"{HEAD}CP=&{CP}&"),
    "missing_qn": with_head(f"ST=31;CN=2011;PW=123456;{MN};Flag=1;"),
    "missing_flag": with_head(f"{QN};ST=31;CN=2011;PW=123456;{MN};"),
    "qn_digits": with_head(HEAD.replace("20240601090000001", "202406010900000012")),
    "pw_length": with_head(HEAD.replace("123456", "12345678")),
    "mn_form": with_head(HEAD.replace("010000A8900016F000169DC0", "NJ_GD202101q")),
    "header_order": with_head(f"{QN};ST=31;CN=2011;{MN};PW=123456;Flag=5;"),
    "pno_before_pnum": with_head(HEAD.replace("Flag=5;", "Flag=7;PNO=1;PNUM=2;")),
    "zero_padded_packet_number": with_head(HEAD.replace("Flag=5;", "Flag=7;PNUM=0002;PNO=0001;")),
    "pnum_without_flag": with_head(HEAD.replace("Flag=5;", "Flag=5;PNUM=2;PNO=1;")),
    "flag_without_pnum": with_head(HEAD.replace("Flag=5;", "Flag=7;")),
    "rf_zero": with_head(HEAD + "RF=0;"),
    "unknown_field": with_head(HEAD + "XX=1;"),
    "comma_in_header": with_head(HEAD.replace(";ST", ",ST")),
    "spaces_in_header": with_head(HEAD.replace("ST=31", " ST = 31")),
    "missing_semicolon_before_cp": with_head(HEAD.removesuffix(";")),
    "unknown_st": with_head(HEAD.replace("ST=31", "ST=99")),
    "unknown_cn": with_head(HEAD.replace("CN=2011", "CN=9021")),
    "gb18030_text": raw(f"{HEAD}CP=&&{CP};i11001-Info=//零点校准完成//&&".encode("gb18030")),
    "spaces_in_cp": with_cp(f" DataTime=20240601080000; {ITEM}"),
    "trailing_semicolon": with_cp(f"{CP};"),
    "empty_item": with_cp(f"DataTime=20240601080000;;{ITEM}"),
    "comma_after_datatime": with_cp(f"DataTime=20240601080000,{ITEM}"),
    "comma_after_begintime": raw(
        f"{HEAD.replace('2011', '2051')}CP=&&BeginTime=20240601080000,EndTime=20240601090000&&"
    ),
    "comma_between_items": with_cp(f"{CP},a21002-Rtd=1"),
    "semicolon_within_item": with_cp("DataTime=20240601080000;a21026-Rtd=1.5;a21026-Flag=N"),
    "datatime_digits": with_cp(CP.replace("080000;", "080000000;")),
    "missing_datatime": with_cp(ITEM),
    "attribute_case": with_cp(CP.replace("-Flag", "-flag")),
    "unknown_attribute": with_cp(f"{CP};a21002-ValidNum=3"),
    "unknown_parameter": with_cp(f"{CP};Mood=1"),
    "factor_without_medium_letter": with_cp(CP.replace("a21026", "21026")),
    "code_case": with_cp(CP.replace("a21026", "A21026")),
    "code_2005": with_cp(CP.replace("a21026", "02")),
    "unknown_code": with_cp(f"{CP};CONC-Rtd=3"),
    "duplicate_item": with_cp(f"{CP},a21026-Rtd=2"),
    "empty_value": with_cp("DataTime=20240601080000;a21026-Rtd="),
    "not_a_number": with_cp("DataTime=20240601080000;a21026-Rtd=1_0"),
    "unknown_flag": with_cp(CP.replace("Flag=N", "Flag=St")),
}


def test_the_standard_form_has_no_warning() -> None:
    assert decode(STANDARD, strict=True).warnings == ()


@pytest.mark.parametrize("name", BENT)
def test_a_bent_frame_is_accepted_with_the_name_of_its_bend(name: str) -> None:
    assert decode(BENT[name]).warnings == (name,)


@pytest.mark.parametrize("name", BENT)
def test_strict_decoding_refuses_it(name: str) -> None:
    with pytest.raises(BadSyntax, match=name):
        decode(BENT[name], strict=True)


@pytest.mark.parametrize(
    "name",
    [
        "comma_after_datatime",
        "code_2005",
        "code_case",
        "factor_without_medium_letter",
        "attribute_case",
        "spaces_in_cp",
        "trailing_semicolon",
        "duplicate_item",
        "datatime_digits",
    ],
)
def test_a_bent_frame_says_what_a_straight_one_says(name: str) -> None:
    straight, bent = data_of(decode(STANDARD)), data_of(decode(BENT[name]))
    assert (bent.data_time, bent.items) == (straight.data_time, straight.items)


@pytest.mark.parametrize(
    ("cp", "st", "code"),
    [
        ("B01-Rtd=1", "32", "w00000"),
        ("011-Rtd=1", "32", "w01018"),
        ("02-Rtd=1", "31", "a21026"),
        ("B02-Rtd=1", "31", "a00000"),
        ("060-Rtd=1", "32", "w21003"),
        ("S01-Rtd=1", "31", "a19001"),
        ("01018-Rtd=1", "32", "w01018"),
        ("101-Rtd=1", "32", "w21011"),
    ],
)
def test_old_codes_are_read_as_todays(cp: str, st: str, code: str) -> None:
    frame = decode(raw(f"{HEAD.replace('ST=31', f'ST={st}')}CP=&&DataTime=20240601080000;{cp}&&"))
    assert list(data_of(frame).items) == [code]


@pytest.mark.parametrize(
    "damaged",
    [
        with_head(HEAD.replace("QN=20240601", "QN=20241301")),
        with_head(HEAD.replace("Flag=5", "Flag=300")),
        with_head(HEAD.replace("Flag=5;", "Flag=7;PNUM=2;PNO=3;")),
        with_head(HEAD.replace(f"{MN};", "")),
        with_head(HEAD.replace("PW=123456;", "")),
        with_head(HEAD + "ST=31;"),
        with_cp("DataTime=20240631080000;" + ITEM),
        with_cp("a21026"),
        with_cp(f"DataTime=20240601080000;{'a' * 61}-Rtd=1"),
        with_cp(f"DataTime=20240601080000;{'a' * 65}=1"),
        with_cp(CP + ";x=\x07"),
        raw(f"{HEAD}DataTime=20240601080000"),
        raw(f"{HEAD}CP=&&{CP}"),
        b"##00A1" + STANDARD[6:],
        b"",
        b"##0000",
    ],
)
def test_what_no_dialect_explains_is_refused(damaged: bytes) -> None:
    with pytest.raises(BadSyntax):
        decode(damaged)


def test_length_is_looked_at_before_the_check() -> None:
    with pytest.raises(BadLength, match="length says 105, found"):
        decode(b"##0105" + STANDARD[6:])
    with pytest.raises(BadCrc, match="CRC says 1234"):
        decode(STANDARD[:-6] + b"1234\r\n")


def test_chinese_text_counts_in_bytes() -> None:
    frame = decode(with_cp(f"{CP};i11001-Info=//校准, 开始; 完成//"), strict=True)
    assert data_of(frame).items["i11001"]["Info"] == "//校准, 开始; 完成//"


@pytest.mark.parametrize(
    "text", ["1_0", "nan", "inf", "1e309", "１", "0x1", "+1", "1.", ".5", " 1", ""]
)
def test_only_plain_decimals_are_numbers(text: str) -> None:
    assert number(text) is None


def test_digits_stay_as_transmitted() -> None:
    assert str(number("-0.50")) == "-0.50"
    assert number("20") == Decimal(20)


@pytest.mark.parametrize(
    ("flag", "edition", "answer"),
    [
        (0, "2005", False),
        (1, "2005", True),
        (4, "2017", False),
        (5, "2017", True),
        (8, "2025", False),
        (9, "2025", True),
    ],
)
def test_the_flag_tells_edition_and_answer(flag: int, edition: str, answer: bool) -> None:  # noqa: FBT001
    frame = decode(with_head(HEAD.replace("Flag=5", f"Flag={flag}")))
    assert (frame.edition, frame.wants_answer) == (Edition(edition), answer)


def test_resent_data_of_2025_are_marked() -> None:
    assert decode(with_head(HEAD.replace("Flag=5;", "Flag=9;RF=1;")), strict=True).resent


@pytest.mark.parametrize(
    "cp", [" ", ";", f"{CP}; ;a21002-Rtd=1", f" ;{CP}", f"{CP};,a21002-Rtd=1", f"{CP}; "]
)
def test_what_stands_where_an_item_should_is_a_dialect(cp: str) -> None:
    assert "empty_item" in decode(with_cp(cp)).warnings
    with pytest.raises(BadSyntax, match="empty_item"):
        decode(with_cp(cp), strict=True)


@pytest.mark.parametrize("ends", [("&", "&&"), ("&&", "&"), ("&", "&")])
def test_a_single_ampersand_on_either_side_costs_no_value(ends: tuple[str, str]) -> None:
    frame = decode(raw(f"{HEAD}CP={ends[0]}{CP}{ends[1]}"))
    assert (frame.cp, frame.warnings) == (CP, ("single_ampersand",))


def test_a_time_whose_name_is_in_another_case_is_a_time() -> None:
    frame = decode(with_cp(CP.replace("DataTime", "datatime")))
    assert frame.warnings == ("attribute_case",)
    assert data_of(frame).data_time == data_of(decode(STANDARD)).data_time


@pytest.mark.parametrize("name", ["datatime", "DATATIME", "Datatime", "begintime", "ENDTIME"])
@pytest.mark.parametrize("text", ["garbage", "", "20261301000000", "0", "2026112809"])
def test_a_time_that_is_none_is_refused_in_whatever_case_its_name_is(name: str, text: str) -> None:
    with pytest.raises(BadSyntax):
        decode(with_cp(f"{name}={text};{ITEM}"))
