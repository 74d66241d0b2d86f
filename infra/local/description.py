"""`local.json`: what other programs may rely on while the platform runs (DESIGN 2)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from infra.local.deployment import Outputs
from infra.local.edge_site import EdgeSite
from infra.local.plants import Plant, entries
from infra.local.settings import HOST, REGION, Settings
from infra.local.written import write_whole

NAME = "local.json"


class Description:
    """The file; written when all is ready, kept current, removed when the platform stops."""

    def __init__(self, settings: Settings, outputs: Outputs, site: EdgeSite) -> None:
        self._path = settings.home / NAME
        self._facts = _facts(settings, outputs["Plume-Identity"], site)

    def write(self, processes: Iterable[tuple[str, int]]) -> None:
        """Say that the platform is ready and what runs."""
        running = [{"name": name, "pid": pid} for name, pid in processes]
        facts = {**self._facts, "processes": running, "ready": True}
        write_whole(self._path, json.dumps(facts, ensure_ascii=False, indent=1))


def forget(settings: Settings) -> None:
    """Remove the file: nothing in it is true any more."""
    (settings.home / NAME).unlink(missing_ok=True)


def _facts(settings: Settings, identity: Mapping[str, str], site: EdgeSite) -> dict[str, Any]:
    return {
        "webUrl": settings.web_url,
        "apiUrl": f"{settings.web_url}/api",
        "awsEndpointUrl": settings.aws_url,
        "region": REGION,
        "userPoolId": identity["UserPoolId"],
        "userPoolClientId": identity["UserPoolClientId"],
        "iot": {"host": HOST, "port": settings.iot_port, "caFile": str(site.ca_file)},
        "accounts": [
            {"username": each["username"], "password": each["password"], "role": each["role"]}
            for each in entries("people")
        ],
        "collectors": [_collector(plant, port) for plant, port in site.plants()],
    }


def _collector(plant: Plant, port: int) -> dict[str, Any]:
    outlets = [{"outletId": o.outlet, "mn": o.mn, "st": o.st} for o in plant.outlets]
    return {"thing": plant.thing, "host": HOST, "hj212Port": port, "outlets": outlets}
