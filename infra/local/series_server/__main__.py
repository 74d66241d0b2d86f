"""Run the stand-in for Timestream for InfluxDB 3: `python -m infra.local.series_server`."""

import argparse
from pathlib import Path

from aiohttp import web

from infra.local.series_server.app import SeriesServer


def main() -> None:
    """Serve until told to stop; SIGTERM and Ctrl-C settle everything first."""
    parser = argparse.ArgumentParser(prog="infra.local.series_server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8181)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--token", required=True)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    server = SeriesServer(asked.folder, asked.token)
    web.run_app(
        server.application(),
        host=asked.host,
        port=asked.port,
        access_log=None,
        auto_decompress=False,  # a body that is cut short must not pass for a whole one
    )


if __name__ == "__main__":
    main()
