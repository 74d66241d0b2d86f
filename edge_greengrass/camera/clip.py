"""A clip (录像): pieces put together as one MP4, bit for bit, that plays while it is fetched."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from edge_greengrass.camera.film import DamagedFilm, film_faults, opened
from edge_greengrass.camera.piece import Piece

_CLOCK = 90_000
_WRAP = 1 << 33
"""Time stamps of MPEG-TS begin anew after 26 hours. Source: ISO/IEC 13818-1, 2.4.3.7."""
_GAP = timedelta(seconds=1)


def write_clip(pieces: Sequence[Piece], target: Path) -> tuple[Piece, ...]:
    """Write the pieces one behind the other; what was not filmed is a picture that stands.

    Give the pieces that are shown: a damaged one is left out.

    Raises:
        OSError: the disk failed.
    """
    with (
        film_faults(target.name),
        av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as out,
    ):
        track = _Track(out)
        return tuple(piece for piece in pieces if track.add(piece))


def is_complete(pieces: Sequence[Piece], start: datetime, end: datetime) -> bool:
    """Tell whether the pieces show all of `[start, end)`, give or take a second."""
    if not pieces:
        return False
    gaps = [later.start - earlier.end for earlier, later in pairwise(pieces)]
    edges = [pieces[0].start - start, end - pieces[-1].end]
    return max(gaps + edges) <= _GAP


class _Track:
    """The one track of a clip, and where on it the next piece begins."""

    def __init__(self, out: OutputContainer) -> None:
        self._out = out
        self._stream: VideoStream | None = None
        self._begin: datetime | None = None
        self._before: tuple[datetime, int, int] | None = None
        self._last = -1

    def add(self, piece: Piece) -> bool:
        """Add a piece; whether there is anything to be read in it."""
        try:
            with opened(piece) as film:
                source = film.streams.video[0]
                packets = [one for one in film.demux(source) if one.size and one.dts is not None]
                if packets:
                    self._copy(piece, source, packets)
        except DamagedFilm:
            return False
        return bool(packets)

    def _copy(
        self, piece: Piece, source: VideoStream, packets: list["Packet[VideoStream]"]
    ) -> None:
        if self._stream is None:
            self._stream, self._begin = self._out.add_stream_from_template(source), piece.start
        shift = self._place(piece, packets[0].dts or 0) - (packets[0].dts or 0)
        for packet in packets:
            late = (packet.pts or 0) - (packet.dts or 0)
            packet.dts = self._last = max(self._last + 1, (packet.dts or 0) + shift)
            packet.pts = packet.dts + late
            packet.time_base = Fraction(1, _CLOCK)
            packet.stream = self._stream
            self._out.mux(packet)

    def _place(self, piece: Piece, first: int) -> int:
        """Say where a piece belongs: behind its session's piece before, or by the clock."""
        assert self._begin is not None  # noqa: S101, the first piece has set it
        place = int((piece.start - self._begin).total_seconds() * _CLOCK)
        if self._before is not None and self._before[0] == piece.session:
            _, stamp, before = self._before
            place = before + (first - stamp) % _WRAP
        self._before = (piece.session, first, place)
        return place
