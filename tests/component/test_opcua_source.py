"""OPC UA against a real enciphering server: time and quality of the source, reconnecting."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Any

import numpy as np
import pytest
from asyncua import Server, ua
from asyncua.crypto import cert_gen
from asyncua.crypto.truststore import TrustStore
from asyncua.crypto.validator import CertificateValidator, CertificateValidatorOptions
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import UniformResourceIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID

from edge_greengrass.collector.sources.opcua import OpcUa, _make_pair
from edge_greengrass.collector.sources.reading import sources_of
from edge_greengrass.collector.sources.source import Source
from edge_greengrass.settings import BadSettings
from plume.model.event import SourceState
from tests.component.patience import until
from tests.component.test_sources import Shelf, checked, roster

SERVER, CLIENT = "urn:plant:dcs", "urn:plume:collector"
AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


class Dcs:
    """A control system with a pump current and a pH, that trusts one client."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.server = Server()
        self.nodes: dict[str, Any] = {}

    async def start(self, port: int) -> None:
        self.server = Server()
        await self.server.init()
        await self.server.set_application_uri(SERVER)
        self.server.set_endpoint(f"opc.tcp://127.0.0.1:{port}")
        self.server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
        await self.server.load_certificate(str(self.folder / "server.der"))
        await self.server.load_private_key(str(self.folder / "server.pem"))
        trusted = TrustStore([self.folder / "trusted"], [])
        await trusted.load()
        options = CertificateValidatorOptions.TRUSTED | CertificateValidatorOptions.URI
        self.server.set_certificate_validator(CertificateValidator(options, trusted))
        space = await self.server.register_namespace("plant")
        for name in ("pump", "acid"):
            node = await self.server.nodes.objects.add_variable(
                ua.NodeId(name, space), name, 0.0, ua.VariantType.Double
            )
            self.nodes[name] = node
        await self.server.start()
        self.port = port

    async def says(
        self, name: str, value: float | None, at: datetime, status: int = ua.StatusCodes.Good
    ) -> None:
        variant = ua.Variant(value, ua.VariantType.Double if value is not None else None)
        await self.server.write_attribute_value(
            self.nodes[name].nodeid,
            ua.DataValue(variant, ua.StatusCode(status), SourceTimestamp=at),
        )


def free_port() -> int:
    with socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@asynccontextmanager
async def dcs(folder: Path) -> AsyncIterator[tuple[Dcs, Source]]:
    key = cert_gen.generate_private_key()
    names = [UniformResourceIdentifier(SERVER)]
    certificate = cert_gen.generate_self_signed_app_certificate(
        key, SERVER, {"commonName": SERVER}, names, extended=[ExtendedKeyUsageOID.SERVER_AUTH]
    )
    (folder / "server.der").write_bytes(certificate.public_bytes(Encoding.DER))
    (folder / "server.pem").write_bytes(cert_gen.dump_private_key_as_pem(key))
    port = free_port()
    source = opcua(folder, port)
    assert isinstance(source, OpcUa)
    assert source.security is not None
    (folder / "trusted").mkdir()
    _make_pair(source.security, CLIENT)
    (folder / "trusted" / "client.der").write_bytes((folder / "client.der").read_bytes())
    one = Dcs(folder)
    await one.start(port)
    try:
        yield one, source
    finally:
        await one.server.stop()


def opcua(folder: Path, port: int, **more: Any) -> Source:
    found = {
        "name": "dcs",
        "kind": "opcua",
        "outletId": "stack-1",
        "url": f"opc.tcp://127.0.0.1:{port}",
        "seconds": 0.05,
        "blockSeconds": 0.1,
        "silentSeconds": 300,
        "security": {
            "certificate": str(folder / "client.der"),
            "key": str(folder / "client.pem"),
            "serverCertificate": str(folder / "server.der"),
        },
        "channels": [
            {"channel": "g10401", "node": "ns=2;s=pump", "decimals": 1},
            {"channel": "g11101", "node": "ns=2;s=acid", "decimals": 2, "high": 14},
            {"channel": "g20401", "node": "ns=2;s=none", "decimals": 2},
        ],
    }
    (source,) = sources_of([{**found, **more}], folder)
    return source


