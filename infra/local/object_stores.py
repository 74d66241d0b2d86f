"""The way of a local device to S3: the stand-in of the credentials provider, and who it serves."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.credentials_server.certificate import own_certificate
from infra.local.deployment import Outputs
from infra.local.local_aws import credentials
from infra.local.program import Program
from infra.local.settings import HOST, REGION, ROOT, Settings
from infra.local.written import write_whole


@dataclass(frozen=True, slots=True)
class ObjectStores:
    """The buckets of one deployment and how its devices reach them."""

    settings: Settings
    outputs: Outputs

    @property
    def edge_settings(self) -> Mapping[str, Any]:
        """Give `objectStore` of a device's settings."""
        return {
            "credentialsEndpoint": f"{HOST}:{self.settings.credentials_port}",
            "roleAlias": self.outputs["Plume-Edge"]["RoleAliasName"],
            "segmentsBucket": self._segments,
            "mediaBucket": self._media,
            "region": REGION,
            "s3Endpoint": self.settings.aws_url,
            "caFile": str(self._certificate),
        }

    def program(self, client_ca_file: Path) -> Program:
        """Give the stand-in of the credentials provider; its settings are written."""
        folder = self._certificate.parent
        own_certificate(self._certificate, self._key)
        edge = self.outputs["Plume-Edge"]
        chosen = {
            "port": self.settings.credentials_port,
            "certificate": str(self._certificate),
            "key": str(self._key),
            "clientCaFile": str(client_ca_file),
            "roles": {edge["RoleAliasName"]: edge["TokenExchangeRoleArn"]},
            "segmentsBucket": self._segments,
            "mediaBucket": self._media,
        }
        config = folder / "config.json"
        write_whole(config, json.dumps(chosen, indent=1))
        command = (sys.executable, "-m", "infra.local.credentials_server", "--config", str(config))
        path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"}
        return Program("credentials", command, {**credentials(self.settings), **path})

    @property
    def _segments(self) -> str:
        return self.outputs["Plume-Data"]["SegmentsBucket"]

    @property
    def _media(self) -> str:
        return self.outputs["Plume-Data"]["MediaBucketName"]

    @property
    def _certificate(self) -> Path:
        return self.settings.home / "credentials" / "certificate.pem"

    @property
    def _key(self) -> Path:
        return self.settings.home / "credentials" / "certificate.key"
