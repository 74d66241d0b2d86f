"""OPC UA: subscriptions of a control system, signed and enciphered.

Source times and status codes travel with each point: what the server says of a value's quality
becomes a flag of HJ 212, and the time is that of the source, not that of arrival. When the
connection is lost the source ends and is run again; the server then tells the present values of
all channels anew.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from socket import gethostname
from typing import Any

import numpy as np
from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.node import Node
from asyncua.common.subscription import DataChangeNotif, OverflowPolicy
from asyncua.crypto import cert_gen
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaerrors import UaError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from edge_greengrass.collector.sources.channel import (
    COMMUNICATION,
    FAULT,
    NORMAL,
    Channel,
    Scales,
    channel_of,
)
from edge_greengrass.collector.sources.fields import Fields
from edge_greengrass.collector.sources.source import (
    Kind,
    Points,
    Sink,
    Terms,
    require_unique,
    terms_of,
)
from plume.errors import Unavailable

QUEUE = 10
"""Values per channel [1] that the server keeps between two publications."""
YEARS = 10
"""How long a certificate made here lasts; the server's keeper may replace it at any time."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_COMMUNICATION = {
    StatusCodes.BadNoCommunication,
    StatusCodes.BadCommunicationError,
    StatusCodes.BadNotConnected,
    StatusCodes.BadTimeout,
    StatusCodes.UncertainNoCommunicationLastUsableValue,
}


class Mode(StrEnum):
    """How a connection is protected; plain must be said in so many words."""

    SIGN_AND_ENCRYPT = "signAndEncrypt"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Security:
    """The files of this client's pair (made when missing), and of the server's certificate."""

    certificate: Path
    key: Path
    server: Path


