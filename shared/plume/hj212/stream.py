"""Frames out of a byte stream that may be cut, glued, damaged or hostile.

What comes out depends on the bytes alone, never on how the network cut them into chunks. A frame
ends where its length says, if the check agrees there; else at the first `&`, four hexadecimal
digits and an end of line, or where a line ends behind `&&` without a check. So a frame with a
false length or check is handed out too, to be kept as evidence, and a false claim of length never
delays the frame after it.
"""

import re

from plume.hj212.checksum import crc

MOST_BYTES = 16 * 1024
"""No frame is longer: 1024 characters of data, five times that when they are enciphered, and
room for a length that claims up to 9999."""
SLICE_BYTES = 32 * 1024
"""More than this is never taken in at once; with MOST_BYTES it bounds the buffer to 64 KiB."""

_HEAD = re.compile(rb"##(?:\d{4}|[^#\r\n]{4}(?=[A-Z]{2}=))")
"""Four digits; or four of anything before a field, which is a frame with a length that is none."""
_PARTIAL_HEAD = re.compile(rb"#(?:#(?:[^#\r\n]{0,3}|[^#\r\n]{4}[A-Z]{0,2})?)?\Z")
_RESTART = re.compile(rb"##\d{4}(?=[A-Za-z]{2,4}\s*=)")
_END = re.compile(
    rb"&(?:[0-9A-Fa-f]{4}(?:\r\n|\n|\r(?=[^\n])|\\r\\n|(?=##\d))|(?<=&&)(?<!=&&)[^&\r\n]{0,8}\r\n)"
)
"""A check and an end of line; or `&&` and an end of line with something between that is none, but
not the `&&` that opens the parameters."""
_CHECK = re.compile(rb"&[0-9A-Fa-f]{4}")
_PART_OF_CHECK = re.compile(rb"[0-9A-Fa-f]*")
_LINE_ENDS = (b"\r\n", b"\\r\\n", b"\n", b"\r")
_HEAD_BYTES = 6
_CRC_BYTES = 4
_TAIL_BYTES = _CRC_BYTES + len(b"\r\n")


class FrameReader:
    """Cuts one connection's bytes into raw frames; the buffer never exceeds 64 KiB.

    `noise_bytes` counts what belonged to no frame.
    """

    def __init__(self) -> None:
        self.noise_bytes = 0
        self._buffer = b""

    @property
    def pending_bytes(self) -> int:
        """How many bytes wait for the rest of their frame."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes; give the frames they complete, each from `##` to its line end."""
        frames: list[bytes] = []
        plain = 0 if self._buffer else _take_plain(data, frames)
        for start in range(plain, len(data), SLICE_BYTES):
            self._buffer += data[start : start + SLICE_BYTES]
            self._cut(frames)
        return frames

    def flush(self) -> list[bytes]:
        """Give the frame that only lacks its line end, when the peer has said no more."""
        frames: list[bytes] = []
        held, noise = self._buffer, self.noise_bytes
        self._buffer += b"\r\n" if not held.endswith(b"\r") else b"\n"
        self._cut(frames)
        if frames:
            frames[-1] = frames[-1].removesuffix(b"\n").removesuffix(b"\r")
            return frames
        self._buffer, self.noise_bytes = held, noise
        return []

    def _cut(self, frames: list[bytes]) -> None:
        buffer, at = self._buffer, 0
        while (head := _HEAD.search(buffer, at)) is not None:
            self.noise_bytes += head.start() - at
            at = head.start()
            end = _end_of_frame(buffer, at)
            if end is None:
                break
            at = self._take(at, end, frames)
        else:
            at = self._skip_noise(at)
        self._buffer = buffer[at:]

    def _take(self, at: int, end: int, frames: list[bytes]) -> int:
        """Hand out `[at, end)`, or count it as noise when no frame ends there (end < 0)."""
        if end < 0:
            self.noise_bytes += -end - at
            return -end
        frames.append(self._buffer[at:end])
        return end

    def _skip_noise(self, at: int) -> int:
        """Forget what cannot begin a frame."""
        partial = _PARTIAL_HEAD.search(self._buffer, at)
        keep = partial.start() if partial else len(self._buffer)
        self.noise_bytes += keep - at
        return keep


def _take_plain(data: bytes, frames: list[bytes]) -> int:
    """Take frames that stand whole and end to end, which is what most peers send; give how far.

    A quick look that never differs from the long one: see `_is_one_frame`.
    """
    at = 0
    while True:
        declared = data[at + 2 : at + _HEAD_BYTES]
        end = at + _HEAD_BYTES + int(declared) + _TAIL_BYTES if declared.isdigit() else at
        frame = data[at:end]
        if not _is_one_frame(frame):
            return at
        frames.append(frame)
        at = end


def _is_one_frame(data: bytes) -> bool:
    """Whether this is a frame and nothing else.

    Length and check agree at the very end, and nothing before it could end a frame or begin one.
    """
    declared = data[2:_HEAD_BYTES]
    if not (data.startswith(b"##") and data.endswith(b"\r\n") and declared.isdigit()):
        return False
    end = _HEAD_BYTES + int(declared)
    if len(data) != end + _CRC_BYTES + len(b"\r\n") or len(data) > MOST_BYTES:
        return False
    if data.find(b"\r") < len(data) - 2 or b"\\" in data or data.find(b"##", 2) >= 0:
        return False
    if data.find(b"\n") < len(data) - 1 or not _CHECK.match(data, end - 1):
        return False
    return int(data[end : end + _CRC_BYTES], 16) == crc(data[_HEAD_BYTES:end])


def _end_of_frame(buffer: bytes, at: int) -> int | None:
    """Find where the frame at `at` ends; None: not yet known; -n: noise up to n."""
    length = buffer[at + 2 : at + _HEAD_BYTES]
    declared = at + _HEAD_BYTES + (int(length) if length.isdigit() else 0)
    found = _END.search(buffer, at + _HEAD_BYTES, at + MOST_BYTES)
    if found is None or found.start() + 1 >= declared:
        end = _declared_end(buffer, at, declared)
        if end is None or end > 0:
            return end
    if found is not None:
        return _restart(buffer, at, found.start()) or found.end()
    if len(buffer) < at + MOST_BYTES:
        return None
    return _restart(buffer, at, at + MOST_BYTES) or -(at + 2)


def _declared_end(buffer: bytes, at: int, declared: int) -> int | None:
    """Find the end where the length says; 0: the check does not agree; None: not yet there."""
    after = declared + _CRC_BYTES
    if len(buffer) <= after:
        return None if _PART_OF_CHECK.fullmatch(buffer, declared) else 0
    if not _CHECK.match(buffer, declared - 1):
        return 0
    if int(buffer[declared:after], 16) != crc(buffer[at + _HEAD_BYTES : declared]):
        return 0
    return _line_end(buffer, after)


def _line_end(buffer: bytes, after: int) -> int | None:
    """Find where the end of line at `after` ends, if there is one; None: not yet known."""
    rest = buffer[after : after + 4]
    for line_end in _LINE_ENDS:
        if rest.startswith(line_end) and rest != b"\r":
            return after + len(line_end)
        if line_end.startswith(rest):
            return None
    return after


def _restart(buffer: bytes, at: int, before: int) -> int:
    """Give minus the offset of a new frame that begins inside this one; 0 when there is none."""
    again = _RESTART.search(buffer, at + _HEAD_BYTES, before)
    return -again.start() if again else 0
