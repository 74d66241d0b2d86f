"""The sentinel (哨兵组件): the platform's rules on site, while the line is down.

Listens   at the collector's tap, `home/tap.sock`
Reads     how the line stands, `home/line.json`; its own settings and the law of each outlet,
          `home/laws.json`, again and again
Writes    findings, and by which law it judges, for the uplink, `home/sentinel`; wishes for clips
          to the camera component, `home/wishes-camera`; its state, `home/sentinel.json`
Says      JSON lines: watching, listening, deaf, found, filmed, not_filmed, law_changed,
          law_told, bad_settings, health, stopped
On error  what could not be kept is told by the next sweep; without the tap it tries again
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from edge_greengrass.ending import status_of, told_to_stop
from edge_greengrass.home import CAMERA_WISHES, SENTINEL, TAP
from edge_greengrass.journal import Journal
from edge_greengrass.outbox.device_key import outbox_key
from edge_greengrass.outbox.log import AppendLog, OutboxFull
from edge_greengrass.sentinel.avowal import Avowal
from edge_greengrass.sentinel.configuration import Configuration, Law, configuration
from edge_greengrass.sentinel.filming import Filming
from edge_greengrass.sentinel.line import line_of
from edge_greengrass.sentinel.listener import shown
from edge_greengrass.sentinel.watch import Watch
from edge_greengrass.settings import BadSettings, Settings, seed_fingerprint, settings, sites
from edge_greengrass.site_laws import site_laws
from plume.errors import Unavailable
from plume.model.identity import OutletId
from plume.model.site_law import SiteLaw

PROGRAM = "edge_greengrass.sentinel"
RETRY_SECONDS = 2.0
WISHES_BYTES = 1 << 20


@dataclass(slots=True)
class Post:
    """Where the sentinel stands: its watch, and the law, which may change.

    `filming` is None where nothing can be filmed; `laws` are what the platform brought.
    """

    chosen: Configuration
    law: Law
    log: AppendLog
    watch: Watch
    journal: Journal
    filming: Filming | None = None
    laws: dict[OutletId, SiteLaw] = field(default_factory=dict)


def main(arguments: Sequence[str]) -> int:
    """Run the sentinel until SIGTERM or SIGINT; give the exit status."""
    journal = Journal("sentinel")

    def work() -> int:
        posts = [_post(one, journal) for one in sites(settings(PROGRAM, arguments))]
        return asyncio.run(stand(posts, lambda: settings(PROGRAM, arguments), journal))

    return status_of(work, journal)


def _post(found: Settings, journal: Journal) -> Post:
    seed_fingerprint(found)
    chosen = configuration(found)
    chosen.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = outbox_key(chosen.home)
    log = AppendLog(chosen.home / SENTINEL, key=key, quota_bytes=chosen.log_bytes)
    laws = site_laws(chosen.home)
    law = chosen.law.under(laws)
    journal.tell(
        "watching", home=chosen.home, outlets=len(law.outlets), facilities=len(law.facilities)
    )
    wishes = AppendLog(chosen.home / CAMERA_WISHES, key=key, quota_bytes=WISHES_BYTES)
    filming = Filming(wishes, str(found.get("thing", "")))
    return Post(chosen, law, log, Watch(chosen.home, log), journal, filming, laws)


async def stand(posts: Sequence[Post], again: Callable[[], Settings], journal: Journal) -> int:
    """Watch until told to stop, or until something breaks that a restart mends."""
    told, work = asyncio.create_task(told_to_stop()), asyncio.create_task(_work(posts, again))
    await asyncio.wait({told, work}, return_when="FIRST_COMPLETED")
    broken = work.exception() if work.done() else None
    told.cancel()
    work.cancel()
    await asyncio.gather(told, work, return_exceptions=True)
    for post in posts:
        post.log.close()
    journal.tell("stopped", reason=repr(broken) if broken else "told to")
    return 1 if broken else 0


async def _work(posts: Sequence[Post], again: Callable[[], Settings]) -> None:
    async with asyncio.TaskGroup() as group:
        for post in posts:
            group.create_task(_listen(post))
            group.create_task(_sweep(post))
        group.create_task(_reload(posts, again))


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
        _film(post)
        for one in found:
            post.journal.tell(
                "found", rule=one.rule.id, outlet=one.outlet, factor=one.factor, broken=one.broken
            )


def _film(post: Post) -> None:
    """Have it filmed when something begins; a finding does not wait for its film."""
    if post.filming is None or not post.watch.begun:
        return
    try:
        clips = post.filming.wish(post.watch.begun, post.law, datetime.now(tz=UTC))
    except (OutboxFull, OSError) as fault:
        post.journal.tell("not_filmed", reason=f"{type(fault).__name__}: {fault}")
    else:
        post.journal.tell("filmed", clips=clips)


async def _reload(posts: Sequence[Post], again: Callable[[], Settings]) -> None:
    """Take up what changed, and say by which law is judged."""
    by_home = {post.chosen.home: post for post in posts}
    avowals = [(post, Avowal(post.log)) for post in posts]
    while True:
        for post, avowal in avowals:
            _avow(post, avowal)
        await asyncio.sleep(posts[0].chosen.reload_seconds)
        try:
            changed = [configuration(one) for one in sites(await asyncio.to_thread(again))]
        except BadSettings as fault:
            posts[0].journal.tell("bad_settings", reason=fault.message)
            changed = [post.chosen for post in posts]
        for one in changed:
            if one.home in by_home:
                _take_up(by_home[one.home], one)


def _take_up(post: Post, changed: Configuration) -> None:
    """Judge by changed settings and by what the platform brought; what rots stays in force."""
    post.chosen = replace(post.chosen, law=changed.law)
    post.laws |= site_laws(changed.home)
    law = changed.law.under(post.laws)
    if post.law != law:
        post.law = law
        post.journal.tell("law_changed", outlets=len(law.outlets), versions=dict(law.versions))


def _avow(post: Post, avowal: Avowal) -> None:
    try:
        line = line_of(post.chosen.home)
        told = avowal.tell(post.law, line, datetime.now(tz=UTC))
    except (OutboxFull, OSError) as fault:
        post.journal.tell("not_kept", reason=f"{type(fault).__name__}: {fault}")
        return
    if told:
        post.journal.tell("law_told", versions=dict(post.law.versions))
