"""Many frames at once, strictly: the way for back-fill and for whole days of evidence.

Data loggers repeat the shape of their frames for years. The shape of a frame that was decoded
once (its header but for QN, its factors and attributes) becomes a pattern with a group for each
number; later frames of that shape are read by the pattern alone. What no pattern fits goes the
slow way through `frame.decode`, so a batch accepts exactly what strict decoding accepts.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from string import digits
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plume.hj212 import codes
from plume.hj212.checksum import crcs
from plume.hj212.dialect import NUMBER, tokens
from plume.hj212.frame import BadFrame, Frame, decode
from plume.hj212.moments import moment
from plume.model.frame import Verdict

_HEAD_BYTES, _TAIL_BYTES = 6, 6
_QN_END = len("QN=20240601090000001;")
_QN = rb"QN=([0-9]{10})[0-5][0-9][0-5][0-9][0-9]{3};"
_TIME = rb"([0-9]{10}[0-5][0-9][0-5][0-9])"
_NUMBER = b"(" + NUMBER.pattern.encode() + b")"
_FLAG = rb"([NFMSDCTB])"
_UNSAID = b"\0"
_LINE_END = int.from_bytes(b"\r\n", "little")
_TO_LETTERS = ord("A") - ord("9") - 1
_MOST_SHAPES = 8
VERDICTS = (Verdict.OK, Verdict.REJECT_CRC, Verdict.REJECT_LEN, Verdict.REJECT_SYNTAX)


@dataclass(frozen=True, slots=True)
class Batch:
    """The frames of one buffer, and every number in them, in columns.

    Attributes:
        starts: shape (frames,), int64, offset of each `##`.
        ends: shape (frames,), int64, offset after each line end.
        accepted: shape (frames,), bool.
        verdicts: shape (frames,), uint8, ordinals in `VERDICTS`.
        times: shape (frames,), int64, DataTime as the number YYYYMMDDhhmmss; 0 where none.
        mns: shape (frames,), int32, ordinals in `mn_names`; -1 where refused.
        frame: shape (points,), int32, which frame a point came from.
        channel: shape (points,), int32, ordinals in `channels`.
        value: shape (points,), float64, in the unit of the factor.
        flag: shape (points,), uint8, the letter of HJ 212-2017 table 8; 0 where not said.
        channels: `code-Attribute` of each ordinal.
        mn_names: MN of each ordinal.
        rest: the offset where the last whole frame ends.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    accepted: NDArray[np.bool_]
    verdicts: NDArray[np.uint8]
    times: NDArray[np.int64]
    mns: NDArray[np.int32]
    frame: NDArray[np.int32]
    channel: NDArray[np.int32]
    value: NDArray[np.float64]
    flag: NDArray[np.uint8]
    channels: tuple[str, ...]
    mn_names: tuple[str, ...]
    rest: int


@dataclass(frozen=True, slots=True)
class _Shape:
    """One known shape: its pattern, and where in its groups the time, values and flags are."""

    pattern: re.Pattern[bytes]
    mn: int
    channels: tuple[int, ...]
    timed: bool
    values: Callable[[Any], tuple[bytes, ...]]
    flags: Callable[[Any], tuple[bytes, ...]]


def decode_batch(buffer: bytes) -> Batch:
    """Decode frames that stand end to end, strictly.

    Args:
        buffer: frames as the collector keeps them, each from `##` to CR LF; a part of one at the
            end is left for the next call (`rest`).

    Returns:
        Columns. After a byte that begins no frame the search goes on at the next `##`.

    Source:
        HJ 212-2017, 6.3 and annex A.
    """
    spans = np.array(list(_spans(buffer)), dtype=np.int64).reshape(-1, 2)
    reader = _Reader(buffer, spans)
    reader.read_all()
    return reader.batch()