def last(shelf: Shelf, code: str) -> tuple[int, float, str]:
    for columns in reversed(shelf.columns):
        if code in columns.values:
            at = np.flatnonzero(columns.flags[code])[-1]
            value = float(columns.values[code][at])
            return int(columns.times[at]), value, chr(columns.flags[code][at])
    return 0, float("nan"), ""


async def test_values_come_enciphered_with_the_time_and_the_quality_of_their_source(
    tmp_path: Path,
) -> None:
    shelf = Shelf()
    async with dcs(tmp_path) as (plant, source), roster(shelf, source):
        await until(lambda: last(shelf, "g10401")[2])
        await plant.says("pump", 36.61, AT)
        await until(lambda: last(shelf, "g10401") == (round(AT.timestamp() * 1000), 36.6, "N"))
        for seconds, status, flag in (
            (1, ua.StatusCodes.UncertainSensorNotAccurate, "D"),
            (2, ua.StatusCodes.BadNoCommunication, "B"),
            (3, ua.StatusCodes.BadSensorFailure, "D"),
        ):
            at = AT + timedelta(seconds=seconds)
            await plant.says("acid", 5.3, at, status)
            await until(lambda at=at: last(shelf, "g11101")[0] == round(at.timestamp() * 1000))
            assert last(shelf, "g11101")[2] == flag
        await plant.says("acid", 15.0, AT + timedelta(seconds=4))
        await until(lambda: last(shelf, "g11101")[1:] == (15.0, "T"))
        assert last(shelf, "g20401")[2] == "B"


async def test_a_server_that_comes_back_is_subscribed_to_again(tmp_path: Path) -> None:
    shelf = Shelf()
    async with dcs(tmp_path) as (plant, source), roster(shelf, source) as known:
        await until(lambda: last(shelf, "g10401")[2])
        await plant.server.stop()
        await until(lambda: checked(known, shelf, SourceState.FAILING))
        await plant.start(plant.port)
        await plant.says("pump", 12.3, AT)
        await until(lambda: last(shelf, "g10401")[1] == 12.3)


@pytest.mark.parametrize("broken", ["stranger", "impostor"])
async def test_neither_an_unknown_client_nor_an_impostor_server_is_spoken_with(
    tmp_path: Path, broken: str
) -> None:
    shelf = Shelf()
    async with dcs(tmp_path) as (_, source):
        assert isinstance(source, OpcUa)
        assert source.security is not None
        if broken == "stranger":
            _make_pair(source.security, CLIENT)
        else:
            (tmp_path / "server.der").write_bytes((tmp_path / "client.der").read_bytes())
        async with roster(shelf, source) as known:
            await until(lambda: checked(known, shelf, SourceState.FAILING))
            assert not shelf.columns


def test_a_plain_connection_must_be_asked_for_in_so_many_words(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"sources\[0\]\.security\.certificate: missing"):
        opcua(tmp_path, 4840, security={})
    plain = opcua(tmp_path, 4840, mode="plain", security={})
    assert isinstance(plain, OpcUa)
    assert plain.security is None


def test_a_node_that_is_none_is_told_by_its_field(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"channels\[0\]\.node: 'pump' is no node id"):
        opcua(tmp_path, 4840, channels=[{"channel": "g10401", "node": "pump"}])


def test_one_node_for_two_channels_is_told_by_its_field(tmp_path: Path) -> None:
    """A notification names its node alone; both channels would stay without a word."""
    channels = [
        {"channel": "g10401", "node": "ns=2;s=pump"},
        {"channel": "g10402", "node": "ns=2;s=pump"},
    ]
    with pytest.raises(BadSettings, match=r"channels\[1\]\.node: ns=2;s=pump stands twice"):
        opcua(tmp_path, 4840, channels=channels)


async def test_a_time_that_is_null_gives_way_to_the_next_best(tmp_path: Path) -> None:
    """Null of OPC UA is the year 1601 (part 6, 5.2.2.5); a point of then would be lost."""
    shelf, before = Shelf(), datetime.now(UTC).timestamp() * 1000 - 60_000
    async with dcs(tmp_path) as (plant, source), roster(shelf, source):
        await plant.says("pump", 36.6, datetime(1601, 1, 1))  # noqa: DTZ001, as it is on the wire
        await until(lambda: last(shelf, "g10401")[1] == 36.6)
        assert last(shelf, "g10401")[0] > before
