"""Where an edge component's settings come from: a file, or the Greengrass deployment.

Under Greengrass the settings are the component's configuration, with the defaults of its recipe
merged with those of the deployment; beside it, as a plain service, they are a JSON file of the
same shape.
"""

import json
import os
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plume.errors import Refused

Settings = dict[str, Any]


class BadSettings(Refused):
    """A setting is missing or makes no sense; the message names it."""


def settings(program: str, arguments: Sequence[str]) -> Settings:
    """Give the settings named by `--config FILE`, else those of the Greengrass deployment.

    Raises:
        BadSettings: neither is there, or the file is not a JSON object.
    """
    parser = ArgumentParser(prog=program)
    parser.add_argument("--config", type=Path, help="JSON file; without it, Greengrass is asked")
    chosen = parser.parse_args(arguments).config
    return _from_file(chosen) if chosen else _from_greengrass()


def seed_fingerprint(found: Settings) -> None:
    """Tell the binding what the settings say of the hardware, before the key is asked for.

    `token` is the security token that holds the device's secret; `fingerprintSeed` lets a
    simulated device have a hardware of its own.
    """
    if seed := found.get("fingerprintSeed"):
        os.environ["PLUME_FINGERPRINT_SEED"] = str(seed)
    if token := found.get("token"):
        os.environ["PLUME_TOKEN"] = json.dumps(token)


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
