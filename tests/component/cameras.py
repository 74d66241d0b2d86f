"""Cameras for tests: a real RTSP server in a process of its own, and a client that is not ours."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

SERVER = Path(__file__).with_name("rtsp_server.py")


@contextmanager
def gstreamer_camera(
    *, port: int = 0, frames_per_key: int = 10, pattern: str = "ball"
) -> Iterator[str]:
    """Serve one camera by Debian's GStreamer, ten pictures per second; give its address."""
    words = [sys.executable, str(SERVER), str(port), str(frames_per_key), pattern]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:  # noqa: S603
        assert one.stdout is not None
        assert one.stdin is not None
        told = one.stdout.readline().strip()
        assert told, "no RTSP server of Debian's GStreamer: .ci/run installs it"
        yield f"rtsp://127.0.0.1:{told}/camera"
        one.stdin.close()


def slices(film: str, **options: object) -> Iterator[bytes]:
    """Give the coded slices (NAL types 1 and 5) of a film or a camera, as sent."""
    with av.open(film, **options) as opened:
        for packet in opened.demux(video=0):
            for unit in bytes(packet).replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1"):
                if unit and unit[0] & 0x1F in {1, 5}:
                    yield unit.rstrip(b"\0")
