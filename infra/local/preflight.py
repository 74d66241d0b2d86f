"""Look before anything is started: what is missing is said in one line each.

Needs nothing but Python's own library, so that it can run before anything is installed:
`python3 -m infra.local.preflight`.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.local.plants import number_of_control_systems, number_of_things
from infra.local.settings import HOST, OFFSET_VARIABLE, BadSetting, Settings, settings_of

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 22
GIBIBYTE = 1 << 30
DISK_BYTES = 3 * GIBIBYTE
MEMORY_BYTES = 3 * GIBIBYTE
NODE = Path(sys.prefix) / "bin" / "node"


def problems(settings: Settings, *, installed: bool) -> list[str]:
    """Give what stands in the way; `installed` says that Node must be there by now."""
    found = [*python_problems(sys.version_info[:2])]
    if installed:
        found += node_problems(NODE)
    found += disk_problems(settings.home)
    found += memory_problems(Path("/proc/meminfo"))
    found += port_problems(settings)
    return found


def python_problems(version: tuple[int, ...]) -> Iterator[str]:
    """Python must be new enough."""
    if version < OLDEST_PYTHON:
        needed, found = (".".join(map(str, each)) for each in (OLDEST_PYTHON, version))
        yield f"Python {needed} or newer is needed, this is {found}"


def node_problems(node: Path) -> Iterator[str]:
    """Node must be there and new enough."""
    try:
        told = subprocess.run(
            [node, "--version"], capture_output=True, text=True, check=True, timeout=30
        ).stdout
    except (OSError, subprocess.SubprocessError):
        yield f"Node {OLDEST_NODE} or newer is needed, none at {node}: run `make setup`"
        return
    major = told.strip().removeprefix("v").split(".")[0]
    if not major.isdecimal() or int(major) < OLDEST_NODE:
        yield f"Node {OLDEST_NODE} or newer is needed, {node} is {told.strip()}"


def disk_problems(home: Path) -> Iterator[str]:
    """There must be room for what the platform keeps."""
    place = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(place).free
    if free < DISK_BYTES:
        yield _short("disk space", place, free, DISK_BYTES)


def memory_problems(meminfo: Path) -> Iterator[str]:
    """There must be memory that nobody uses."""
    try:
        lines = meminfo.read_text().splitlines()
    except OSError:
        return
    free = next((int(line.split()[1]) << 10 for line in lines if "MemAvailable" in line), None)
    if free is not None and free < MEMORY_BYTES:
        yield _short("memory", "this machine", free, MEMORY_BYTES)


def port_problems(settings: Settings) -> Iterator[str]:
    """Every port must be free."""
    for port, purpose in settings.ports.items():
        if not _free(port):
            yield (
                f"port {port} ({purpose}) is taken: stop what uses it, or move all ports,"
                f" for example {OFFSET_VARIABLE}={settings.offset + 100}"
            )


def _free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: a port whose last connections are winding down is not taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _short(what: str, where: object, free: int, needed: int) -> str:
    found, wanted = free / GIBIBYTE, needed / GIBIBYTE
    return f"{wanted:.0f} GB of {what} are needed, {where} has {found:.1f} GB free"


def main() -> None:
    """Say what is missing and fail; say nothing when all is well."""
    try:
        found = problems(
            settings_of(os.environ, number_of_things(), number_of_control_systems()),
            installed=False,
        )
    except BadSetting as bad:
        found = [str(bad)]
    for line in found:
        print(f"plume: {line}", file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
