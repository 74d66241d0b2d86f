"""Cameras for tests: a real RTSP server in a process of its own, and a client that is not ours."""

import json
import socket
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
        try:
            yield f"rtsp://127.0.0.1:{told}/camera"
        finally:
            one.stdin.close()


def slices(film: str, *, length_prefixed: bool = False, **options: object) -> Iterator[bytes]:
    """Give the coded slices (NAL types 1 and 5) of a film or a camera, as they are."""
    apart = _length_prefixed if length_prefixed else _start_coded
    with av.open(film, **options) as opened:
        for packet in opened.demux(video=0):
            for unit in apart(bytes(packet)):
                if unit and unit[0] & 0x1F in {1, 5}:
                    yield unit


def _start_coded(content: bytes) -> Iterator[bytes]:
    """Take the NAL units of MPEG-TS or RTSP apart (ISO/IEC 14496-10, annex B)."""
    for unit in content.split(b"\0\0\1"):
        yield unit.rstrip(b"\0")


def _length_prefixed(content: bytes) -> Iterator[bytes]:
    """Take the NAL units of MP4 apart (ISO/IEC 14496-15)."""
    while content:
        length = 4 + int.from_bytes(content[:4])
        yield content[4:length]
        content = content[length:]


@contextmanager
def twin_cameras(folder: Path, scenes: dict[str, str]) -> Iterator[str]:
    """Play the twin's cameras, scene by camera, in a process of its own; give host and port."""
    config = folder / "twin-cameras.json"
    listed = [{"cameraId": name, "scene": scene} for name, scene in scenes.items()]
    config.write_text(json.dumps({"host": "127.0.0.1", "port": 0, "cameras": listed}))
    words = [sys.executable, "-m", "edge_greengrass.twin.video", "--config", str(config)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as one:  # noqa: S603
        assert one.stdout is not None
        opened = json.loads(one.stdout.readline())
        try:
            yield f"127.0.0.1:{opened['port']}"
        finally:
            one.terminate()
            one.communicate(timeout=20)


def turn(url: str, scene: str) -> None:
    """Turn a twin's camera to another scene."""
    host, port = url.removeprefix("rtsp://").partition("/")[0].split(":")
    body = f"scene: {scene}"
    head = f"SET_PARAMETER {url} RTSP/1.0\r\nCSeq: 1\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall((head + body).encode())
        assert line.recv(4096).startswith(b"RTSP/1.0 200 ")
