"""The sentinel (哨兵组件): the platform's rules on site, while the line is down.

Listens   at the collector's tap, `home/tap.sock`
Reads     how the line stands, `home/line.json`; its own settings, again and again
Writes    findings for the uplink, `home/sentinel`; its state, `home/sentinel.json`
Says      JSON lines: watching, listening, deaf, found, law_changed, bad_settings, health, stopped
On error  what could not be kept is told by the next sweep; without the tap it tries again
"""

import asyncio
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from edge_greengrass.home import SENTINEL, TAP
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.device_key import DamagedRing, ForeignHardware, outbox_key
from edge_greengrass.outbox.log import AppendLog, OutboxFull
from edge_greengrass.sentinel.configuration import Configuration, Law, configuration
from edge_greengrass.sentinel.listener import shown
from edge_greengrass.sentinel.watch import Watch
from edge_greengrass.settings import BadSettings, seed_fingerprint, settings
from plume.errors import Unavailable

PROGRAM = "edge_greengrass.sentinel"
RETRY_SECONDS = 2.0


@dataclass(slots=True)
class Post:
    """Where the sentinel stands: its watch, and the law, which may change."""

    chosen: Configuration
    law: Law
    watch: Watch
    journal: Journal


def main(arguments: Sequence[str]) -> int:
    """Run the sentinel until SIGTERM or SIGINT; give the exit status."""
    journal = Journal("sentinel")
    try:
        found = settings(PROGRAM, arguments)
        seed_fingerprint(found)
        chosen = configuration(found)
        return asyncio.run(stand(chosen, lambda: settings(PROGRAM, arguments), journal))
    except BadSettings as fault:
        journal.tell("bad_settings", reason=fault.message)
        return 2
    except (ForeignHardware, DamagedRing) as fault:
        journal.tell("locked_out", reason=fault.message)
        return 3


async def stand(
    chosen: Configuration, again: Callable[[], dict[str, object]], journal: Journal
) -> int:
    """Watch until told to stop, or until something breaks that a restart mends."""
    chosen.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = outbox_key(chosen.home)
    log = AppendLog(chosen.home / SENTINEL, key=key, quota_bytes=chosen.log_bytes)
    post = Post(chosen, chosen.law, Watch(chosen.home, log), journal)
    journal.tell("watching", outlets=len(post.law.outlets), facilities=len(post.law.facilities))
    told, work = asyncio.create_task(_told_to_stop()), asyncio.create_task(_work(post, again))
    await asyncio.wait({told, work}, return_when="FIRST_COMPLETED")
    broken = work.exception() if work.done() else None
    told.cancel()
    work.cancel()
    await asyncio.gather(told, work, return_exceptions=True)
    log.close()
    journal.tell("stopped", reason=repr(broken) if broken else "told to")
    return 1 if broken else 0


async def _work(post: Post, again: Callable[[], dict[str, object]]) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_listen(post))
        group.create_task(_sweep(post))
        group.create_task(_reload(post, again))


async def _listen(post: Post) -> None:
    """Remember what the tap shows, for ever."""

    def connected() -> None:
        post.watch.seen.resume(datetime.now(tz=UTC))
        post.journal.tell("listening")

    while True:
        try:
            async for one in shown(post.chosen.home / TAP, connected):
                post.watch.seen.take(one, post.law)
        except Unavailable as fault:
            post.journal.tell("deaf", reason=str(fault))
            await asyncio.sleep(RETRY_SECONDS)


async def _sweep(post: Post) -> None:
    """Judge again and again; what the disk has no room for now is told later."""
    while True:
        await asyncio.sleep(post.chosen.sweep_seconds)
        try:
            found = post.watch.sweep(post.law, datetime.now(tz=UTC))
        except (OutboxFull, OSError) as fault:
            post.journal.tell("not_kept", reason=f"{type(fault).__name__}: {fault}")
            continue
        for one in found:
            post.journal.tell(
                "found", rule=one.rule.id, outlet=one.outlet, factor=one.factor, broken=one.broken
            )


async def _reload(post: Post, again: Callable[[], dict[str, object]]) -> None:
    """Take up changed limits and facilities; a bad change leaves the old law in force."""
    while True:
        await asyncio.sleep(post.chosen.reload_seconds)
        try:
            law = configuration(await asyncio.to_thread(again)).law
        except BadSettings as fault:
            post.journal.tell("bad_settings", reason=fault.message)
            continue
        if law != post.law:
            post.law = law
            post.journal.tell("law_changed", outlets=len(law.outlets))


async def _told_to_stop() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, told.set)
    await told.wait()
