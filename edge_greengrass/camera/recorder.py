"""The recorder: pulls one camera over RTSP into its ring, and calls again when it is cut off."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from edge_greengrass.camera.cutter import Cutter
from edge_greengrass.camera.piece import Piece
from edge_greengrass.camera.ring import Ring

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_OPEN_SECONDS, _READ_SECONDS = 10.0, 10.0
_OPTIONS = {
    # Over TCP nothing is lost on the way, and one connection passes any firewall.
    "rtsp_transport": "tcp",
    # What the camera's SDP tells is enough; looking for more costs seconds of the first film.
    "analyzeduration": "500000",
}


class NotOurs(OSError):
    """The camera sends no H.264; the message says what it sends."""


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told, from the recorder's own thread."""

    piece: Callable[[Piece], None]
    lost: Callable[[str], None]


class Recorder:
    """Records one camera in a thread of its own until stopped.

    Args:
        urls: rtsp://, with the camera's account when it wants one; never told to anyone. When one
            gives no H.264 the next is tried: a camera's sub-stream, as a rule.
        ring: where the pieces go.
        ears: who is told of each piece, and of each loss of the camera with its reason.
        shortest: length of a piece [s]; it ends with the first key frame after that.
    """

    def __init__(
        self, urls: Sequence[str], ring: Ring, ears: Ears, *, shortest: float = 2.0
    ) -> None:
        self._urls, self._ring, self._ears, self._shortest = urls, ring, ears, shortest
        self._turn = 0
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="recorder", daemon=True)
        self._pause = _FIRST_PAUSE

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End, within the time that one read may take."""
        self._stopping.set()
        self._thread.join(_OPEN_SECONDS + _READ_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._record(self._urls[self._turn % len(self._urls)])
            except NotOurs as fault:
                self._ears.lost(_reason(fault))
                self._turn += 1
            except (av.FFmpegError, OSError) as fault:
                self._ears.lost(_reason(fault))
            self._stopping.wait(self._pause)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _record(self, url: str) -> None:
        """Record one connection until it ends.

        Raises:
            NotOurs: of another codec.
            OSError: the camera or the disk failed.
        """
        timeouts = (_OPEN_SECONDS, _READ_SECONDS)
        with av.open(url, options=_OPTIONS, timeout=timeouts) as camera:
            stream = _h264(camera)
            cutter = Cutter(self._ring, stream, _now(), self._shortest, _now)
            try:
                self._cut(camera, stream, cutter)
            finally:
                with suppress(av.FFmpegError, OSError):  # it may be the disk that failed
                    cutter.drop()
        if not self._stopping.is_set():
            raise ConnectionResetError("the camera ended the stream")

    def _cut(self, camera: InputContainer, stream: VideoStream, cutter: Cutter) -> None:
        for packet in camera.demux(stream):
            if self._stopping.is_set():
                return
            piece = cutter.take(packet)
            if piece is not None:
                self._pause = _FIRST_PAUSE
                self._ears.piece(piece)


def _h264(camera: InputContainer) -> VideoStream:
    video = next(iter(camera.streams.video), None)
    if video is None:
        raise NotOurs("no video")
    if video.codec_context.name != "h264":
        raise NotOurs(f"{video.codec_context.name}, not h264: choose the H.264 sub-stream")
    return video


def _reason(fault: Exception) -> str:
    """Say what broke, without the address: it may hold a password."""
    words = getattr(fault, "strerror", None) or str(fault)
    return f"{type(fault).__name__}: {words}"


def _now() -> datetime:
    return datetime.now(tz=UTC)
