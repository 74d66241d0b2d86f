"""The simulated edge devices: their claim, their settings, their programs."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.local.camera_site import filming, write_scenes
from infra.local.local_aws import Aws
from infra.local.object_stores import ObjectStores
from infra.local.plants import DemoOutlet, Plant, plants
from infra.local.program import Program
from infra.local.sentinels import sentinel_settings
from infra.local.settings import HOST, ROOT, Settings
from infra.local.written import write_whole
from plume.wire.names import CLAIM_POLICY, PROVISIONING_TEMPLATE

MEBIBYTE = 1 << 20
PUBLIC_KEY_PARAMETER = "/plume/platform-key"
BACKFILL_HOURS = 24
BACKFILL_PACE = 4.0
"""Seconds between two frames of the past: a day of one outlet comes in twelve minutes, and what is
new need not wait behind it in the cloud."""
TOLD_AGAIN_HOURS = 1
"""After a pause the twins tell what they missed and a little more."""
LAST_RUN = "twins.last"
LABELS = "labels.jsonl"
TWINS = "twins.json"
POLL_SECONDS, BLOCK_SECONDS = 30, 60
"""Two cores carry the plants and the cloud: points are polled no more often than data are sent."""


class EdgeSite:
    """Everything that stands at the plants."""

    def __init__(self, settings: Settings, aws: Aws) -> None:
        self._settings, self._aws = settings, aws
        self._folder = settings.home / "edge"
        self.ca_file = self._folder / "ca.pem"

    def prepare(self, stores: ObjectStores) -> None:
        """Fetch what a device is delivered with, and write every component's settings."""
        write_whole(self.ca_file, self._aws.iot_authority())
        write_whole(self._folder / "platform-key.pem", self._platform_key())
        self._claim()
        for plant, port in self.plants():
            self._write(plant, "collector", self._collector(plant, port))
            self._write(plant, "uplink", self._uplink(plant, stores))
        filmed = [self._camera(plant, stores) for plant in plants() if plant.filmed]
        write_whole(self._cameras(), json.dumps({"sites": filmed}, indent=1), mode=0o600)
        sites = [sentinel_settings(plant, self._device(plant)) for plant, _ in self.plants()]
        write_whole(self._sentinels(), json.dumps({"sites": sites}, indent=1), mode=0o600)

    def plants(self) -> Iterator[tuple[Plant, int]]:
        """Give each plant with the port its data loggers connect to."""
        return zip(plants(), self._settings.collector_ports, strict=True)

    def programs(self) -> list[Program]:
        """Give a collector and an uplink for each device, and one sentinel for all."""
        watching = _python("edge_greengrass.sentinel", self._sentinels())
        return [
            self._program(plant, component)
            for plant, _ in self.plants()
            for component in ("collector", "uplink")
        ] + [Program("sentinels", watching, _environment())]

    def films(self) -> list[Program]:
        """Give the program that plays every camera, and the camera component of all devices."""
        config = self._folder / "twin-cameras.json"
        write_scenes(config, plants(), self._settings.rtsp_port, self._folder / TWINS)
        played = _python("edge_greengrass.twin.video", config)
        return [
            Program("twin-cameras", played, _environment()),
            Program("cameras", _python("edge_greengrass.camera", self._cameras()), _environment()),
        ]

    def twins(self) -> Program:
        """Give the program that plays every plant with a twin."""
        config = self._folder / TWINS
        played = [
            self._played(outlet, outlet.twin, port)
            for plant, port in self.plants()
            for outlet in plant.outlets
            if outlet.twin
        ]
        write_whole(config, json.dumps({"plants": played}, indent=1))
        labels = ("--labels", str(self._settings.home / LABELS))
        command = (*_python("edge_greengrass.twin", config), *labels)
        return Program("twins", command, _environment())

    def _played(self, outlet: DemoOutlet, twin: Mapping[str, Any], port: int) -> dict[str, Any]:
        modbus = self._control_ports().get(outlet.outlet)
        return {
            **twin,
            "outletId": outlet.outlet,
            "mn": outlet.mn,
            "st": outlet.st,
            "password": outlet.password,
            "host": HOST,
            "port": port,
            "backfillPace": BACKFILL_PACE,
            "backfillHours": min(
                self._backfill_hours(), twin.get("backfillHours", BACKFILL_HOURS)
            ),
            **({"modbusPort": modbus} if modbus else {}),
        }

    def _control_ports(self) -> Mapping[str, int]:
        """Give the Modbus port of each outlet whose twin has a control system."""
        outlets = [one.outlet for plant in plants() for one in plant.outlets if one.registers]
        return dict(zip(outlets, self._settings.control_ports, strict=False))

    def name_file(self, thing: str) -> Path:
        """Give the file in which a provisioned device keeps its name."""
        return self._folder / thing / "identity" / "thing"

    def note_twins(self) -> None:
        """Note that the twins were playing until now."""
        write_whole(self._settings.home / LAST_RUN, str(time.time()))

    def _backfill_hours(self) -> int:
        try:
            last = float((self._settings.home / LAST_RUN).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return BACKFILL_HOURS
        missed = int((time.time() - last) / 3600) + TOLD_AGAIN_HOURS
        return min(BACKFILL_HOURS, max(TOLD_AGAIN_HOURS, missed))

    def _platform_key(self) -> str:
        found = self._aws.client("ssm").get_parameter(Name=PUBLIC_KEY_PARAMETER)
        return str(found["Parameter"]["Value"])

    def _claim(self) -> None:
        """Make a claim certificate as an administrator does, once."""
        certificate, key = self._claim_files()
        if certificate.exists() and key.exists():
            return
        iot = self._aws.client("iot")
        made = iot.create_keys_and_certificate(setAsActive=True)
        iot.attach_policy(policyName=CLAIM_POLICY, target=made["certificateArn"])
        write_whole(key, made["keyPair"]["PrivateKey"], mode=0o600)
        write_whole(certificate, made["certificatePem"])

    def _claim_files(self) -> tuple[Path, Path]:
        return self._folder / "claim.pem", self._folder / "claim.key"

    def _collector(self, plant: Plant, port: int) -> Mapping[str, Any]:
        return {
            **self._device(plant),
            "thing": plant.thing,
            "listeners": [{"host": HOST, "port": port}],
            "outlets": [
                {
                    "outletId": outlet.outlet,
                    "mn": outlet.mn,
                    "st": outlet.st,
                    "password": outlet.password,
                }
                for outlet in plant.outlets
            ],
            "sources": self._sources(plant),
        }

    def _sources(self, plant: Plant) -> list[Mapping[str, Any]]:
        """Give what the collector polls: the control system of each outlet's twin."""
        ports = self._control_ports()
        return [
            {
                "name": f"{outlet.outlet}-dcs",
                "kind": "modbus",
                "outletId": outlet.outlet,
                "host": HOST,
                "port": ports[outlet.outlet],
                "seconds": POLL_SECONDS,
                "blockSeconds": BLOCK_SECONDS,
                "silentSeconds": 120,
                "channels": outlet.registers,
            }
            for outlet in plant.outlets
            if outlet.outlet in ports
        ]

    def _uplink(self, plant: Plant, stores: ObjectStores) -> Mapping[str, Any]:
        certificate, key = self._claim_files()
        return {
            **self._device(plant),
            "serial": plant.serial,
            "endpoint": HOST,
            "port": self._settings.iot_port,
            "caFile": str(self.ca_file),
            # The local broker signs no requests: without the last word each device would wait.
            "claim": {"certificate": str(certificate), "key": str(key), "ownKey": False},
            "template": PROVISIONING_TEMPLATE,
            "platformKeyFile": str(self._folder / "platform-key.pem"),
            "outboxBytes": 128 * MEBIBYTE,
            "objectStore": stores.edge_settings,
        }

    def _camera(self, plant: Plant, stores: ObjectStores) -> Mapping[str, Any]:
        return {
            **self._device(plant),
            **filming(plant, self._settings.rtsp_port),
            "objectStore": stores.edge_settings,
        }

    def _cameras(self) -> Path:
        return self._folder / "cameras.json"

    def _program(self, plant: Plant, component: str) -> Program:
        command = _python(f"edge_greengrass.{component}", self._config(plant, component))
        return Program(f"{component}-{plant.serial.lower()}", command, _environment())

    def _device(self, plant: Plant) -> Mapping[str, Any]:
        return {
            "home": str(self._folder / plant.thing),
            "fingerprintSeed": f"{self._folder}/{plant.serial}",
            "intakeBytes": 64 * MEBIBYTE,
        }

    def _sentinels(self) -> Path:
        return self._folder / "sentinels.json"

    def _config(self, plant: Plant, component: str) -> Path:
        return self._folder / f"{plant.thing}.{component}.json"

    def _write(self, plant: Plant, component: str, chosen: Mapping[str, Any]) -> None:
        write_whole(self._config(plant, component), json.dumps(chosen, indent=1), mode=0o600)


def _python(module: str, config: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", module, "--config", str(config))


def _environment() -> dict[str, str]:
    return {"PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}", "OPENBLAS_NUM_THREADS": "1"}
