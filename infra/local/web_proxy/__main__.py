"""Run the proxy: `python -m infra.local.web_proxy --config FILE`."""

import argparse
import json
from pathlib import Path

from aiohttp import web

from infra.local.settings import HOST
from infra.local.web_proxy.app import application
from infra.local.web_proxy.site import Bucket


def main() -> None:
    """Serve page, API, login and media at one address until told to stop."""
    parser = argparse.ArgumentParser(prog="infra.local.web_proxy", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    chosen = json.loads(parser.parse_args().config.read_text(encoding="utf-8"))
    places = {name: chosen[name] for name in ("api", "login", "media")}
    app = application(**places, files=Bucket(chosen["bucket"]))
    web.run_app(
        app, host=HOST, port=chosen["port"], access_log=None, print=None, shutdown_timeout=1
    )


if __name__ == "__main__":
    main()
