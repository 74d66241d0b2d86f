"""Play the cameras of a configuration file: `python -m edge_greengrass.twin.video --config FILE`.

`{"host": .., "port": .., "cameras": [{"cameraId": .., "scene": ..}]}`

With `plants` besides, the file of the twins' settings, a camera with an `outletId` shows what the
plant of that outlet does.
"""

import asyncio
import json
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from edge_greengrass.journal import Journal
from edge_greengrass.twin import configuration
from edge_greengrass.twin.cast import instruments_of
from edge_greengrass.twin.configuration import BadConfiguration
from edge_greengrass.twin.video.camera import TwinCamera, cameras
from edge_greengrass.twin.video.director import Director, Post
from edge_greengrass.twin.video.rtsp import RtspServer


async def play(host: str, port: int, site: Mapping[str, TwinCamera], director: Director) -> None:
    """Play all cameras until told to stop."""
    journal = Journal("twin-cameras")
    server = RtspServer(site)
    journal.tell("opened", port=await server.open(host, port), cameras=len(site))
    playing = asyncio.gather(director.direct(), *(camera.play() for camera in site.values()))
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, playing.cancel)
    with suppress(asyncio.CancelledError):
        await playing
    journal.tell("stopped")


def main() -> int:
    """Read the command line; 2 says that the configuration is at fault."""
    parser = ArgumentParser(prog="edge_greengrass.twin.video", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    path = parser.parse_args().config
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        site = cameras({one["cameraId"]: one["scene"] for one in found["cameras"]})
        host, port = str(found["host"]), int(found["port"])
        director = Director(_posts(found, site))
    except (BadConfiguration, OSError, KeyError, TypeError, ValueError) as fault:
        sys.stderr.write(f"{path.name}: {type(fault).__name__} {fault}\n")
        return 2
    asyncio.run(play(host, port, site, director))
    return 0


def _posts(found: Mapping[str, Any], site: Mapping[str, TwinCamera]) -> dict[str, Post]:
    """Give the cameras that look at a plant with a twin."""
    if "plants" not in found:
        return {}
    twins = {one.outlet: one for one in configuration.read(Path(found["plants"]))}
    return {
        one["cameraId"]: Post(
            camera=site[one["cameraId"]],
            scene=one["scene"],
            plant=instruments_of(twins[one["outletId"]]).plant,
        )
        for one in found["cameras"]
        if one.get("outletId") in twins
    }


if __name__ == "__main__":
    sys.exit(main())
