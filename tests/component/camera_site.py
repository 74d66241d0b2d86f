"""A camera component at work in a test: real cameras, a real disk, a bucket in a dictionary."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge_greengrass.camera.configuration import Configuration, configuration
from edge_greengrass.camera.main import Post, Site, site_of
from edge_greengrass.home import CAMERA, CAMERA_COMMANDS
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.device_key import outbox_key
from edge_greengrass.outbox.log import AppendLog
from plume.errors import Unavailable
from plume.evidence.payload import decode
from plume.model.command import Command, CommandKind
from plume.model.event import EdgeEvent
from plume.model.identity import OutletId, ThingName
from plume.wire.commands import command_message
from plume.wire.events import event_of
from tests.component.patience import until

WITHIN = 60.0
"""Seconds after which a test gives up."""


@dataclass
class Bucket:
    """A bucket; while `deaf`, nothing can be put into it."""

    deaf: bool = False
    objects: dict[str, bytes] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    tries: int = 0
    stuck_after_put: bool = False

    async def put(self, key: str, body: bytes, content_type: str) -> None:
        self.tries += 1
        if self.deaf:
            raise Unavailable("deaf")
        self.objects[key], self.kinds[key] = body, content_type
        if self.stuck_after_put:
            await asyncio.Event().wait()


@dataclass
class Scene:
    """One running component."""

    site: Site
    home: Path

    def events(self) -> list[EdgeEvent]:
        """Everything that was told until now."""
        log = AppendLog(self.home / CAMERA, key=outbox_key(self.home), quota_bytes=1 << 24)
        records = log.read(None, 10_000)
        return [event_of(each) for _, record in records for each in decode(record).events]

    def command(self, key: str, kind: CommandKind, /, **arguments: object) -> None:
        """Write a command as the uplink does."""
        now = datetime.now(tz=UTC)
        self.write(
            Command(
                id=key,
                thing=ThingName("edge-1"),
                kind=kind,
                issued_at=now,
                expires_at=now + timedelta(minutes=5),
                outlet=OutletId("stack-1"),
                arguments=arguments,
            )
        )

    def write(self, command: Command, to: str = CAMERA_COMMANDS) -> None:
        log = AppendLog(self.home / to, key=outbox_key(self.home), quota_bytes=1 << 20)
        log.append([command_message(command)])
        log.close()

    async def told(self, fits: Callable[[EdgeEvent], bool], count: int = 1) -> list[EdgeEvent]:
        """Wait until so many events that fit were told."""

        def enough() -> list[EdgeEvent] | None:
            found = [event for event in self.events() if fits(event)]
            return found if len(found) >= count else None

        return await until(enough)


def chosen(home: Path, url: str, **more: object) -> Configuration:
    camera = {"cameraId": "stack-1-cam1", "outletId": "stack-1", "label": "1号排气筒", "url": url}
    return configuration(
        {"thing": "edge-1", "home": str(home), "cameras": [camera], "pieceSeconds": 1, **more}
    )


@asynccontextmanager
async def at_work(found: Configuration, bucket: Bucket) -> AsyncIterator[Scene]:
    """Run a component; leaving is a crash in so far as nothing is finished any more."""
    found.home.mkdir(exist_ok=True)
    site = site_of(Post(found, bucket, outbox_key(found.home)))
    working = asyncio.create_task(site.work(Journal("camera", io.StringIO())))
    try:
        yield Scene(site, found.home)
        assert not working.done(), working.exception()
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        await site.close()
