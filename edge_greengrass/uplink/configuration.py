"""What the uplink must know: who it is, and which way leads to the cloud."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from edge_greengrass.object_store import ObjectStore, hosts, object_store
from edge_greengrass.settings import Settings, told_as_bad_settings
from edge_greengrass.uplink.mqtt_publisher import Broker, Credentials
from edge_greengrass.uplink.routes.keeper import Patience
from edge_greengrass.uplink.routes.network_route import NetworkRoute, Target

MEBIBYTE = 1 << 20


class Route(StrEnum):
    """The way to AWS IoT Core: a connection of its own, or that of the Greengrass nucleus."""

    MQTT = "mqtt"
    IPC = "ipc"


@dataclass(frozen=True, slots=True)
class Routes:
    """The network routes of the plant, best first; none leaves the choice to the system.

    `beyond` are the hosts that they lead to besides the broker: where objects are put.
    """

    known: tuple[NetworkRoute, ...]
    patience: Patience
    probe_seconds: float
    beyond: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of the uplink's settings; `broker`, `claim` and `template` are for the route mqtt.

    `certificate_life` bounds how long a device certificate serves, however long it is valid.
    """

    home: Path
    serial: str
    thing: str
    route: Route
    platform_key: bytes
    broker: Broker
    claim: Credentials
    template: str
    own_key: bool
    intake_bytes: int
    outbox_bytes: int
    resend_seconds: float
    health_seconds: float
    routes: Routes
    certificate_life: timedelta
    store: ObjectStore | None
    """The bucket of segments, for a long backlog; None where the settings name none."""


def configuration(found: Settings) -> Configuration:
    """Read the settings.

    Raises:
        BadSettings: one is missing or malformed, or a file it names is not there.
    """
    with told_as_bad_settings("uplink"):
        return _configuration(found)


def _configuration(found: Settings) -> Configuration:
    claim = found.get("claim") or {}
    return Configuration(
        home=Path(found["home"]),
        serial=str(found.get("serial", "")).lower(),
        thing=str(found.get("thing", "")),
        route=Route(found.get("route", "mqtt")),
        platform_key=_platform_key(found),
        broker=_broker(found),
        claim=Credentials(Path(claim.get("certificate", "")), Path(claim.get("key", ""))),
        template=str(found.get("template", "")),
        own_key=bool(claim.get("ownKey", True)),
        intake_bytes=int(found.get("intakeBytes", 256 * MEBIBYTE)),
        outbox_bytes=int(found.get("outboxBytes", 1024 * MEBIBYTE)),
        resend_seconds=float(found.get("resendSeconds", 20)),
        health_seconds=float(found.get("healthSeconds", 60)),
        store=object_store(found, "segmentsBucket") if "objectStore" in found else None,
        routes=_routes(found),
        certificate_life=timedelta(days=float(found.get("certificateDays", 365))),
    )


def _platform_key(found: Settings) -> bytes:
    """Read the platform's public key, PEM: from a file, or from the settings themselves."""
    if "platformKey" in found:
        return str(found["platformKey"]).encode()
    return Path(found["platformKeyFile"]).read_bytes()


def _routes(found: Settings) -> Routes:
    """Read `routes [{name, address, interface}]`, and `probing {seconds, failures, steady}`."""
    probing = found.get("probing", {})
    return Routes(
        known=tuple(
            NetworkRoute(
                str(one["name"]), str(one.get("address", "")), str(one.get("interface", ""))
            )
            for one in found.get("routes", ())
        ),
        patience=Patience(int(probing.get("failures", 3)), float(probing.get("steady", 120))),
        probe_seconds=float(probing.get("seconds", 10)),
        beyond=tuple(Target(host, port) for host, port in hosts(found)),
    )


def _broker(found: Settings) -> Broker:
    if found.get("route", "mqtt") == Route.IPC:
        return Broker("", 0)
    return Broker(
        str(found["endpoint"]), int(found.get("port", 8883)), str(found.get("caFile", ""))
    )
