"""The routes of the API, asked of the Chalice application itself."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from os import environ, pathsep
from pathlib import Path

from infra.stage import ROOT

PROGRAM = """
import json
from app import app
print(json.dumps({path: sorted(methods) for path, methods in app.routes.items()}))
"""


@cache
def routes_of(folder: Path) -> Mapping[str, Sequence[str]]:
    """Give the methods of each path, as `{"/outlets/{outlet_id}": ["GET"]}`.

    The application runs in an interpreter of its own, so that its modules, which are called
    `app` and `chalicelib` because Chalice says so, stay out of this one.
    """
    path = pathsep.join(filter(None, (str(ROOT / "shared"), environ.get("PYTHONPATH"))))
    told = subprocess.run(  # noqa: S603, every word of it is ours
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        env={**environ, "PYTHONPATH": path, "AWS_DEFAULT_REGION": "us-east-1"},
        check=True,
        capture_output=True,
        text=True,
    )
    routes: Mapping[str, Sequence[str]] = json.loads(told.stdout)
    return routes
