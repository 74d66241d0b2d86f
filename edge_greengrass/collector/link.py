"""One connection of a data logger: bytes in, frames to the desk, answers out."""

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Protocol, cast

from edge_greengrass.collector.configuration import Bounds, Listener
from plume.hj212.stream import FrameReader

CHUNK_BYTES = 32 * 1024
MOST_OWED = 64
"""Frames not yet settled [1] above which no more is read from their peer."""
PAUSE_SECONDS = 2.0
"""A frame that lacks only its line end is taken as whole when the peer pauses this long."""

_CHUNK = bytearray(CHUNK_BYTES)
"""Where every read lands: the loop fills it and hands it over within one call, so it is shared."""


class Hall(Protocol):
    """Where links come in and go out, and where they hand in."""

    @property
    def bounds(self) -> Bounds:
        """What a peer may cost."""

    def enter(self, link: "Link") -> bool:
        """Let a link in; False when it must go."""

    def hand_in(self, link: "Link", frames: Sequence[bytes]) -> None:
        """Take frames; the link is told of each by `settle`."""

    def gone(self, link: "Link", reason: str) -> None:
        """Forget a link."""


class Link(asyncio.BufferedProtocol):
    """One TCP connection.

    At most a chunk and MOST_OWED frames are outstanding: a peer that sends faster than the disk
    can write is slowed by TCP, and each turn costs the others little. One that does not read its
    answers is not listened to.
    """

    def __init__(
        self, hall: Hall, listener: Listener, clock: Callable[[], float] = monotonic
    ) -> None:
        self._hall, self._clock = hall, clock
        self.listener = listener
        self._frames = FrameReader()
        self._heard_at = clock()
        self._flushed = False
        self._partial_since: float | None = None
        self._blocked_since: float | None = None
        self._owed = 0
        self._left = float(hall.bounds.frames)
        self._topped_at = clock()
        self._reading = True
        self._reason = ""
        self._transport: asyncio.Transport | None = None
        self.host = self.peer = "?"
        self.proven = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Come in, or be turned away."""
        self._transport = cast("asyncio.Transport", transport)
        host, port, *_ = transport.get_extra_info("peername") or ("?", 0)
        self.host, self.peer = str(host), f"{host}:{port}"
        if not self._hall.enter(self):
            self.dismiss()

    @property
    def slowed(self) -> bool:
        """Whether the peer brings more than its rate, so that it is not read for a while."""
        return self._left <= 0

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002, the loop's own words
        """Lend the chunk."""
        return _CHUNK

    def buffer_updated(self, nbytes: int) -> None:
        """Take what was read."""
        self._heard_at, self._flushed = self._clock(), False
        self._take(self._frames.feed(bytes(_CHUNK[:nbytes])))

    def eof_received(self) -> bool:
        """Answer what is outstanding, then hang up."""
        self._take(self._frames.flush())
        self.leave("closed")
        return bool(self._owed)

    def connection_lost(self, exc: Exception | None) -> None:
        """Go."""
        self._hall.gone(self, self._reason or (type(exc).__name__ if exc else "closed"))

    def pause_writing(self) -> None:
        """Stop listening to a peer that does not read its answers."""
        self._blocked_since = self._clock()
        self._regulate()

    def resume_writing(self) -> None:
        """Listen again."""
        self._blocked_since = None
        self._regulate()

    def settle(self, frames: int, answers: bytes) -> None:
        """Take the answers to so many frames."""
        self._owed -= frames
        if self._transport is None or self._transport.is_closing():
            return
        if answers:
            self._transport.write(answers)
        self._regulate()
        if self._reason and not self._owed:
            self._transport.close()

    async def say(self, raw: bytes) -> None:
        """Send one frame of a dialogue; a peer that does not read is hung up on by `check`.

        Raises:
            OSError: the connection is gone.
        """
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("closed")
        self._transport.write(raw)

    def leave(self, reason: str) -> None:
        """Read no more, and hang up once all that was handed in is settled."""
        self._reason = self._reason or reason
        self._regulate()
        if self._transport is not None and not self._owed:
            self._transport.close()

    def dismiss(self) -> None:
        """Hang up at once."""
        if self._transport is not None:
            self._transport.abort()

    def check(self) -> None:
        """Look whether the peer has been silent, slow or deaf for too long; called ever again."""
        now, bounds = self._clock(), self._hall.bounds
        quiet = now - self._heard_at
        if self._frames.pending_bytes and quiet >= PAUSE_SECONDS and not self._flushed:
            self._flushed = True
            self._take(self._frames.flush())
        self._top_up(now)
        since = (self._heard_at, bounds.idle), (self._partial_since, bounds.partial)
        limits = (*since, (self._blocked_since, bounds.drain))
        if any(start is not None and now - start >= most for start, most in limits):
            self._reason = self._reason or "timeout"
            self.dismiss()

    def _take(self, frames: Sequence[bytes]) -> None:
        self._note_partial(whole=bool(frames))
        if frames:
            self._owed += len(frames)
            self._left -= len(frames)
            self._hall.hand_in(self, frames)
            self._regulate()

    def _note_partial(self, *, whole: bool) -> None:
        """Start the clock of a frame that has begun; a whole one in between starts it anew."""
        if not self._frames.pending_bytes:
            self._partial_since = None
        elif whole or self._partial_since is None:
            self._partial_since = self._clock()

    def _top_up(self, now: float) -> None:
        """Allow what the rate gives; a peer that was slowed meanwhile has not been silent."""
        bounds = self._hall.bounds
        if self.slowed:
            self._heard_at = now
            self._partial_since = None if self._partial_since is None else now
        more = (now - self._topped_at) * bounds.frames_per_second
        self._left = min(float(bounds.frames), self._left + more)
        self._topped_at = now
        self._regulate()

    def _regulate(self) -> None:
        """Read while little is outstanding and the peer reads; touch the transport on a change."""
        free = self._owed <= MOST_OWED and not self.slowed
        reading = free and self._blocked_since is None and not self._reason
        if reading != self._reading and self._transport is not None:
            self._reading = reading
            if reading:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()
