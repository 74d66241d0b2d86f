"""H.264 over RTP over the RTSP connection: RFC 3550, RFC 6184 mode 1, RFC 7826 clause 14."""

from collections.abc import Iterator, Sequence
from struct import pack

CLOCK = 90_000
"""RTP time stamps per second of video."""
PAYLOAD_TYPE = 96
_MOST_BYTES = 1400
_VERSION = 0x80
_MARKER = 0x80
_FU_A = 28
_FIRST, _LAST = 0x80, 0x40


class Sender:
    """The RTP stream of one viewer; `source` is its SSRC."""

    def __init__(self, source: int, channel: int) -> None:
        self._source, self._channel = source, channel
        self._number = 0

    def picture(self, units: Sequence[bytes], stamp: int) -> bytes:
        """Give one picture as interleaved packets; the last one bears the marker."""
        payloads = [payload for unit in units for payload in _payloads(unit)]
        last = len(payloads) - 1
        return b"".join(
            self._packet(payload, stamp, marked=place == last)
            for place, payload in enumerate(payloads)
        )

    def _packet(self, payload: bytes, stamp: int, *, marked: bool) -> bytes:
        kind = PAYLOAD_TYPE | (_MARKER if marked else 0)
        head = pack(">BBHII", _VERSION, kind, self._number, stamp & 0xFFFFFFFF, self._source)
        self._number = (self._number + 1) & 0xFFFF
        return pack(">cBH", b"$", self._channel, len(head) + len(payload)) + head + payload


def _payloads(unit: bytes) -> Iterator[bytes]:
    """Give a NAL unit whole, or in fragments (FU-A, RFC 6184 clause 5.8)."""
    if len(unit) <= _MOST_BYTES:
        yield unit
        return
    indicator, kind = (unit[0] & 0xE0) | _FU_A, unit[0] & 0x1F
    for place in range(1, len(unit), _MOST_BYTES):
        first = _FIRST if place == 1 else 0
        last = _LAST if place + _MOST_BYTES >= len(unit) else 0
        yield bytes((indicator, first | last | kind)) + unit[place : place + _MOST_BYTES]
