"""A still (静态画面): one decoded picture of a piece, and the digest of its pixels.

Decoding of H.264 is exact to the bit (ITU-T H.264, clause 8), so that whoever holds the film can
decode the picture again and find the same digest.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from edge_greengrass.camera.film import opened
from edge_greengrass.camera.piece import Piece

Pixels = NDArray[np.uint8]


class NoPicture(OSError):
    """The piece holds no picture that can be decoded."""


@dataclass(frozen=True, slots=True)
class Still:
    """One picture, shape (height, width, 3), and the SHA-256 [hex] of its planes Y, U, V."""

    at: datetime
    pixels: Pixels
    digest: str


def last_still(piece: Piece) -> Still:
    """Give the last picture of a piece.

    Raises:
        NoPicture: there is none.
        OSError: the piece cannot be read.
    """
    first, last = None, None
    with opened(piece) as film:
        for frame in film.decode(video=0):
            first, last = first or frame, frame
    if first is None or last is None:
        raise NoPicture(piece.path.name)
    at = piece.start + timedelta(seconds=(last.time or 0.0) - (first.time or 0.0))
    return Still(at, last.to_ndarray(format="rgb24").astype(np.uint8), _digest(last))


def first_luma(piece: Piece) -> Pixels:
    """Give the brightness of the key frame that a piece begins with, shape (height, width).

    Raises:
        NoPicture: there is none.
        OSError: the piece cannot be read.
    """
    with opened(piece) as film:
        film.streams.video[0].thread_type = "NONE"
        for frame in film.decode(video=0):
            return frame.to_ndarray(format="gray").astype(np.uint8)
    raise NoPicture(piece.path.name)


def _digest(frame: VideoFrame) -> str:
    """Digest the planes as the standard gives them, without padding."""
    return sha256(np.ascontiguousarray(frame.to_ndarray()).tobytes()).hexdigest()
