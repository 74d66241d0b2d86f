"""The camera component (视频组件): films cameras on site, and gives of it what is asked for.

Pulls     the configured cameras, RTSP, H.264 as they send it
Keeps     the newest film of each in `home/film`, orders under way in `home/orders`
Reads     the logs `home/commands-camera`, by the uplink, and `home/wishes-camera`, by the sentinel
Writes    the camera log, `home/camera`, which the uplink reads; objects in the bucket of media
Says      JSON lines: opened, health, bad_command, media_waits, live_late, stopped
On error  a camera that fails is called again; what cannot be brought up waits on the disk
"""

import asyncio
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
from edge_greengrass.ending import status_of, told_to_stop
from edge_greengrass.home import CAMERA, CAMERA_COMMANDS, CAMERA_WISHES
from edge_greengrass.journal import Journal
from edge_greengrass.object_store import ObjectStore, object_store
from edge_greengrass.outbox.device_key import outbox_key
from edge_greengrass.outbox.log import AppendLog, Position
from edge_greengrass.settings import Settings, seed_fingerprint, settings, sites
from plume.errors import Refused
from plume.model.command import Command, CommandKind
from plume.model.event import SourceState
from plume.wire.commands import command_of

PROGRAM = "edge_greengrass.camera"
_ORDERS, _KNOWN, _VIEWS = "orders", "commands-camera.known.json", "views"
_COMMANDS_BYTES = 1 << 20
_GLANCE_SECONDS = 0.3
_AT_ONCE = 32


def main(arguments: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; give the exit status."""
    journal = Journal("camera")

    def work() -> int:
        posts = [_post(one) for one in sites(settings(PROGRAM, arguments))]
        return asyncio.run(film(posts, journal))

    return status_of(work, journal)


@dataclass(frozen=True, slots=True)
class Post:
    """What one site is made of: its settings, its bucket, and the key of its logs."""

    chosen: Configuration
    store: ObjectStore
    key: bytes


async def film(posts: Sequence[Post], journal: Journal) -> int:
    """Film until told to stop, or until something breaks that a restart mends."""
    found = [site_of(post) for post in posts]
    told = asyncio.create_task(told_to_stop())
    working = asyncio.create_task(_work(found, journal))
    await asyncio.wait({told, working}, return_when="FIRST_COMPLETED")
    broken = working.exception() if working.done() else None
    told.cancel()
    working.cancel()
    await asyncio.gather(told, working, return_exceptions=True)
    await asyncio.gather(*(site.close() for site in found))
    journal.tell("stopped", reason=repr(broken) if broken else "told to")
    return 1 if broken else 0


async def _work(found: Sequence["Site"], journal: Journal) -> None:
    async with asyncio.TaskGroup() as group:
        for site in found:
            group.create_task(site.work(journal))


@dataclass(frozen=True, slots=True)
class Site:
    """Everything of one device's cameras, at work."""

    post: Post
    eyes: Mapping[str, Eye]
    log: AppendLog
    commands: Sequence[AppendLog]

    async def work(self, journal: Journal) -> None:
        """Film, watch and obey."""
        for eye in self.eyes.values():
            eye.open()
        teller, thing = Teller(self.log), self.post.chosen.thing
        async with asyncio.TaskGroup() as group:
            archive = Archive(self._around(teller, journal), group)
            obedience = self._obedience(archive, teller, journal)
            left = obedience.resume(now())
            journal.tell("opened", thing=thing, cameras=len(self.eyes), orders=left)
            for eye in self.eyes.values():
                group.create_task(self._watch(eye, archive, teller, journal))
            await self._obey(obedience, group, journal)

    async def close(self) -> None:
        """Film no more; what is on the disk stays."""
        await asyncio.gather(*(eye.close() for eye in self.eyes.values()))
        self.log.close()

    def _around(self, teller: Teller, journal: Journal) -> Surroundings:
        chosen = self.post.chosen
        return Surroundings(
            thing=chosen.thing,
            eyes=self.eyes,
            shelf=Shelf(chosen.home / _ORDERS),
            store=self.post.store,
            teller=teller,
            now=now,
            font=chosen.font,
            waits=lambda media, why: journal.tell("media_waits", media=media, why=why),
        )

    def _obedience(self, archive: Archive, teller: Teller, journal: Journal) -> Obedience:
        chosen = self.post.chosen

        def view(eye: Eye) -> LiveView:
            camera = eye.camera.camera
            return LiveView(
                eye,
                self.post.store,
                chosen.thing,
                now,
                lambda why: journal.tell("live_late", camera=camera, why=why),
            )

        return Obedience(
            archive,
            {name: view(eye) for name, eye in self.eyes.items()},
            teller,
            KnownCommands(chosen.home / _KNOWN),
            keep_alive=timedelta(seconds=chosen.keep_alive),
        )

    async def _watch(self, eye: Eye, archive: Archive, teller: Teller, journal: Journal) -> None:
        """Look for ever; what is wrong with a picture is told, and the picture is kept."""
        folder = self.post.chosen.home / _VIEWS
        folder.mkdir(mode=0o700, exist_ok=True)
        watch = Watch(eye, folder, self.post.chosen.look_every, now)
        while True:
            await asyncio.sleep(self.post.chosen.look_every)
            changed = await watch.look()
            if changed is None:
                continue
            journal.tell("health", camera=changed.source, state=changed.detail)
            await teller.tell(changed)
            if changed.state is SourceState.FAILING:
                with suppress(ShelfFull):
                    archive.keep(order := snapshot_of(changed))
                    archive.begin(order)

    async def _obey(
        self, obedience: Obedience, group: asyncio.TaskGroup, journal: Journal
    ) -> None:
        """Obey for ever; a live view that is slow to begin holds up nothing else."""
        while True:
            for log in self.commands:
                found = await asyncio.to_thread(log.read, None, _AT_ONCE)
                read = [_command(message, journal) for _, message in found]
                orders = [one for one in read if one and one.kind is not CommandKind.LIVE]
                for one in read:
                    if one and one.kind is CommandKind.LIVE:
                        group.create_task(obedience.obey(one, now()))
                await asyncio.gather(*(obedience.obey(one, now()) for one in orders))
                if found:
                    await asyncio.to_thread(log.forget, _last(found))
            await asyncio.sleep(_GLANCE_SECONDS)


def _command(message: bytes, journal: Journal) -> Command | None:
    """Read a command; one that is none is told of and left out."""
    try:
        return command_of(message)
    except Refused as fault:
        journal.tell("bad_command", reason=fault.message)
        return None


def _last(found: Sequence[tuple[Position, bytes]]) -> Position:
    return found[-1][0]


def site_of(post: Post) -> Site:
    """Make a site, without beginning."""
    chosen, key = post.chosen, post.key
    logs = (chosen.home / CAMERA_COMMANDS, chosen.home / CAMERA_WISHES)
    return Site(
        post=post,
        eyes={name: Eye(camera, chosen) for name, camera in chosen.cameras.items()},
        log=AppendLog(chosen.home / CAMERA, key=key, quota_bytes=chosen.log_bytes),
        commands=[AppendLog(log, key=key, quota_bytes=_COMMANDS_BYTES) for log in logs],
    )


def _post(found: Settings) -> Post:
    seed_fingerprint(found)
    chosen = configuration(found)
    chosen.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Post(chosen, object_store(found, "mediaBucket"), outbox_key(chosen.home))


def now() -> datetime:
    """Read the clock of the edge."""
    return datetime.now(tz=UTC)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
