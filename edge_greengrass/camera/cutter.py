"""The cutter: packets of one connection become pieces, at key frames, without being re-encoded."""

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from edge_greengrass.camera.piece import Piece
from edge_greengrass.camera.ring import Ring

_LONGEST_SECONDS = 60.0
"""A camera that gives no key frame for so long makes film that nobody can jump into."""

_FORGIVEN_SECONDS = 0.1
"""So that a key frame each second, give or take a little, makes pieces of two seconds."""


class NoKeyFrame(OSError):
    """The camera gave no key frame for a minute."""


class Cutter:
    """Cuts the packets of one connection.

    A piece's place on the edge's clock is reckoned when it closes, from the packet that took the
    shortest way: what a server sends in a burst, or a network holds up, does not shift it.

    Args:
        ring: takes the pieces.
        stream: the camera's video stream, of H.264.
        session: when the connection was opened.
        shortest: a piece closes at the first key frame after so many seconds.
        now: the clock of the edge.
    """

    def __init__(
        self,
        ring: Ring,
        stream: VideoStream,
        session: datetime,
        shortest: float,
        now: Callable[[], datetime],
    ) -> None:
        self._ring, self._stream, self._session = ring, stream, session
        self._shortest, self._now = shortest, now
        self._draft: _Draft | None = None

    def take(self, packet: "Packet[VideoStream]") -> Piece | None:
        """Take one packet; give the piece that it closed, if it did.

        Raises:
            NoKeyFrame: the piece grew too long.
            OSError: the disk failed.
        """
        at = _seconds(packet)
        if at is None:
            return None
        closed = self._closed_by(packet, at)
        if self._draft is None and packet.is_keyframe:
            self._draft = _Draft(self._ring, self._stream, at)
        if self._draft is not None:
            self._draft.write(packet, self._now() - timedelta(seconds=at))
        return closed

    def drop(self) -> None:
        """Leave the unfinished piece: its file is written over by the next one."""
        if self._draft is not None:
            self._draft.close()
            self._draft = None

    def _closed_by(self, packet: "Packet[VideoStream]", at: float) -> Piece | None:
        draft = self._draft
        if draft is None:
            return None
        length = at - draft.first
        if not packet.is_keyframe or length < self._shortest - _FORGIVEN_SECONDS:
            if length > _LONGEST_SECONDS:
                raise NoKeyFrame(f"no key frame for {length:.0f} s")
            return None
        self._draft = None
        draft.close()
        start, end = _whole(draft.moment(draft.first)), _whole(draft.moment(at))
        return self._ring.admit(self._ring.draft(), start, end, self._session)


class _Draft:
    """The piece being written, from time stamp `first` [s]; `zero` is the moment of stamp 0."""

    def __init__(self, ring: Ring, stream: VideoStream, first: float) -> None:
        self.first = first
        self.zero: datetime | None = None
        self._out: OutputContainer = av.open(str(ring.draft()), "w", format="mpegts")
        self._stream = self._out.add_stream_from_template(stream)
        self._decoded_before: int | None = None

    def write(self, packet: "Packet[VideoStream]", zero: datetime) -> None:
        """Add a packet that says stamp 0 was not later than `zero`."""
        self.zero = zero if self.zero is None else min(self.zero, zero)
        packet.dts = self._in_order(packet)
        packet.stream = self._stream
        self._out.mux(packet)

    def moment(self, at: float) -> datetime:
        """Give the moment of a time stamp [s]."""
        assert self.zero is not None  # noqa: S101, a draft is made for a packet that it is given
        return self.zero + timedelta(seconds=at)

    def close(self) -> None:
        self._out.close()

    def _in_order(self, packet: "Packet[VideoStream]") -> int:
        """Give a decoding time behind the one before; some cameras leave it out or repeat it."""
        at = packet.dts if packet.dts is not None else packet.pts or 0
        before = self._decoded_before
        self._decoded_before = at if before is None else max(at, before + 1)
        return self._decoded_before


def _seconds(packet: "Packet[VideoStream]") -> float | None:
    """Give the presentation time of a packet [s]; the first of a connection may have none."""
    if packet.pts is None or not packet.size:
        return None
    return float(packet.pts * Fraction(packet.time_base or 1))


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
