"""One HJ 212 frame: bytes on the wire to named fields, and nothing more."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from plume.hj212 import cipher, dialect, header
from plume.hj212.checksum import crc
from plume.hj212.refusals import BadCrc, BadFrame, BadLength, BadSyntax
from plume.hj212.shapes import QN_END, Shapes, shape_of

__all__ = [
    "BadCrc", "BadFrame", "BadLength", "BadSyntax", "Edition", "Frame",
    "decode", "decode_anew", "mn_of",
]  # fmt: skip

_LINE_END = re.compile(rb"(?:\r\n|\n|\r|\\r\\n)\Z")
_CHECK = re.compile(rb"[0-9A-Fa-f]{4}")
_LEAST_BYTES = 6
_QN = slice(len("QN="), QN_END - 1)
_BEFORE_PARAMETERS, _AFTER_PARAMETERS = b"CP=&&", b"&&"
_HEADERS_REMEMBERED = 1024
_PATIENCE = 4
_PARAMETERS = re.compile(rb"CP\s*=\s*(&&?)(.*&)\Z", re.DOTALL)
_CIPHERED = re.compile(rb"CP\s*=\s*&&(\{0x.*)&&", re.DOTALL)


class Edition(StrEnum):
    """Which edition of the standard a frame says it follows; never to be trusted alone."""

    OF_2005 = "2005"
    OF_2017 = "2017"
    OF_2025 = "2025"


@dataclass(frozen=True, slots=True)
class Frame:
    """The checked data segment of one frame (通讯包).

    `qn` is empty and `flag` 0 where a frame of 2005 leaves them out. `pnum` and `pno` are None
    unless the frame is a packet of several. `cp` is the plain text between `&&` and `&&`, as sent.
    `warnings` names each dialect met, once, in the order of `dialect.NAMES`.
    """

    qn: str
    st: str
    cn: str
    password: str
    mn: str
    flag: int
    pnum: int | None
    pno: int | None
    resent: bool
    cp: str
    warnings: tuple[str, ...] = ()

    @property
    def edition(self) -> Edition:
        """What the version bits of the Flag say; a later version is read as 2025."""
        return (Edition.OF_2005, Edition.OF_2017, Edition.OF_2025)[min(self.flag >> 2, 2)]

    @property
    def wants_answer(self) -> bool:
        """Whether the sender waits for an answer (Flag bit 0)."""
        return bool(self.flag & 1)


def decode(raw: bytes, *, strict: bool = False, keys: Sequence[bytes] = ()) -> Frame:
    """Check the envelope of one frame and open it.

    Args:
        raw: from `##` to the end of line.
        strict: refuse every dialect, with the names of those met.
        keys: SM4 keys [16 bytes] to try on enciphered parameters, the current one first.

    Raises:
        BadLength: the length is wrong (looked at first).
        BadCrc: the check is wrong, under every key.
        BadSyntax: anything else.

    Source:
        HJ 212-2017, 6.3 and annex A; HJ 212-2025, annex A.2 (CRC over the plain text).
    """
    return _decoded(raw, strict, keys, _recognised)


def decode_anew(raw: bytes, *, strict: bool = False, keys: Sequence[bytes] = ()) -> Frame:
    """Decode like `decode`, with the same outcome, without a look at what was decoded before."""
    return _decoded(raw, strict, keys, _opened)


def mn_of(raw: bytes) -> str:
    """Read the MN of a frame however damaged; empty when there is none to read."""
    match = re.search(rb"MN\s*=\s*([0-9A-Za-z_.\-]{1,40})", raw)
    return match[1].decode() if match else ""


def cn_of(raw: bytes) -> str:
    """Read the CN of a frame however damaged; empty when there is none to read."""
    match = re.search(rb"CN\s*=\s*(\d{4})", raw)
    return match[1].decode() if match else ""


_Header = tuple[str, str, str, str, int, int | None, int | None, bool]
"""The fields of a frame from `st` to `resent`."""
_met: Shapes[_Header] = Shapes(_HEADERS_REMEMBERED, patience=_PATIENCE)
"""Frames without a dialect, which data loggers repeat for years: all but QN and numbers."""


class _Closed(NamedTuple):
    declared: int
    data: bytes
    check: bytes


def _decoded(
    raw: bytes,
    strict: bool,  # noqa: FBT001, as `decode` was told
    keys: Sequence[bytes],
    opened: Callable[[bytes, list[str]], Frame],
) -> Frame:
    warnings: list[str] = []
    declared, data, check = _envelope(raw, warnings)
    ciphered = _CIPHERED.search(data) if b"{0x" in data else None
    if ciphered:
        data = _deciphered(_Closed(declared, data, check), ciphered, keys)
    else:
        _check_length(declared, data)
        _check_crc(check, data)
    frame = opened(data, warnings)
    if strict and frame.warnings:
        raise BadSyntax(f"dialect: {', '.join(frame.warnings)}", zh="报文不符合标准的严格格式")
    return frame


def _recognised(data: bytes, warnings: list[str]) -> Frame:
    """Open a data segment by the shape of one that came before, if it has one and no dialect."""
    fit = None if warnings or len(data) > dialect.MOST_DATA_BYTES else _met.fit(data)
    if fit is not None:
        start = data.index(_BEFORE_PARAMETERS) + len(_BEFORE_PARAMETERS)
        parameters = data[start : -len(_AFTER_PARAMETERS)]
        return Frame(data[_QN].decode(), *fit[0], parameters.decode())
    frame = _opened(data, warnings)
    if not frame.warnings:
        _met.learn(data, _header_of(frame), lambda: shape_of(data, frame.cp))
    return frame


def _header_of(frame: Frame) -> _Header:
    return (
        frame.st,
        frame.cn,
        frame.password,
        frame.mn,
        frame.flag,
        frame.pnum,
        frame.pno,
        frame.resent,
    )


def _envelope(raw: bytes, warnings: list[str]) -> _Closed:
    line_end = b"\r\n" if raw.endswith(b"\r\n") else _odd_line_end(raw, warnings)
    end = len(raw) - len(line_end) - 4
    closed = raw[2:6], raw[6:end], raw[end : end + 4]
    whole = raw.startswith(b"##") and closed[0].isdigit() and end >= _LEAST_BYTES
    if not (whole and _CHECK.fullmatch(closed[2])):
        raise BadSyntax("no ##, length, CRC or line end", zh="缺少包头、长度、校验或包尾")
    if not closed[2].isupper() and closed[2] != closed[2].upper():
        warnings.append("lower_case_crc")
    return _Closed(int(closed[0]), closed[1], closed[2])


def _odd_line_end(raw: bytes, warnings: list[str]) -> bytes:
    match = _LINE_END.search(raw)
    line_end = match[0] if match else b""
    warnings.append("literal_line_end" if line_end.startswith(b"\\") else "missing_crlf")
    return line_end


def _check_length(declared: int, data: bytes) -> None:
    if declared != len(data):
        raise BadLength(
            f"length says {declared}, found {len(data)}",
            zh=f"长度声明 {declared}，实际 {len(data)}",
            pointer="LLLL",
        )


def _check_crc(check: bytes, data: bytes) -> None:
    computed = crc(data)
    if int(check, 16) != computed:
        raise BadCrc(
            f"CRC says {check.decode()}, computed {computed:04X}",
            zh=f"校验码声明 {check.decode()}，计算得 {computed:04X}",
            pointer="CRC",
        )


def _deciphered(closed: _Closed, ciphered: re.Match[bytes], keys: Sequence[bytes]) -> bytes:
    """Give the plain data segment; the length may be declared of either form."""
    declared, data, check = closed
    if not keys:
        raise BadSyntax("enciphered, and no key is known", zh="报文已加密，且无可用密钥")
    for key in keys:
        parameters = cipher.decrypt(ciphered[1], key)
        if parameters is None:
            raise BadSyntax("damaged cipher text", zh="密文损坏", pointer="CP")
        plain = data[: ciphered.start(1)] + parameters + data[ciphered.end(1) :]
        if int(check, 16) == crc(plain) and dialect.is_text(parameters):
            if declared not in {len(plain), len(data)}:
                _check_length(declared, plain)
            return plain
    raise BadCrc("no key gives the CRC declared", zh="任何密钥均与校验码不符", pointer="CRC")


def _opened(data: bytes, warnings: list[str]) -> Frame:
    match = _PARAMETERS.search(data)
    if match is None:
        raise BadSyntax("no CP=&& .. &&", zh="缺少 CP=&& .. &&", pointer="CP")
    closing = _AFTER_PARAMETERS if match[2].endswith(_AFTER_PARAMETERS) else b"&"
    if min(len(match[1]), len(closing)) == 1:
        warnings.append("single_ampersand")
    head = header.parse(data[: match.start()], warnings)
    try:
        cp = dialect.text_of(match[2].removesuffix(closing), warnings)
        dialect.inspect(cp, head, warnings)
    except ValueError as fault:
        raise BadSyntax(str(fault), zh="CP 数据区格式有误", pointer="CP") from fault
    if len(data) > dialect.MOST_DATA_BYTES:
        warnings.append("data_over_1024")
    return Frame(*head.fields, cp=cp, warnings=dialect.in_order(warnings))