def _spans(buffer: bytes) -> Iterator[tuple[int, int]]:
    """Walk from frame to frame by their lengths; where the length is false, by the line ends."""
    at = buffer.find(b"##")
    find, end_of_line = buffer.find, b"\r\n"
    while at >= 0:
        digits = buffer[at + 2 : at + _HEAD_BYTES]
        end = at + 12 + int(digits) if digits.isdigit() else 0
        if buffer[end - 2 : end] != end_of_line:
            found = find(end_of_line, at)
            if found < 0:
                return
            end = found + 2
        yield at, end
        at = end if buffer.startswith(b"##", end) else find(b"##", end)


class _Reader:
    """Reads the frames of one buffer and gathers what they say."""

    def __init__(self, buffer: bytes, spans: NDArray[np.int64]) -> None:
        self._buffer, self._spans = buffer, spans
        self._channels: dict[str, int] = {}
        self._mns: dict[str, int] = {}
        self._shapes: dict[bytes, list[_Shape]] = {}
        count = len(spans)
        self._verdicts = np.zeros(count, np.uint8)
        self._times = [0] * count
        self._mn_of = [-1] * count
        self._values: list[bytes] = []
        self._flags: list[bytes] = []
        self._read: list[tuple[int, _Shape]] = []

    def read_all(self) -> None:
        """Read every frame: by a known shape where one fits, else by strict decoding."""
        agrees = self._checks()
        buffer = self._buffer
        for at, (start, end) in enumerate(self._spans.tolist()):
            data = buffer[start + _HEAD_BYTES : end - _TAIL_BYTES]
            if not (agrees[at] and self._known(at, data)):
                self._decode(at, buffer[start:end], data)

    def batch(self) -> Batch:
        """Give the columns."""
        sizes = [len(shape.channels) for _, shape in self._read]
        channels = [channel for _, shape in self._read for channel in shape.channels]
        return Batch(
            starts=self._spans[:, 0],
            ends=self._spans[:, 1],
            accepted=self._verdicts == 0,
            verdicts=self._verdicts,
            times=np.array(self._times, dtype=np.int64),
            mns=np.array(self._mn_of, dtype=np.int32),
            frame=np.repeat(np.array([at for at, _ in self._read], np.int32), sizes),
            channel=np.array(channels, np.int32),
            value=np.array(list(map(float, self._values)), np.float64),
            flag=np.frombuffer(b"".join(self._flags), np.uint8),
            channels=tuple(self._channels),
            mn_names=tuple(self._mns),
            rest=int(self._spans[-1, 1]) if len(self._spans) else 0,
        )

    def _checks(self) -> list[bool]:
        """Tell of each frame whether its length and its CRC agree, all at once."""
        starts, ends = self._spans[:, 0], self._spans[:, 1]
        agrees = ends - starts > _HEAD_BYTES + _TAIL_BYTES
        whole = np.flatnonzero(agrees)
        if len(whole):
            agrees[whole] = _agree(self._buffer, starts[whole], ends[whole])
        found: list[bool] = agrees.tolist()
        return found

    def _known(self, at: int, data: bytes) -> bool:
        """Read a frame by a known shape; False when none fits."""
        for shape in self._shapes.get(_key(data), ()):
            match = shape.pattern.fullmatch(data)
            if match:
                return self._take(at, shape, match.groups(_UNSAID))
        return False

    def _take(self, at: int, shape: _Shape, groups: tuple[bytes, ...]) -> bool:
        """Keep what the groups say; False when a time in them does not exist."""
        if not _is_hour(groups[0]) or (shape.timed and not _is_hour(groups[1][:10])):
            return False
        self._read.append((at, shape))
        self._mn_of[at] = shape.mn
        if shape.timed:
            self._times[at] = int(groups[1])
        self._values += shape.values(groups)
        self._flags += shape.flags(groups)
        return True

    def _decode(self, at: int, raw: bytes, data: bytes) -> None:
        """Read a frame the slow way, and learn its shape."""
        try:
            frame = decode(raw, strict=True)
        except BadFrame as fault:
            self._verdicts[at] = VERDICTS.index(fault.verdict)
            return
        shape = self._learn(data, frame)
        shapes = self._shapes.setdefault(_key(data), [])
        if len(shapes) < _MOST_SHAPES:
            shapes.append(shape)
        match = shape.pattern.fullmatch(data)
        if match is not None:
            self._take(at, shape, match.groups(_UNSAID))

    def _learn(self, data: bytes, frame: Frame) -> _Shape:
        names, flags, timed, parts = _parts(frame)
        head = data[_QN_END : data.index(b"CP=&&") + len(b"CP=&&")]
        # The empty group at the end never takes part: it is the flag of what has none.
        # The header itself is held by the key under which the shape is looked up, so that all
        # stations of one layout share a pattern.
        skipped = b".{%d}" % len(head)
        pattern = re.compile(_QN + skipped + b"".join(parts) + b"&&(?:(?!)())?", re.DOTALL)
        return _Shape(
            pattern=pattern,
            mn=self._mns.setdefault(frame.mn, len(self._mns)),
            channels=tuple(self._channels.setdefault(n, len(self._channels)) for n in names),
            timed=timed,
            values=_getter(list(names.values())),
            flags=_getter([flags.get(name.partition("-")[0], -1) for name in names]),
        )


