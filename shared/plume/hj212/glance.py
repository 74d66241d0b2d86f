"""Frames recognised at a glance: those of a data logger and a shape that were believed before.

A receiver meets the same few shapes for years. Recognising one costs a pattern and a share of one
pass over all checks; what is not recognised is decoded and judged in full, so nothing is believed
that would not be believed without this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, TypeVar

import numpy as np

from plume.hj212.dialect import MOST_DATA_BYTES
from plume.hj212.envelopes import HEAD_BYTES, TAIL_BYTES, agree
from plume.hj212.frame import BadFrame, decode_anew
from plume.hj212.items import data_of
from plume.hj212.shapes import QN_END, Shape, Shapes, shape_of

_QN = slice(len("QN="), QN_END - 1)


_About = TypeVar("_About")


@dataclass(frozen=True, slots=True)
class Seen(Generic[_About]):
    """A recognised frame: what is known of its header, its QN, and DataTime as a number.

    `time` is YYYYMMDDhhmmss, 0 where the frame has none.
    """

    about: _About
    qn: bytes
    time: int


class Glance(Generic[_About]):
    """Remembers the shapes of at most `most` headers, the ones learned last.

    Only what was learned is recognised: teach it frames that were believed, and no others.
    """

    def __init__(self, most: int = 4096) -> None:
        self._shapes: Shapes[_About] = Shapes(most)

    def recognise(self, frames: Sequence[bytes]) -> list[Seen[_About] | None]:
        """Look at frames, each from `##` to its line end; None for one to be decoded in full."""
        if not frames:
            return []
        ends = list(accumulate(map(len, frames)))
        starts = [0, *ends[:-1]]
        whole = agree(b"".join(frames), np.array(starts, np.int64), np.array(ends, np.int64))
        return [
            self._seen(raw[HEAD_BYTES:-TAIL_BYTES]) if agrees else None
            for raw, agrees in zip(frames, whole.tolist(), strict=True)
        ]

    def learn(self, raw: bytes, about: _About) -> bool:
        """Remember the shape of a frame that was believed; False when that is of no use.

        What is said about the first frame of a header stands for all of that header.
        """
        data = raw[HEAD_BYTES:-TAIL_BYTES]
        return self._shapes.learn(data, about, lambda: _learnable(raw, data))

    def _seen(self, data: bytes) -> Seen[_About] | None:
        fit = None if len(data) > MOST_DATA_BYTES else self._shapes.fit(data)
        if fit is None:
            return None
        about, shape, match = fit
        return Seen(about, data[_QN], int(match[2]) if shape.timed else 0)


def _learnable(raw: bytes, data: bytes) -> Shape | None:
    """Give the shape of a frame, if another frame of that shape could be recognised by it."""
    try:
        frame = decode_anew(raw, strict=True)
    except BadFrame:
        return None  # a dialect, or enciphered: each is decoded in full
    shape = shape_of(data, frame.cp).outlined()
    hidden = not shape.timed and data_of(frame).data_time is not None
    return shape if shape.match(data) and not hidden else None
