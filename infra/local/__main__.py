"""`make run`: the whole platform on this machine."""

import asyncio
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.commands import CommandFailed
from infra.local.plants import number_of_control_systems, number_of_things
from infra.local.preflight import problems
from infra.local.program import NotInTime
from infra.local.settings import BadSetting, Settings, settings_of
from infra.local.start import LocalPlatform


def main() -> int:
    """Look, start, keep, stop; give the exit status."""
    try:
        settings = settings_of(os.environ, number_of_things(), number_of_control_systems())
    except BadSetting as bad:
        return _say(str(bad))
    with _alone(settings.home) as alone:
        if not alone:
            return _say(f"a platform already runs from {settings.home}")
        if found := problems(settings, installed=True):
            return _say(*found)
        return asyncio.run(_run(settings))


async def _run(settings: Settings) -> int:
    work = asyncio.create_task(LocalPlatform(settings).run())
    loop = asyncio.get_running_loop()
    for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(told, lambda: _cancel_once(work))
    try:
        await work
    except asyncio.CancelledError:
        return 0
    except (CommandFailed, NotInTime) as failed:
        return _say(str(failed))
    except ExceptionGroup as several:
        known, unknown = several.split((CommandFailed, NotInTime))
        if unknown or known is None:
            raise
        return _say(*map(str, _leaves(known)))
    return 0


def _cancel_once(work: "asyncio.Task[None]") -> None:
    """A second Ctrl-C must not cut short what the first has begun: state is being written."""
    if not work.cancelling():
        work.cancel()


def _leaves(failed: ExceptionGroup) -> Iterator[Exception]:
    for each in failed.exceptions:
        if isinstance(each, ExceptionGroup):
            yield from _leaves(each)
        else:
            yield each


def _say(*lines: str) -> int:
    for line in lines:
        print(f"plume: {line}", file=sys.stderr)
    return 1


@contextmanager
def _alone(home: Path) -> Iterator[bool]:
    """Hold the home for one platform; the system lets go of it however we end."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


if __name__ == "__main__":
    sys.exit(main())