def _agree(buffer: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Compare length, CRC and line end with what the frames themselves say, word by word."""
    fours = np.ndarray(len(buffer) - 3, np.dtype("<u4"), buffer, strides=(1,))
    pairs = np.ndarray(len(buffer) - 1, np.dtype("<u2"), buffer, strides=(1,))
    first, last = starts + _HEAD_BYTES, ends - _TAIL_BYTES
    agree: NDArray[np.bool_] = fours[starts + 2] == _digits(last - first, 10)
    agree &= fours[last] == _digits(crcs(buffer, first, last).astype(np.int64), 16)
    agree &= pairs[ends - 2] == _LINE_END
    return agree


def _digits(numbers: NDArray[np.int64], base: int) -> NDArray[np.uint32]:
    """Write four digits, the highest first, as one little-endian word of ASCII."""
    words = np.zeros(len(numbers), np.int64)
    for _ in range(4):
        numbers, digit = np.divmod(numbers, base)
        words = words << 8 | digit + ord("0") + (digit >= len(digits)) * _TO_LETTERS
    return words.astype(np.uint32)


def _key(data: bytes) -> bytes:
    return data[_QN_END : data.find(b"CP=&&")]


def _getter(places: list[int]) -> Callable[[Any], tuple[bytes, ...]]:
    """Give a function that picks these groups, always as a tuple."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda groups: tuple(groups[place] for place in places)


def _parts(frame: Frame) -> tuple[dict[str, int], dict[str, int], bool, list[bytes]]:
    """Give the groups of values and of flags by name, whether there is a time, the pattern."""
    values: dict[str, int] = {}
    flags: dict[str, int] = {}
    parts: list[bytes] = []
    group, timed = 1, False
    for name, value, separator in tokens(frame.cp):
        code, _, attribute = name.partition("-")
        part = re.escape(value.encode())
        if name == "DataTime" and group == 1:
            part, timed = _TIME, True
        elif attribute in codes.NUMERIC and NUMBER.fullmatch(value):
            part, values[name] = _NUMBER, group
        elif attribute == "Flag":
            part, flags[code] = _FLAG, group
        group += part in {_TIME, _NUMBER, _FLAG}
        parts += [re.escape(name.encode()), b"=", part, separator.encode()]
    return values, flags, timed, parts


@lru_cache(maxsize=4096)
def _is_hour(text: bytes) -> bool:
    """Whether YYYYMMDDhh exists; the digits after it are held by the pattern."""
    try:
        moment(text.decode() + "0000")
    except ValueError:
        return False
    return True
