"""A bucket of media as S3 speaks, in bad weather, and the token exchange that lets devices in."""

import json
import random
import sys
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

KEYS = "/keys"
NAME = "media"


class Server(ThreadingHTTPServer):
    """Says nothing of callers that were killed while they spoke."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of everything else."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class MediaBucket:
    """Every content that was ever put under a key; `foul` weather refuses, or stores and lies.

    While `mute`, it stores what it gets and never answers.
    """

    def __init__(self) -> None:
        self.contents: dict[str, set[bytes]] = defaultdict(set)
        self.foul, self.mute = False, False
        self._chance = random.Random(4)
        self._closed = Event()
        self._server = Server(("127.0.0.1", 0), _handler(self))
        Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self, path: str, body: bytes) -> int:
        """Give the status with which a PUT is answered."""
        luck = self._chance.random() if self.foul else 1.0
        if luck < 0.3:
            return 503
        self.contents[path.removeprefix(f"/{NAME}/")].add(body)
        if self.mute:
            self._closed.wait()
        return 500 if luck < 0.5 else 200

    def close(self) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(bucket: MediaBucket) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer as the token exchange service of Greengrass does."""
            assert self.path == KEYS
            until = (datetime.now(tz=UTC) + timedelta(hours=1)).isoformat()
            keys = {"AccessKeyId": "A", "SecretAccessKey": "S", "Token": "T", "Expiration": until}
            self._answer(200, json.dumps(keys).encode())

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self._answer(bucket.take(self.path, body), b"")

        def _answer(self, status: int, body: bytes) -> None:
            with suppress(BrokenPipeError, ConnectionResetError):  # who asked was killed
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
