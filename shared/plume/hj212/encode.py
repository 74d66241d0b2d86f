"""Frames as they go over the wire: what a host says, and what a data logger of ours says."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from plume.hj212 import cipher
from plume.hj212.checksum import crc
from plume.hj212.header import PACKET_BIT
from plume.hj212.moments import request_number

MOST_PARAMETER_BYTES = 900
"""What is put between `CP=&&` and `&&` of one packet: with the longest header it keeps the data
segment within 1024 bytes, and itself within the 950 of HJ 212-2017, table 3."""
MOST_DATA_BYTES = 9999


def frame(  # noqa: PLR0913, a frame has all of these fields
    *,
    qn: str,
    st: str,
    cn: str,
    password: str,
    mn: str,
    flag: int,
    cp: str,
    pnum: int | None = None,
    pno: int | None = None,
    resent: bool = False,
    key: bytes | None = None,
) -> bytes:
    """Build one frame.

    Args:
        qn: YYYYMMDDhhmmsszzz; left out of the frame when empty.
        st: system code.
        cn: command code.
        password: PW.
        mn: MN.
        flag: version bits, packet bit and answer bit; the packet bit must agree with `pnum`.
        cp: parameters without the `&&` around them.
        pnum: how many packets there are.
        pno: which packet this is, from 1.
        resent: write `RF=1` (2025).
        key: SM4 key [16 bytes]; the length declared and the CRC are those of the plain text.

    Raises:
        ValueError: the frame would be none: too long, or the packet bit disagrees.

    Source:
        HJ 212-2017, 6.3; HJ 212-2025, annex A.2.
    """
    if bool(flag & PACKET_BIT) != (pnum is not None and pno is not None):
        raise ValueError(f"Flag {flag} disagrees with packet {pno} of {pnum}")
    head = [f"QN={qn}"] if qn else []
    head += [f"ST={st}", f"CN={cn}", f"PW={password}", f"MN={mn}", f"Flag={flag}"]
    head += [f"PNUM={pnum}", f"PNO={pno}"] if pnum is not None else []
    head += ["RF=1"] if resent else []
    start = f"{';'.join(head)};CP=&&".encode()
    return _framed(start, cp.encode(), key)


def split(  # noqa: PLR0913, a frame has all of these fields
    items: Sequence[str],
    *,
    data_time: str = "",
    qn: str,
    st: str,
    cn: str,
    password: str,
    mn: str,
    flag: int,
    resent: bool = False,
    key: bytes | None = None,
) -> list[bytes]:
    """Build the frames of one set of items, several packets where one would be too long.

    Args:
        items: each `code-A=..,code-B=..`; an item is never torn.
        data_time: YYYYMMDDhhmmss, repeated in every packet.
        qn: of the first packet; each further one is a millisecond later.
        st: system code.
        cn: command code.
        password: PW.
        mn: MN.
        flag: without the packet bit; it is set where it must be.
        resent: write `RF=1` (2025).
        key: SM4 key [16 bytes], for every packet.

    Source:
        HJ 212-2017, tables C.49 and C.50.
    """
    start = f"DataTime={data_time};" if data_time else ""
    texts = [start + ";".join(group) for group in _groups(items, len(start))]
    many = len(texts) > 1
    return [
        frame(
            qn=_later(qn, at) if at else qn,
            st=st,
            cn=cn,
            password=password,
            mn=mn,
            flag=flag | PACKET_BIT if many else flag,
            cp=text,
            pnum=len(texts) if many else None,
            pno=at + 1 if many else None,
            resent=resent,
            key=key,
        )
        for at, text in enumerate(texts)
    ]


def _framed(start: bytes, parameters: bytes, key: bytes | None) -> bytes:
    plain = start + parameters + b"&&"
    if len(plain) > MOST_DATA_BYTES:
        raise ValueError(f"{len(plain)} bytes do not fit a length of four digits")
    wire = start + cipher.encrypt(parameters, key) + b"&&" if key else plain
    return b"##%04d%s%04X\r\n" % (len(plain), wire, crc(plain))


def _groups(items: Sequence[str], used: int) -> list[list[str]]:
    groups: list[list[str]] = [[]]
    length = used
    for item in items:
        size = len(item.encode()) + 1
        if groups[-1] and length + size > MOST_PARAMETER_BYTES + 1:
            groups.append([])
            length = used
        groups[-1].append(item)
        length += size
    return groups


def _later(qn: str, milliseconds: int) -> str:
    at = datetime.strptime(qn + "000+0800", "%Y%m%d%H%M%S%f%z")
    return request_number(at + timedelta(milliseconds=milliseconds))
