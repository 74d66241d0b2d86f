"""The fields of a data segment before CP: standard form by one pattern, dialects by hand."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from plume.hj212.commands import CN, ST
from plume.hj212.refusals import BadSyntax

_STANDARD = re.compile(
    rb"QN=(\d{17});ST=([0-9A-Z]{2});CN=(\d{4});PW=([^;&=,\s]{6});MN=([0-9A-F]{24});Flag=(\d{1,3});"
    rb"(?:PNUM=([1-9]\d{0,3});PNO=([1-9]\d{0,3});)?(RF=1;)?"
)
_ORDER = ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF")
_FIELD = re.compile(r"\s*([A-Za-z]+)\s*=\s*([^;,=&]*?)\s*(?:[;,]|\Z|(?=CP))")
_FORMS = {
    "QN": re.compile(r"\d{14,20}"),
    "ST": re.compile(r"[0-9A-Z]{2}"),
    "CN": re.compile(r"\d{4}"),
    "PW": re.compile(r"[!-%'-+\--:<>-~]{1,24}"),
    "MN": re.compile(r"[0-9A-Za-z_.\-]{1,40}"),
    "Flag": re.compile(r"\d{1,3}"),
    "PNUM": re.compile(r"\d{1,6}"),
    "PNO": re.compile(r"\d{1,6}"),
    "RF": re.compile(r"[01]"),
}
_NEEDED = ("ST", "CN", "PW", "MN")
_MN = re.compile(r"[0-9A-F]{24}")
PACKET_BIT = 2
MOST_FLAG = 255


class Header(NamedTuple):
    """The fields of one data segment, as `Frame` takes them."""

    qn: str
    st: str
    cn: str
    password: str
    mn: str
    flag: int
    pnum: int | None
    pno: int | None
    resent: bool

    @property
    def fields(self) -> tuple[str, str, str, str, str, int, int | None, int | None, bool]:
        """All of them, in order."""
        return tuple(self)  # type: ignore[return-value]  # a NamedTuple is that tuple


def parse(head: bytes, warnings: list[str]) -> Header:
    """Read the fields before `CP=`; add the dialects met to `warnings`.

    Raises:
        BadSyntax: ST, CN, PW or MN is missing, a field is malformed, or QN is no time.
    """
    match = _STANDARD.fullmatch(head)
    given = _standard(match) if match else _lenient(head, warnings)
    header = Header(
        qn=given.get("QN", ""),
        st=given["ST"],
        cn=given["CN"],
        password=given["PW"],
        mn=given["MN"],
        flag=int(given.get("Flag", "0")),
        pnum=int(given["PNUM"]) if "PNUM" in given else None,
        pno=int(given["PNO"]) if "PNO" in given else None,
        resent=given.get("RF") == "1",
    )
    _check(header, warnings)
    return header


def _standard(match: re.Match[bytes]) -> dict[str, str]:
    qn, st, cn, pw, mn, flag, pnum, pno, rf = match.groups()
    given = {
        "QN": qn.decode(),
        "ST": st.decode(),
        "CN": cn.decode(),
        "PW": pw.decode("latin-1"),
        "MN": mn.decode(),
        "Flag": flag.decode(),
    }
    if pnum:
        given |= {"PNUM": pnum.decode(), "PNO": pno.decode()}
    if rf:
        given["RF"] = "1"
    return given


def _lenient(head: bytes, warnings: list[str]) -> dict[str, str]:
    text = head.decode("latin-1")
    given: dict[str, str] = {}
    at = 0
    while at < len(text.rstrip()):
        match = _FIELD.match(text, at)
        if match is None:
            raise BadSyntax(f"unreadable header at {text[at : at + 20]!r}", zh="包头字段无法识别")
        _keep(given, match[1], match[2])
        at = match.end()
    _note_separators(text, warnings)
    _note_fields(given, warnings)
    return given


def _keep(given: dict[str, str], name: str, value: str) -> None:
    if name in given:
        raise BadSyntax(f"{name} stands twice", zh=f"{name} 重复", pointer=name)
    form = _FORMS.get(name)
    if form and not form.fullmatch(value):
        raise BadSyntax(f"{name} is {value!r}", zh=f"{name} 格式错误：{value}", pointer=name)
    given[name] = value


def _note_separators(text: str, warnings: list[str]) -> None:
    if any(space in text for space in " \t\r\n"):
        warnings.append("spaces_in_header")
    if "," in text:
        warnings.append("comma_in_header")
    if text and text.rstrip()[-1:] not in {";", ","}:
        warnings.append("missing_semicolon_before_cp")


def _note_fields(given: Mapping[str, str], warnings: list[str]) -> None:
    for name in _NEEDED:
        if name not in given:
            raise BadSyntax(f"no {name}", zh=f"缺少 {name}", pointer=name)
    warnings += [f"missing_{name.lower()}" for name in ("QN", "Flag") if name not in given]
    known = [name for name in given if name in _ORDER]
    if len(known) != len(given):
        warnings.append("unknown_field")
    _note_order(known, warnings)
    _note_widths(given, warnings)


def _note_order(known: list[str], warnings: list[str]) -> None:
    packets = [name for name in known if name in {"PNUM", "PNO"}]
    if packets == ["PNO", "PNUM"]:
        warnings.append("pno_before_pnum")
    rest = [name for name in known if name not in packets or packets == ["PNUM", "PNO"]]
    if rest != sorted(rest, key=_ORDER.index):
        warnings.append("header_order")


def _note_widths(given: Mapping[str, str], warnings: list[str]) -> None:
    if "QN" in given and len(given["QN"]) != len("YYYYMMDDhhmmsszzz"):
        warnings.append("qn_digits")
    if len(given["PW"]) != len("123456"):
        warnings.append("pw_length")
    if not _MN.fullmatch(given["MN"]):
        warnings.append("mn_form")
    if given.get("RF") == "0":
        warnings.append("rf_zero")
    if any(given.get(name, "").startswith("0") for name in ("PNUM", "PNO")):
        warnings.append("zero_padded_packet_number")


def _check(header: Header, warnings: list[str]) -> None:
    if header.qn:
        _check_time(header.qn)
    if header.flag > MOST_FLAG:
        raise BadSyntax(
            f"Flag is {header.flag}", zh=f"Flag 超出范围：{header.flag}", pointer="Flag"
        )
    _check_packet(header, warnings)
    if header.st not in ST:
        warnings.append("unknown_st")
    if header.cn not in CN:
        warnings.append("unknown_cn")


def _check_time(qn: str) -> None:
    """A QN is the local time to the millisecond; the check of eight bits cannot vouch for it."""
    try:
        datetime(*_parts(qn))  # noqa: DTZ001, only whether it exists
    except ValueError as fault:
        raise BadSyntax(f"QN is no time: {qn}", zh=f"QN 不是时间：{qn}", pointer="QN") from fault


def _parts(qn: str) -> tuple[int, int, int, int, int, int]:
    return (int(qn[:4]), int(qn[4:6]), int(qn[6:8]), int(qn[8:10]), int(qn[10:12]), int(qn[12:14]))


def _check_packet(header: Header, warnings: list[str]) -> None:
    marked, pnum, pno = bool(header.flag & PACKET_BIT), header.pnum, header.pno
    if pnum is None and pno is None:
        if marked:
            warnings.append("flag_without_pnum")
        return
    if not marked:
        warnings.append("pnum_without_flag")
    if pnum is None or pno is None or not 1 <= pno <= pnum:
        raise BadSyntax(f"packet {pno} of {pnum}", zh=f"分包号 {pno}/{pnum} 有误", pointer="PNO")
