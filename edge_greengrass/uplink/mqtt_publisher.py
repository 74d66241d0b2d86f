"""The way to AWS IoT Core by MQTT 5 over mutual TLS, for devices without Greengrass."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from awscrt import mqtt5
from awscrt.exceptions import AwsCrtError
from awscrt.http import HttpProxyConnectionType, HttpProxyOptions
from awsiot import mqtt5_client_builder

from edge_greengrass.journal import Journal
from edge_greengrass.private_key import opened
from edge_greengrass.uplink.publisher import Ears
from plume.errors import Unavailable
from plume.wire.names import ACK_TOPIC, COMMANDS_TOPIC, SEGMENTS_TOPIC

LOOPBACK = "127.0.0.1"
KEEP_ALIVE_SECONDS = 30
PING_TIMEOUT_MS = 10_000
RECONNECT_MS = (1_000, 30_000)
PUBACK_SECONDS = 30
STOP_SECONDS = 5.0
FIRST_FAILURE = 128
"""MQTT 5, 2.4: reason codes from 0x80 on are failures."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and whose certificate authority signs it; empty is the system's.

    With `proxy_port` it is reached through a proxy on loopback (`routes.way_out`), TLS end to end.
    """

    host: str
    port: int
    ca_file: str = ""
    proxy_port: int = 0


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client certificate and its private key, both PEM files; the password of a shut key."""

    certificate: Path
    key: Path
    password: bytes = b""


def mqtt_client(
    broker: Broker, credentials: Credentials, client_id: str, **callbacks: Callable[[Any], object]
) -> mqtt5.Client:
    """Build a client that keeps no queue of its own: what is not sent is the caller's to keep."""
    trust = {"ca_filepath": broker.ca_file} if broker.ca_file else {}
    return mqtt5_client_builder.mtls_from_bytes(
        cert_bytes=credentials.certificate.read_bytes(),
        pri_key_bytes=opened(credentials.key.read_bytes(), credentials.password),
        endpoint=broker.host,
        port=broker.port,
        client_id=client_id,
        keep_alive_interval_sec=KEEP_ALIVE_SECONDS,
        ping_timeout_ms=PING_TIMEOUT_MS,
        session_behavior=mqtt5.ClientSessionBehaviorType.CLEAN,
        offline_queue_behavior=mqtt5.ClientOperationQueueBehaviorType.FAIL_ALL_ON_DISCONNECT,
        min_reconnect_delay_ms=RECONNECT_MS[0],
        max_reconnect_delay_ms=RECONNECT_MS[1],
        ack_timeout_sec=PUBACK_SECONDS,
        http_proxy_options=_proxy(broker),
        **trust,
        **callbacks,
    )


def _proxy(broker: Broker) -> HttpProxyOptions | None:
    if not broker.proxy_port:
        return None
    return HttpProxyOptions(
        LOOPBACK, broker.proxy_port, connection_type=HttpProxyConnectionType.Tunneling
    )


class MqttPublisher:
    """One MQTT 5 connection of one thing; the client id is its name, as the policy asks."""

    def __init__(
        self, thing: str, broker: Broker, credentials: Credentials, journal: Journal
    ) -> None:
        self._segments = SEGMENTS_TOPIC.format(thing=thing)
        self._acks = ACK_TOPIC.format(thing=thing)
        self._commands = COMMANDS_TOPIC.format(thing=thing)
        self._journal = journal
        self._standing = False
        self._stopped = asyncio.Event()
        self._client = mqtt_client(
            broker,
            credentials,
            thing,
            on_publish_received=self._in_loop(self._message),
            on_lifecycle_connection_success=self._in_loop(self._success),
            on_lifecycle_connection_failure=self._in_loop(self._failure),
            on_lifecycle_disconnection=self._in_loop(self._disconnection),
            on_lifecycle_stopped=self._in_loop(lambda _: self._stopped.set()),
        )

    @property
    def connected(self) -> bool:
        """Whether a connection stands and acknowledgements are subscribed."""
        return self._standing

    async def open(self, ears: Ears) -> None:
        """Begin to connect; the client reconnects by itself from then on."""
        self._ears = ears
        self._client.start()

    async def publish(self, payload: bytes) -> None:
        """Publish one segment by Basic Ingest; return on a PUBACK that is not a refusal."""
        packet = mqtt5.PublishPacket(
            topic=self._segments, payload=payload, qos=mqtt5.QoS.AT_LEAST_ONCE
        )
        done = await self._completed(self._client.publish(packet))
        _refuse_failures("PUBACK", [done.puback.reason_code])

    async def close(self) -> None:
        """Disconnect, and wait a little for it."""
        self._client.stop()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._stopped.wait()
        except TimeoutError:
            self._journal.tell("mqtt_stop_timed_out")

    def _in_loop(self, react: Callable[[Any], None]) -> Callable[[Any], None]:
        """Bring a callback from the client's threads into the event loop."""
        loop = asyncio.get_running_loop()
        return lambda data: None if loop.is_closed() else _hand_over(loop, react, data)

    def _message(self, data: mqtt5.PublishReceivedData) -> None:
        packet = data.publish_packet
        if packet.topic == self._acks:
            self._ears.acknowledged(packet.payload)
        elif packet.topic == self._commands:
            self._ears.commanded(packet.payload)

    def _success(self, _: mqtt5.LifecycleConnectSuccessData) -> None:
        self._subscribing = asyncio.ensure_future(self._subscribe())

    async def _subscribe(self) -> None:
        """Subscribe to what comes down, for as long as the connection stands."""
        once = mqtt5.QoS.AT_LEAST_ONCE
        wanted = [mqtt5.Subscription(topic, once) for topic in (self._acks, self._commands)]
        packet = mqtt5.SubscribePacket(subscriptions=wanted)
        try:
            done = await self._completed(self._client.subscribe(packet))
            _refuse_failures("SUBACK", done.reason_codes)
        except Unavailable as fault:
            self._journal.tell("mqtt_subscribe_failed", reason=str(fault))
            return
        self._standing = True
        self._journal.tell("mqtt_connected", acks=self._acks, commands=self._commands)
        self._ears.connected()

    def _failure(self, data: mqtt5.LifecycleConnectFailureData) -> None:
        self._journal.tell("mqtt_connect_failed", reason=str(data.exception))

    def _disconnection(self, data: mqtt5.LifecycleDisconnectData) -> None:
        self._standing = False
        self._journal.tell("mqtt_disconnected", reason=str(data.exception))

    async def _completed(self, future: "Future[Any]") -> Any:  # noqa: ANN401, untyped library
        try:
            return await asyncio.wrap_future(future)
        except AwsCrtError as fault:
            raise Unavailable(str(fault)) from fault


def _hand_over(
    loop: asyncio.AbstractEventLoop, react: Callable[[Any], None], data: object
) -> None:
    loop.call_soon_threadsafe(partial(react, data))


def _refuse_failures(packet: str, codes: list[int]) -> None:
    for code in codes:
        if code >= FIRST_FAILURE:
            raise Unavailable(f"{packet} {code!r}")
