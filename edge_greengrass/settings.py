"""Where an edge component's settings come from: a file, or the Greengrass deployment.

Under Greengrass the settings are the component's configuration, with the defaults of its recipe
merged with those of the deployment; beside it, as a plain service, they are a JSON file of the
same shape.
"""

import asyncio
import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import InvalidOperation
from pathlib import Path
from typing import Any

from plume.errors import Refused

Settings = dict[str, Any]

LOOK_SECONDS = 1.0
"""How often a settings file is looked at."""


class BadSettings(Refused):
    """A setting is missing or makes no sense; the message names it."""


def settings(program: str, arguments: Sequence[str]) -> Settings:
    """Give the settings named by `--config FILE`, else those of the Greengrass deployment.

    Raises:
        BadSettings: neither is there, or the file is not a JSON object.
    """
    chosen = _config(program, arguments)
    return _from_file(chosen) if chosen else _from_greengrass()


async def changes(program: str, arguments: Sequence[str], bell: asyncio.Event) -> None:
    """Ring whenever the settings may have changed, for ever: a look at them tells whether."""
    chosen = _config(program, arguments)
    if chosen is None:
        await _greengrass_changes(bell)
        return
    known = None  # what changed before the first look counts too
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        now = _stamp(chosen)
        if now != known:
            known = now
            bell.set()


def sites(found: Settings) -> list[Settings]:
    """Give the settings of each site: one, but for simulated devices that share a process."""
    return list(found.get("sites", [found]))


@contextmanager
def told_as_bad_settings(component: str) -> Iterator[None]:
    """Say which component's settings are missing something or are malformed.

    Raises:
        BadSettings: instead of what reading them raised.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, InvalidOperation, OSError) as fault:
        raise BadSettings(f"{component}: {type(fault).__name__} {fault}") from fault


def seed_fingerprint(found: Settings) -> None:
    """Tell the binding what the settings say of the hardware, before the key is asked for.

    `token` is the security token that holds the device's secret; `fingerprintSeed` lets a
    simulated device have a hardware of its own.
    """
    if seed := found.get("fingerprintSeed"):
        os.environ["PLUME_FINGERPRINT_SEED"] = str(seed)
    if token := found.get("token"):
        os.environ["PLUME_TOKEN"] = json.dumps(token)


def _config(program: str, arguments: Sequence[str]) -> Path | None:
    parser = ArgumentParser(prog=program)
    parser.add_argument("--config", type=Path, help="JSON file; without it, Greengrass is asked")
    chosen: Path | None = parser.parse_args(arguments).config
    return chosen


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Give what changes with a file; None while there is none, as between two renames."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


async def _greengrass_changes(bell: asyncio.Event) -> None:
    # Only a Greengrass core carries this conversation, so a plain service never loads it.
    from awsiot.greengrasscoreipc.clientv2 import GreengrassCoreIPCClientV2  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    nucleus = GreengrassCoreIPCClientV2()
    try:
        nucleus.subscribe_to_configuration_update(
            on_stream_event=lambda _: loop.call_soon_threadsafe(bell.set)
        )
        await asyncio.Event().wait()
    finally:
        nucleus.close()


def _from_file(path: Path) -> Settings:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise BadSettings(f"{path}: {fault}") from fault
    if not isinstance(found, dict):
        raise BadSettings(f"{path}: not a JSON object")
    return found


def _from_greengrass() -> Settings:
    if "AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT" not in os.environ:
        raise BadSettings("give --config FILE: Greengrass is not here to ask")
    # Only a Greengrass core carries this conversation, so a plain service never loads it.
    from awsiot.greengrasscoreipc.clientv2 import GreengrassCoreIPCClientV2  # noqa: PLC0415

    nucleus = GreengrassCoreIPCClientV2()
    try:
        found = dict(nucleus.get_configuration().value)
    finally:
        nucleus.close()
    return {"thing": os.environ.get("AWS_IOT_THING_NAME", ""), **found}
