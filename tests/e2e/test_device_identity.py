"""What a device may do, with its own certificate, against the enforced policies."""

import json
import ssl
import threading
from pathlib import Path
from typing import Any, Self

import boto3
import httpx
import pytest
from awscrt import mqtt5
from awsiot import mqtt5_client_builder
from botocore.exceptions import ClientError

from edge_greengrass.outbox.hardware import simulated
from edge_greengrass.private_key import opened, password_of
from tests.e2e.platform_under_test import Platform

pytestmark = pytest.mark.stack

NOT_AUTHORIZED = 135
BENCH = "bench-gas-1"


def secret(identity: Path) -> bytes:
    """The password of a simulated device's keys: its hardware is the seed in its settings."""
    settings = identity.parents[1] / f"{identity.parent.name}.uplink.json"
    seed = json.loads(settings.read_text("utf-8"))["fingerprintSeed"]
    return password_of(identity.parent, simulated(seed))


class Device:
    """A second connection with the credentials a device was provisioned with."""

    def __init__(self, platform: Platform, thing: str, client_id: str) -> None:
        iot = platform.description["iot"]
        identity = Path(iot["caFile"]).parent / thing / "identity"
        self._heard = threading.Event()
        self.connected = False
        self.client = mqtt5_client_builder.mtls_from_bytes(
            endpoint=iot["host"],
            port=iot["port"],
            ca_filepath=iot["caFile"],
            cert_bytes=(identity / "certificate.pem").read_bytes(),
            pri_key_bytes=opened((identity / "certificate.key").read_bytes(), secret(identity)),
            client_id=client_id,
            on_lifecycle_connection_success=lambda _: self._hear(connected=True),
            on_lifecycle_connection_failure=lambda _: self._hear(connected=False),
        )

    def _hear(self, *, connected: bool) -> None:
        self.connected = connected
        self._heard.set()

    def __enter__(self) -> Self:
        self.client.start()
        assert self._heard.wait(20), "the broker said nothing"
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop()

    def publish(self, topic: str) -> int:
        packet = mqtt5.PublishPacket(
            topic=topic, qos=mqtt5.QoS.AT_LEAST_ONCE, payload=b"not a segment"
        )
        return int(self.client.publish(packet).result(20).puback.reason_code)

    def subscribe(self, topic: str) -> int:
        wanted = mqtt5.Subscription(topic_filter=topic, qos=mqtt5.QoS.AT_LEAST_ONCE)
        packet = mqtt5.SubscribePacket(subscriptions=[wanted])
        return int(self.client.subscribe(packet).result(20).reason_codes[0])


@pytest.fixture(scope="module")
def things(platform: Platform) -> tuple[str, str]:
    """The bench device, and another one."""
    bench = platform.collector(BENCH)["thing"]
    other = next(c["thing"] for c in platform.description["collectors"] if c["thing"] != bench)
    return bench, other


def test_a_device_that_publishes_under_anothers_name_is_refused(
    platform: Platform, things: tuple[str, str]
) -> None:
    mine, other = things
    with Device(platform, mine, mine) as device:
        assert device.publish(f"$aws/rules/plume_segments/{other}/segments") == NOT_AUTHORIZED


def test_a_device_cannot_hear_anothers_acknowledgements(
    platform: Platform, things: tuple[str, str]
) -> None:
    mine, other = things
    with Device(platform, mine, mine) as device:
        assert device.subscribe(f"plume/{other}/ack") == NOT_AUTHORIZED
        assert device.subscribe("plume/#") == NOT_AUTHORIZED


def test_a_device_cannot_connect_under_anothers_name(
    platform: Platform, things: tuple[str, str]
) -> None:
    mine, other = things
    with Device(platform, mine, other) as device:
        assert not device.connected


class Pocket:
    """What a device has on its disk: its settings and its identity."""

    def __init__(self, platform: Platform, thing: str) -> None:
        edge = Path(platform.description["iot"]["caFile"]).parent
        self.stores: dict[str, Any] = json.loads((edge / f"{thing}.uplink.json").read_text())[
            "objectStore"
        ]
        self._identity, self._url = (
            edge / thing / "identity",
            platform.description["awsEndpointUrl"],
        )

    def credentials(self, thing: str) -> httpx.Response:
        """Ask for credentials in the name of a thing."""
        context = ssl.create_default_context(cafile=self.stores["caFile"])
        context.load_cert_chain(
            self._identity / "certificate.pem",
            self._identity / "certificate.key",
            secret(self._identity),
        )
        place = f"/role-aliases/{self.stores['roleAlias']}/credentials"
        with httpx.Client(verify=context) as client:
            address = f"https://{self.stores['credentialsEndpoint']}{place}"
            return client.get(address, headers={"x-amzn-iot-thingname": thing})

    def s3(self, thing: str) -> Any:
        keys = self.credentials(thing).json()["credentials"]
        return boto3.client(
            "s3",
            endpoint_url=self._url,
            aws_access_key_id=keys["accessKeyId"],
            aws_secret_access_key=keys["secretAccessKey"],
            aws_session_token=keys["sessionToken"],
        )


def test_a_device_puts_objects_under_its_own_name_and_no_other(
    platform: Platform, things: tuple[str, str]
) -> None:
    mine, other = things
    pocket = Pocket(platform, mine)
    s3, stores = pocket.s3(mine), pocket.stores
    own = [
        (stores["mediaBucket"], f"media/{mine}/still.jpg"),
        (stores["mediaBucket"], f"live/{mine}/cam1/0.ts"),
    ]
    for bucket, key in own:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x", ChecksumAlgorithm="SHA256")
    foreign = [
        (stores["segmentsBucket"], f"backlog/{other}/1.plume"),
        (stores["segmentsBucket"], "bundles/x"),
        (stores["mediaBucket"], f"media/{other}/still.jpg"),
        (stores["mediaBucket"], f"live/{other}/cam1/0.ts"),
    ]
    for bucket, key in foreign:
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.put_object(Bucket=bucket, Key=key, Body=b"x", ChecksumAlgorithm="SHA256")


def test_a_device_gets_no_credentials_in_the_name_of_another(
    platform: Platform, things: tuple[str, str]
) -> None:
    mine, other = things
    assert Pocket(platform, mine).credentials(other).status_code == httpx.codes.FORBIDDEN
