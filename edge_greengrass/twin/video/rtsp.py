"""An RTSP server for the twins' cameras: RFC 2326, RTP on the same TCP connection, nothing else.

`rtsp://host:port/<cameraId>`. SET_PARAMETER with the body `scene: stack-plume` turns the camera
to another scene, so that a story or a test can cover, turn or blind it.
"""

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from edge_greengrass.twin.video.camera import TwinCamera
from edge_greengrass.twin.video.reel import Shot
from edge_greengrass.twin.video.rtp import CLOCK, PAYLOAD_TYPE, Sender

_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER, SET_PARAMETER"
_REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
}
_MOST_HEAD_BYTES = 16 << 10
_MOST_BODY_BYTES = 4 << 10
_MOST_UNSENT_BYTES = 1 << 20
"""Who does not fetch what a camera sends is let go."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, with the names of its headers in small letters."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    body: str = ""


class RtspServer:
    """Serves the cameras of a site; one task per connection."""

    def __init__(self, cameras: Mapping[str, TwinCamera]) -> None:
        self._cameras = cameras
        self._sources = count(1)
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen; give the port.

        Raises:
            OSError: the port cannot be had.
        """
        self._server = await asyncio.start_server(self._serve, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = _Visit(self._cameras, writer, next(self._sources))
        # Cancelled at the end of the program, a visit ends as if the viewer had left.
        ends = (OSError, asyncio.IncompleteReadError, asyncio.CancelledError)
        try:
            with suppress(*ends, asyncio.LimitOverrunError):
                while (request := await _request(reader)) is not None:
                    visit.answer(request)
                    await writer.drain()
        finally:
            visit.end()


class _Visit:
    """One connection: at most one camera, set up and then played."""

    def __init__(
        self, cameras: Mapping[str, TwinCamera], writer: asyncio.StreamWriter, source: int
    ) -> None:
        self._cameras, self._writer, self._source = cameras, writer, source
        self._camera: TwinCamera | None = None
        self._sender: Sender | None = None

    def answer(self, request: Request) -> None:
        """Do what is asked and say so."""
        answer = self._answer(request)
        lines = [f"RTSP/1.0 {answer.status} {_REASONS[answer.status]}"]
        head = {"CSeq": request.headers.get("cseq", "0"), **answer.headers}
        if answer.body:
            head["Content-Length"] = str(len(answer.body.encode()))
        lines += [f"{key}: {value}" for key, value in head.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n" + answer.body).encode())
        if request.method == "PLAY" and self._camera is not None:
            self._camera.join(self._show)

    def _answer(self, request: Request) -> Answer:
        if request.method == "OPTIONS":
            return Answer(200, {"Public": _METHODS})
        obey = _OBEY.get(request.method)
        if obey is None:
            return Answer(405, {"Allow": _METHODS})
        name = request.url.partition("://")[2].partition("/")[2].split("/")[0]
        camera = self._cameras.get(name)
        return Answer(404, {}) if camera is None else obey(self, request, camera)

    def end(self) -> None:
        """Leave the camera and close the connection."""
        if self._camera is not None:
            self._camera.leave(self._show)
        self._writer.close()

    def describe(self, request: Request, camera: TwinCamera) -> Answer:
        """Describe the camera."""
        headers = {"Content-Type": "application/sdp", "Content-Base": f"{request.url}/"}
        return Answer(200, headers, _sdp(camera.parameters))

    def setup(self, request: Request, camera: TwinCamera) -> Answer:
        """Take a camera, to be sent over this connection."""
        asked = request.headers.get("transport", "")
        channel = re.search(r"RTP/AVP/TCP.*interleaved=(\d{1,3})", asked)
        if channel is None:
            return Answer(461, {})
        self._camera, first = camera, int(channel[1])
        self._sender = Sender(self._source, first)
        transport = f"RTP/AVP/TCP;unicast;interleaved={first}-{first + 1}"
        return Answer(200, {"Transport": transport, **self._session()})

    def play(self, _request: Request, _camera: TwinCamera) -> Answer:
        """Begin to send."""
        if self._sender is None:
            return Answer(455, {})
        return Answer(200, {"Range": "npt=now-", **self._session()})

    def set_parameter(self, request: Request, camera: TwinCamera) -> Answer:
        """Turn the camera to another scene."""
        scene = re.search(r"^scene: *([\w-]+)", request.body, re.MULTILINE)
        try:
            camera.turn_to(scene[1] if scene else "")
        except KeyError:
            return Answer(400, {})
        return Answer(200, {})

    def keep(self, _request: Request, _camera: TwinCamera) -> Answer:
        """Say that the session lives."""
        return Answer(200, self._session())

    def teardown(self, _request: Request, camera: TwinCamera) -> Answer:
        """Send no more."""
        camera.leave(self._show)
        return Answer(200, {})

    def _session(self) -> dict[str, str]:
        return {"Session": f"{self._source:08d};timeout=60"}

    def _show(self, shot: Shot, parameters: tuple[bytes, ...], at: float) -> None:
        assert self._sender is not None  # noqa: S101, PLAY comes after SETUP
        units = (*parameters, *shot.units) if shot.key else shot.units
        self._writer.write(self._sender.picture(units, int(at * CLOCK)))
        if self._writer.transport.get_write_buffer_size() > _MOST_UNSENT_BYTES:
            self._writer.transport.abort()
            self.end()


_OBEY = {
    "DESCRIBE": _Visit.describe,
    "SETUP": _Visit.setup,
    "PLAY": _Visit.play,
    "TEARDOWN": _Visit.teardown,
    "GET_PARAMETER": _Visit.keep,
    "SET_PARAMETER": _Visit.set_parameter,
}


async def _request(reader: asyncio.StreamReader) -> Request | None:
    """Read one request; None at the end. RTCP that the viewer sends in between is passed over."""
    while (first := await reader.read(1)) == b"$":
        _channel, *size = await reader.readexactly(3)
        await reader.readexactly(int.from_bytes(size))
    if not first:
        return None
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lstrip("\r\n")
    line, *rest = head.split("\r\n")
    method, url, _version = (*line.split(" "), "", "")[:3]
    pairs = (each.partition(":") for each in rest if each)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = headers.get("content-length", "0")
    size_of_body = min(int(length), _MOST_BODY_BYTES) if length.isdecimal() else 0
    body = (await reader.readexactly(size_of_body)).decode("utf-8", "replace")
    return Request(method, url, headers, body)


def _sdp(parameters: tuple[bytes, ...]) -> str:
    """Describe a camera (RFC 4566, RFC 6184 clause 8.2)."""
    sets = ",".join(b64encode(each).decode() for each in parameters)
    how = f"packetization-mode=1;profile-level-id={parameters[0][1:4].hex()}"
    lines = (
        "v=0",
        "o=- 0 0 IN IP4 127.0.0.1",
        "s=Plume twin",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} H264/{CLOCK}",
        f"a=fmtp:{PAYLOAD_TYPE} {how};sprop-parameter-sets={sets}",
        "a=control:video",
    )
    return "\r\n".join(lines) + "\r\n"