@dataclass(frozen=True, slots=True)
class Login:
    """The user of the session; an empty name is anonymous."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class OpcUa:
    """One OPC UA server; `period` [s] is how often it samples; `security` is None when plain."""

    terms: Terms
    url: str
    application: str
    security: Security | None
    login: Login
    period: float
    timeout: float
    channels: Sequence[Channel]
    nodes: Sequence[str]

    async def run(self, sink: Sink) -> None:
        """Subscribe and listen until the connection is lost."""
        try:
            await self._listen(sink)
        except (UaError, OSError, TimeoutError) as fault:
            raise Unavailable(f"{type(fault).__name__}: {fault}") from fault

    async def _listen(self, sink: Sink) -> None:
        client = Client(self.url, timeout=self.timeout)
        client.application_uri = self.application
        lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        client.connection_lost_callback = _Lost(lost)
        if self.login.user:
            client.set_user(self.login.user)
            client.set_password(self.login.password)
        if self.security is not None:
            await _secure(client, self.security, self.application)
        async with client:
            await self._subscribe(client, sink, lost)
            raise Unavailable(f"connection lost: {await lost}")

    async def _subscribe(self, client: Client, sink: Sink, lost: asyncio.Future[str]) -> None:
        """Ask for every channel; one the server does not have fails alone, flagged B."""
        nodes = [client.get_node(one) for one in self.nodes]
        listener = _Listener(sink, Scales(self.channels), nodes, lost)
        subscription = await client.create_subscription(
            1000 * self.period, listener, overflow=OverflowPolicy.DISCONNECT
        )
        handles = await subscription.subscribe_data_change(
            nodes, queuesize=QUEUE, sampling_interval=ua.Double(1000 * self.period)
        )
        for channel, handle in enumerate(handles):
            if isinstance(handle, ua.StatusCode):
                listener.refuse(channel)


class _Lost:
    """Notes why a connection went down, once."""

    def __init__(self, lost: asyncio.Future[str]) -> None:
        self._lost = lost

    async def __call__(self, fault: Exception) -> None:
        """Note it."""
        if not self._lost.done():
            self._lost.set_result(f"{type(fault).__name__} {fault}")


class _Listener:
    """Turns notifications into points; those of one turn of the loop go on together."""

    def __init__(
        self, sink: Sink, scales: Scales, nodes: Sequence[Node], lost: asyncio.Future[str]
    ) -> None:
        self._sink, self._scales, self._lost = sink, scales, lost
        self._channel_of = {node.nodeid: channel for channel, node in enumerate(nodes)}
        self._heard: list[tuple[int, int, float, int]] = []

    def datachange_notification(self, node: Node, _: object, data: DataChangeNotif) -> None:
        """Take one value of one channel; called by the library."""
        said = data.monitored_item.Value
        channel = self._channel_of[node.nodeid]
        self._note(channel, _milliseconds(said), _number(said), _flag(said))

    def status_change_notification(self, status: ua.StatusChangeNotification) -> None:
        """Take the end of the subscription as the loss of the connection."""
        if not self._lost.done():
            self._lost.set_result(f"subscription ended: {status.Status}")

    def refuse(self, channel: int) -> None:
        """Flag a channel that the server does not have."""
        self._note(channel, _now(), float("nan"), COMMUNICATION)

    def _note(self, channel: int, at: int, value: float, flag: int) -> None:
        if not self._heard:
            asyncio.get_running_loop().call_soon(self._pass_on)
        self._heard.append((channel, at, value, flag))

    def _pass_on(self) -> None:
        heard, self._heard = self._heard, []
        channels, times, values, flags = (np.array(column) for column in zip(*heard, strict=True))
        places = channels, np.arange(len(heard))
        raw = np.full((len(self._channel_of), len(heard)), np.nan)
        marks = np.zeros(raw.shape, np.uint8)
        raw[places], marks[places] = values, flags
        scaled, marks = self._scales.apply(raw, marks)
        self._sink.offer(Points(times.astype(np.int64), scaled, marks))


def opcua_of(fields: Fields) -> OpcUa:
    """Read the settings of an OPC UA source.

    Raises:
        BadSettings: naming the field.
    """
    terms = terms_of(fields, Kind.OPCUA)
    channels, nodes = [], []
    for one in fields.each("channels"):
        channels.append(channel_of(one))
        nodes.append(_node(one))
        one.done()
    require_unique(channels, fields)
    _require_nodes_apart(nodes, fields)
    found = OpcUa(
        terms=terms,
        url=fields.text("url"),
        application=fields.text("applicationUri", "urn:plume:collector"),
        security=_security(fields),
        login=Login(fields.text("user", ""), fields.text("password", "")),
        period=fields.number("seconds", 0.01, 86_400.0, 1.0),
        timeout=fields.number("timeoutSeconds", 0.1, 60.0, 4.0),
        channels=tuple(channels),
        nodes=tuple(nodes),
    )
    fields.done()
    return found


def _node(fields: Fields) -> str:
    node = fields.text("node")
    try:
        ua.NodeId.from_string(node)
    except UaError as fault:
        raise fields.bad("node", f"{node!r} is no node id such as ns=2;s=FGD.Pump1") from fault
    return node


def _require_nodes_apart(nodes: Sequence[str], fields: Fields) -> None:
    """Refuse one node for two channels: what is notified names its node and no more.

    Raises:
        BadSettings: naming the second one.
    """
    known = [ua.NodeId.from_string(node) for node in nodes]
    for place, node in enumerate(known):
        if node in known[:place]:
            raise fields.bad(f"channels[{place}].node", f"{nodes[place]} stands twice")


def _security(fields: Fields) -> Security | None:
    mode = fields.choice("mode", Mode, Mode.SIGN_AND_ENCRYPT)
    files = fields.part("security")
    if mode is Mode.PLAIN:
        files.done()
        return None
    chosen = Security(
        certificate=Path(files.text("certificate")),
        key=Path(files.text("key")),
        server=Path(files.text("serverCertificate")),
    )
    files.done()
    return chosen


async def _secure(client: Client, security: Security, application: str) -> None:
    """Sign and encipher by Basic256Sha256, with no server but the one whose key is known."""
    if not security.key.exists():
        _make_pair(security, application)
    await client.set_security(
        SecurityPolicyBasic256Sha256,
        certificate=str(security.certificate),
        private_key=str(security.key),
        server_certificate=str(security.server),
        mode=ua.MessageSecurityMode.SignAndEncrypt,
    )


def _make_pair(security: Security, application: str) -> None:
    """Make the pair of this client, for the server's keeper to trust."""
    key = cert_gen.generate_private_key()
    names = [x509.UniformResourceIdentifier(application), x509.DNSName(gethostname())]
    certificate = cert_gen.generate_self_signed_app_certificate(
        key,
        application,
        {"commonName": application},
        names,
        extended=[ExtendedKeyUsageOID.CLIENT_AUTH],
        days=YEARS * 365,
    )
    security.certificate.write_bytes(certificate.public_bytes(Encoding.DER))
    security.key.touch(mode=0o600)
    security.key.write_bytes(cert_gen.dump_private_key_as_pem(key))


def _milliseconds(said: ua.DataValue) -> int:
    """Give the source's time; the server's where the source says none, or a null of 1601."""
    stamps: tuple[datetime | None, ...] = (said.SourceTimestamp, said.ServerTimestamp)
    for at in stamps:
        if at is not None and at.year >= _EPOCH.year:
            aware = at if at.tzinfo else at.replace(tzinfo=UTC)
            return int((aware - _EPOCH) / _MILLISECOND)
    return _now()


def _number(said: ua.DataValue) -> float:
    value: Any = said.Value.Value if said.Value is not None else None
    return float(value) if isinstance(value, bool | int | float) else float("nan")


def _flag(said: ua.DataValue) -> int:
    """Give the flag for a status code: our choice, since HJ 212 knows no "uncertain".

    Good is N; no communication with the device is B; all else, uncertain or bad, is D.
    """
    status = said.StatusCode
    if status is None or status.is_good():
        return NORMAL
    return COMMUNICATION if status.value in _COMMUNICATION else FAULT


def _now() -> int:
    return int((datetime.now(tz=UTC) - _EPOCH) / _MILLISECOND)
