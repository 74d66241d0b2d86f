"""The camera component (视频组件): films cameras on site, and gives of it what is asked for.

Pulls     the configured cameras, RTSP, H.264 as they send it
Keeps     the newest film of each in `home/film`, orders under way in `home/orders`
Reads     the logs `home/commands-camera`, by the uplink, and `home/wishes-camera`, by the sentinel
Writes    the camera log, `home/camera`, which the uplink reads; objects in the bucket of media
Says      JSON lines: opened, health, bad_command, stopped
On error  a camera that fails is called again; what cannot be brought up waits on the disk
"""

import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from edge_greengrass.camera.archive import Archive, Surroundings
from edge_greengrass.camera.configuration import Configuration, configuration
from edge_greengrass.camera.eye import Eye
from edge_greengrass.camera.live import LiveView
from edge_greengrass.camera.obedience import KnownCommands, Obedience
from edge_greengrass.camera.order import snapshot_of
from edge_greengrass.camera.shelf import Shelf, ShelfFull
from edge_greengrass.camera.telling import Teller
from edge_greengrass.camera.watch import Watch
from edge_greengrass.home import CAMERA, CAMERA_COMMANDS, CAMERA_WISHES
from edge_greengrass.journal import Journal
from edge_greengrass.object_store import ObjectStore, object_store
from edge_greengrass.outbox.device_key import outbox_key
from edge_greengrass.outbox.log import AppendLog, Position
from edge_greengrass.settings import BadSettings, seed_fingerprint, settings
from plume.errors import Refused
from plume.model.event import SourceState
from plume.wire.commands import command_of

_ORDERS, _KNOWN, _VIEWS = "orders", "commands-camera.known.json", "views"
_COMMANDS_BYTES = 1 << 20
_GLANCE_SECONDS = 0.3
_AT_ONCE = 32


def main(arguments: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; give the exit status."""
    journal = Journal("camera")
    try:
        found = settings("edge_greengrass.camera", arguments)
        seed_fingerprint(found)
        chosen = configuration(found)
        store = object_store(found, "mediaBucket")
    except BadSettings as fault:
        journal.tell("bad_settings", reason=fault.message)
        return 2
    asyncio.run(film(chosen, store, journal))
    return 0


async def film(chosen: Configuration, store: ObjectStore, journal: Journal) -> None:
    """Film until told to stop."""
    chosen.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    site = site_of(chosen, store)
    told = asyncio.create_task(_told_to_stop())
    try:
        working = asyncio.create_task(site.work(journal))
        await asyncio.wait({told, working}, return_when="FIRST_COMPLETED")
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
    finally:
        told.cancel()
        await site.close()
        journal.tell("stopped")


@dataclass(frozen=True, slots=True)
class Site:
    """Everything of one running component."""

    chosen: Configuration
    store: ObjectStore
    eyes: Mapping[str, Eye]
    log: AppendLog
    commands: Sequence[AppendLog]

    async def work(self, journal: Journal) -> None:
        """Film, watch and obey."""
        for eye in self.eyes.values():
            eye.open()
        teller = Teller(self.log)
        async with asyncio.TaskGroup() as group:
            archive = Archive(self._around(teller), group)
            obedience = self._obedience(archive, teller)
            left = obedience.resume(now())
            journal.tell("opened", thing=self.chosen.thing, cameras=len(self.eyes), orders=left)
            for eye in self.eyes.values():
                group.create_task(self._watch(eye, archive, teller, journal))
            await self._obey(obedience, journal)

    async def close(self) -> None:
        """Film no more; what is on the disk stays."""
        await asyncio.gather(*(eye.close() for eye in self.eyes.values()))
        self.log.close()

    def _around(self, teller: Teller) -> Surroundings:
        return Surroundings(
            thing=self.chosen.thing,
            eyes=self.eyes,
            shelf=Shelf(self.chosen.home / _ORDERS),
            store=self.store,
            teller=teller,
            now=now,
            font=self.chosen.font,
        )

    def _obedience(self, archive: Archive, teller: Teller) -> Obedience:
        thing, eyes = self.chosen.thing, self.eyes.items()
        return Obedience(
            archive,
            {name: LiveView(eye, self.store, thing, now) for name, eye in eyes},
            teller,
            KnownCommands(self.chosen.home / _KNOWN),
            keep_alive=timedelta(seconds=self.chosen.keep_alive),
        )

    async def _watch(self, eye: Eye, archive: Archive, teller: Teller, journal: Journal) -> None:
        """Look for ever; what is wrong with a picture is told, and the picture is kept."""
        folder = self.chosen.home / _VIEWS
        folder.mkdir(mode=0o700, exist_ok=True)
        watch = Watch(eye, folder, self.chosen.look_every, now)
        while True:
            await asyncio.sleep(self.chosen.look_every)
            changed = await watch.look()
            if changed is None:
                continue
            journal.tell("health", camera=changed.source, state=changed.detail)
            await teller.tell(changed)
            if changed.state is SourceState.FAILING:
                with suppress(ShelfFull):
                    archive.keep(order := snapshot_of(changed))
                    archive.begin(order)

    async def _obey(self, obedience: Obedience, journal: Journal) -> None:
        while True:
            for log in self.commands:
                found = await asyncio.to_thread(log.read, None, _AT_ONCE)
                await asyncio.gather(*(_obey_one(obedience, text, journal) for _, text in found))
                if found:
                    await asyncio.to_thread(log.forget, _last(found))
            await asyncio.sleep(_GLANCE_SECONDS)


async def _obey_one(obedience: Obedience, message: bytes, journal: Journal) -> None:
    try:
        command = command_of(message)
    except Refused as fault:
        journal.tell("bad_command", reason=fault.message)
        return
    await obedience.obey(command, now())


def _last(found: Sequence[tuple[Position, bytes]]) -> Position:
    return found[-1][0]


def site_of(chosen: Configuration, store: ObjectStore) -> Site:
    """Make a component, without beginning."""
    key = outbox_key(chosen.home)
    logs = (chosen.home / CAMERA_COMMANDS, chosen.home / CAMERA_WISHES)
    return Site(
        chosen=chosen,
        store=store,
        eyes={name: Eye(camera, chosen) for name, camera in chosen.cameras.items()},
        log=AppendLog(chosen.home / CAMERA, key=key, quota_bytes=chosen.log_bytes),
        commands=[AppendLog(log, key=key, quota_bytes=_COMMANDS_BYTES) for log in logs],
    )


def now() -> datetime:
    """Read the clock of the edge."""
    return datetime.now(tz=UTC)


async def _told_to_stop() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, told.set)
    await told.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
