"""A credentials provider and an S3, as a device under fault meets them: in a thread of their own.

The provider is the stand-in of `make run`. The S3 takes what is put, or says that it is busy; of
each object it tells the cloud, as a bucket tells its queue.
"""

import asyncio
import math
import random
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from aiohttp import web

from infra.local.credentials_server.app import Granted, application

HOST = "127.0.0.1"


class AnyDevice:
    """Vouches for every certificate of the authority."""

    def vouch(self, certificate_id: str, thing: str) -> None:
        """Know it."""

    def grant(self, role_arn: str, thing: str) -> Granted:
        """Give invented credentials for an hour."""
        return Granted("KEY", "secret", "token", datetime.now(tz=UTC) + timedelta(hours=1))


class ObjectServer:
    """Runs until `close`; `busy` is the share [0, 1] of objects that are refused at first.

    Args:
        tls: asks clients for their certificate.
        told: is told key and content of each object that was taken.
        s3_tls: of the S3, which speaks plain HTTP without.
    """

    def __init__(
        self,
        tls: ssl.SSLContext,
        told: Callable[[str, bytes], None],
        s3_tls: ssl.SSLContext | None = None,
    ) -> None:
        self._told, self._chance = told, random.Random(212)
        self.busy = 0.0
        self._most = math.inf
        self._free = asyncio.Event()
        self.objects = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runners: list[web.AppRunner] = []
        s3 = web.Application(client_max_size=64 << 20)
        s3.router.add_put("/{bucket}/{key:.*}", self._put)
        provider = application(AnyDevice(), {"plume-edge": "arn:of:a:role"})
        self.credentials_port = self._run(self._serve(provider, tls))
        self.port = self._run(self._serve(s3, s3_tls))

    def settings(self, ca_file: str) -> dict[str, str]:
        """Give `objectStore` of a device's settings."""
        return {
            "credentialsEndpoint": f"{HOST}:{self.credentials_port}",
            "roleAlias": "plume-edge",
            "segmentsBucket": "segments",
            "mediaBucket": "media",
            "region": "us-east-1",
            "s3Endpoint": f"http://{HOST}:{self.port}",
            "caFile": ca_file,
        }

    def hold_after(self, objects: int) -> None:
        """Take so many, and leave those who bring another without an answer."""
        self._most = objects

    def go_on(self) -> None:
        """Take everything again."""
        self._most = math.inf
        self._loop.call_soon_threadsafe(self._free.set)

    def close(self) -> None:
        """Stop serving, and end the thread."""
        for runner in self._runners:
            self._run(runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _put(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self._chance.random() < self.busy:
            return web.Response(status=503, text="<Error><Code>SlowDown</Code></Error>")
        if self.objects >= self._most:
            await self._free.wait()
        self.objects += 1
        self._told(request.match_info["key"], body)
        return web.Response()

    async def _serve(self, app: web.Application, tls: ssl.SSLContext | None) -> int:
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, HOST, 0, ssl_context=tls).start()
        return int(runner.addresses[0][1])

    def _run(self, coroutine: object) -> int:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)
