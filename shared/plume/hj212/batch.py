"""Many frames at once, strictly: the way for back-fill and for whole days of evidence.

Data loggers repeat the shape of their frames for years. The shape of a frame that was decoded
once (its header but for QN, its factors and attributes) becomes a pattern with a group for each
number; later frames of that shape are read by the pattern alone. What no pattern fits goes the
slow way through `frame.decode_anew`, so a batch accepts exactly what strict decoding accepts.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plume.hj212.envelopes import HEAD_BYTES, TAIL_BYTES, agree
from plume.hj212.frame import BadFrame, Frame, decode_anew
from plume.hj212.shapes import Shape, header_of, shape_of
from plume.model.frame import Verdict

_UNSAID = b"\0"
_ORDINAL = np.dtype(np.int32)
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
    """One known shape, and where in its groups the values and flags are.

    `channels` is the ordinal of each value's channel, as the bytes of int32.
    """

    shape: Shape
    mn: int
    channels: bytes
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
        digits = buffer[at + 2 : at + HEAD_BYTES]
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
        self._values: list[float] = []
        self._flags: list[bytes] = []
        self._read: list[tuple[int, _Shape]] = []

    def read_all(self) -> None:
        """Read every frame: by a known shape where one fits, else by strict decoding."""
        starts, ends = self._spans[:, 0], self._spans[:, 1]
        agrees: list[bool] = agree(self._buffer, starts, ends).tolist()
        buffer = self._buffer
        for at, (start, end) in enumerate(self._spans.tolist()):
            data = buffer[start + HEAD_BYTES : end - TAIL_BYTES]
            if not (agrees[at] and self._known(at, data)):
                self._decode(at, buffer[start:end], data)

    def batch(self) -> Batch:
        """Give the columns."""
        sizes = [len(shape.channels) // _ORDINAL.itemsize for _, shape in self._read]
        channels = b"".join([shape.channels for _, shape in self._read])
        return Batch(
            starts=self._spans[:, 0],
            ends=self._spans[:, 1],
            accepted=self._verdicts == 0,
            verdicts=self._verdicts,
            times=np.array(self._times, dtype=np.int64),
            mns=np.array(self._mn_of, dtype=np.int32),
            frame=np.repeat(np.array([at for at, _ in self._read], np.int32), sizes),
            channel=np.frombuffer(channels, _ORDINAL),
            value=np.array(self._values, np.float64),
            flag=np.frombuffer(b"".join(self._flags), np.uint8),
            channels=tuple(self._channels),
            mn_names=tuple(self._mns),
            rest=int(self._spans[-1, 1]) if len(self._spans) else 0,
        )

    def _known(self, at: int, data: bytes) -> bool:
        """Read a frame by a known shape; False when none fits."""
        for known in self._shapes.get(header_of(data), ()):
            match = known.shape.match(data)
            if match:
                self._take(at, known, match)
                return True
        return False

    def _take(self, at: int, known: _Shape, match: re.Match[bytes]) -> None:
        """Keep what the groups say."""
        self._read.append((at, known))
        self._mn_of[at] = known.mn
        if known.shape.timed:
            self._times[at] = int(match[2])
        groups = match.groups(_UNSAID)
        self._values += map(float, known.values(groups))
        self._flags.append(b"".join(known.flags(groups)))

    def _decode(self, at: int, raw: bytes, data: bytes) -> None:
        """Read a frame the slow way, and learn its shape."""
        try:
            frame = decode_anew(raw, strict=True)
        except BadFrame as fault:
            self._verdicts[at] = VERDICTS.index(fault.verdict)
            return
        known = self._learn(data, frame)
        shapes = self._shapes.setdefault(header_of(data), [])
        if len(shapes) < _MOST_SHAPES:
            shapes.append(known)
        match = known.shape.match(data)
        if match is not None:
            self._take(at, known, match)

    def _learn(self, data: bytes, frame: Frame) -> _Shape:
        shape = shape_of(data, frame.cp)
        names, flags = list(shape.values), shape.flags
        ordinals = [self._channels.setdefault(name, len(self._channels)) for name in names]
        return _Shape(
            shape=shape,
            mn=self._mns.setdefault(frame.mn, len(self._mns)),
            channels=np.array(ordinals, _ORDINAL).tobytes(),
            values=_getter(list(shape.values.values())),
            flags=_getter([flags.get(name.partition("-")[0], -1) for name in names]),
        )


def _getter(places: list[int]) -> Callable[[Any], tuple[bytes, ...]]:
    """Give a function that picks these groups, always as a tuple."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda groups: tuple(groups[place] for place in places)
