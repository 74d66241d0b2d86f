"""The object store of a device against a credentials provider and an S3 that check everything.

The provider is the stand-in of `make run`; signatures are computed anew by botocore.
"""

import asyncio
import json
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from edge_greengrass.credentials import CredentialsProvider, KeptKeys, TemporaryKeys
from edge_greengrass.home import WAY_OUT
from edge_greengrass.object_store import Bucket, S3Store, hosts, object_store
from edge_greengrass.outward import Outward
from edge_greengrass.private_key import password_of, shut
from edge_greengrass.settings import BadSettings
from edge_greengrass.uplink.routes.keeper import Patience, RouteKeeper
from edge_greengrass.uplink.routes.network_route import NetworkRoute, Target
from edge_greengrass.uplink.routes.way_out import WayOut
from infra.local.credentials_server.app import Granted, NotAttached, application
from plume.errors import Unavailable
from tests.faults.authority import Authority

HOST = "127.0.0.1"
MOBILE = NetworkRoute("4g", address="127.0.0.3")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ROLE = "arn:aws:iam::000000000000:role/token-exchange"


class KnownDevices:
    """Knows which certificate is whose, and counts how often it is asked."""

    def __init__(self) -> None:
        self.attached: dict[str, str] = {}
        self.granted = 0
        self.lifetime = timedelta(hours=1)

    def vouch(self, certificate_id: str, thing: str) -> None:
        if self.attached.get(certificate_id) != thing:
            raise NotAttached(thing)

    def grant(self, role_arn: str, thing: str) -> Granted:
        self.granted += 1
        expires = datetime.now(tz=UTC) + self.lifetime
        return Granted(f"KEY-{thing}", f"secret of {role_arn}", f"token-{self.granted}", expires)


class StrictS3:
    """Keeps an object only when signature, checksum and length are true."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.status = 200
        self.callers: list[str] = []
        """From which address each request came."""

    async def put(self, request: web.Request) -> web.Response:
        self.callers.append(str(request.remote))
        body = await request.read()
        if self.status != 200:
            return web.Response(status=self.status, text="<Error>SlowDown</Error>")
        if signature_of(request, body) not in request.headers["Authorization"]:
            return web.Response(status=403, text="<Error>SignatureDoesNotMatch</Error>")
        checksum = b64encode(sha256(body).digest()).decode()
        if request.headers["x-amz-checksum-sha256"] != checksum:
            return web.Response(status=400, text="<Error>BadDigest</Error>")
        self.objects[request.path] = body
        self.types[request.path] = request.headers["Content-Type"]
        return web.Response()


def signature_of(request: web.Request, body: bytes) -> str:
    """Compute the signature as botocore does, from the headers that were signed."""
    said = request.headers["Authorization"]
    names = said.split("SignedHeaders=")[1].split(",")[0].split(";")
    signed = {name: request.headers[name] for name in names if name != "x-amz-date"}
    ours = AWSRequest("PUT", f"http://{request.host}{request.raw_path}", signed, body)
    keys = Credentials("KEY-edge-1", f"secret of {ROLE}", request.headers["x-amz-security-token"])
    auth = S3SigV4Auth(keys, "s3", "eu-central-1")
    ours.context["timestamp"] = request.headers["x-amz-date"]
    ours.headers["X-Amz-Date"] = request.headers["x-amz-date"]
    text = auth.string_to_sign(ours, auth.canonical_request(ours))
    return str(auth.signature(text, ours))


@asynccontextmanager
async def serving(app: web.Application, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0, ssl_context=tls)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


class Plant:
    """One device, its provider, and its S3."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.devices, self.s3, self.home = KnownDevices(), StrictS3(), folder / "home"
        self.askers: list[str] = []
        """From which address each asking for credentials came."""
        self.settings: dict[str, Any] = {}
        self.identity = self.home / "identity"
        self.identity.mkdir(parents=True)
        (self.identity / "thing").write_text("edge-1")
        self.certify("edge-1")

    def certify(self, thing: str, valid: timedelta = timedelta(days=1)) -> None:
        certificate = self.identity / "certificate.pem"
        self.authority.issue(thing, certificate, self.identity / "certificate.key", valid)
        der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
        self.devices.attached[sha256(der).hexdigest()] = thing

    @asynccontextmanager
    async def store(
        self, *, s3_tls: ssl.SSLContext | None = None, **more: str
    ) -> AsyncIterator[S3Store]:
        s3 = web.Application(client_max_size=1 << 30)
        s3.router.add_put("/{path:.*}", self.s3.put)
        provider = application(self.devices, {"plume-edge": ROLE})
        provider.middlewares.append(self._note)
        tls = self.authority.server_context()
        async with serving(provider, tls) as giver, serving(s3, s3_tls) as taker:
            chosen = {
                "credentialsEndpoint": f"{HOST}:{giver}",
                "roleAlias": "plume-edge",
                "segmentsBucket": "segments",
                "region": "eu-central-1",
                "s3Endpoint": f"{'https' if s3_tls else 'http'}://{HOST}:{taker}",
                "caFile": str(self.authority.ca_file),
            }
            self.settings = {"home": str(self.home), "objectStore": chosen, **more}
            made = object_store(self.settings, "segmentsBucket")
            try:
                yield made
            finally:
                await made.close()

    @web.middleware
    async def _note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.askers.append(str(request.remote))
        return await handler(request)

    @asynccontextmanager
    async def way_out(self, *targets: Target) -> AsyncIterator[None]:
        """Run the uplink's proxy by the line MOBILE; the word of it stays, as after a crash."""
        way = WayOut(RouteKeeper((MOBILE,), Patience()), targets, 60, lambda _: None)
        port = await way.open()
        (self.home / WAY_OUT).write_text(json.dumps({"port": port}))
        running = asyncio.create_task(way.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    return Plant(tmp_path)


async def test_an_object_is_put_with_a_signature_that_botocore_confirms(plant: Plant) -> None:
    body = bytes(range(256)) * 20_000
    async with plant.store() as store:
        await store.put("backlog/edge-1/1 号机组+a.cbor", body, "application/octet-stream")
    assert plant.s3.objects == {"/segments/backlog/edge-1/1 号机组+a.cbor": body}
    assert set(plant.s3.types.values()) == {"application/octet-stream"}


async def test_credentials_are_asked_for_once_and_again_before_they_expire(plant: Plant) -> None:
    async with plant.store() as store:
        for number in range(3):
            await store.put(f"backlog/edge-1/{number}", b"x", "text/plain")
        assert plant.devices.granted == 1
    plant.devices.lifetime = timedelta(minutes=4)
    async with plant.store() as store:
        for number in range(3):
            await store.put(f"backlog/edge-1/{number}", b"x", "text/plain")
    assert plant.devices.granted == 1 + 3


async def test_a_renewed_certificate_with_a_key_shut_under_the_hardware_is_shown(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first certificate has expired by then; the one in use lies in the folder `a`."""
    monkeypatch.setenv("PLUME_FINGERPRINT_SEED", "plant")
    plant.certify("edge-1", valid=timedelta(days=-1))
    root, plant.identity = plant.identity, plant.identity / "a"
    plant.identity.mkdir()
    plant.certify("edge-1")
    key = plant.identity / "certificate.key"
    key.write_bytes(shut(key.read_bytes(), password_of(plant.home)))
    (root / "current").write_text("a")
    async with plant.store() as store:
        await store.put("backlog/edge-1/1", b"x", "text/plain")
    assert plant.devices.granted == 1
    monkeypatch.setenv("PLUME_FINGERPRINT_SEED", "another machine")
    async with plant.store() as store:
        with pytest.raises(Unavailable, match="ForeignHardware"):
            await store.put("backlog/edge-1/2", b"x", "text/plain")
    async with plant.store(fingerprintSeed="plant") as store:
        await store.put("backlog/edge-1/3", b"x", "text/plain")


async def test_objects_and_credentials_leave_by_the_proxy_of_the_uplink_while_it_stands(
    plant: Plant,
) -> None:
    plant.devices.lifetime = timedelta(minutes=4)  # asked for at every put
    async with plant.store(s3_tls=plant.authority.open_context()) as store:
        await store.put("backlog/edge-1/1", b"x", "text/plain")
        async with plant.way_out(*(Target(*one) for one in hosts(plant.settings))):
            await store.put("backlog/edge-1/2", b"x", "text/plain")
            await store.put("backlog/edge-1/3", b"x", "text/plain")
        await store.put("backlog/edge-1/4", b"x", "text/plain")
    assert plant.s3.callers == [HOST, MOBILE.address, MOBILE.address, HOST]
    assert plant.askers == plant.s3.callers
    assert len(plant.s3.objects) == 4


async def test_where_the_proxy_does_not_lead_is_unavailable(plant: Plant) -> None:
    async with plant.store(s3_tls=plant.authority.open_context()) as store:
        provider, _ = (Target(*one) for one in hosts(plant.settings))
        async with plant.way_out(provider):
            with pytest.raises(Unavailable, match="403 Forbidden"):
                await store.put("backlog/edge-1/1", b"x", "text/plain")
    assert plant.s3.callers == []


def test_the_hosts_of_aws_are_named_once_for_each_bucket() -> None:
    chosen = {
        "credentialsEndpoint": "c0ffee.credentials.iot.cn-north-1.amazonaws.com.cn",
        "segmentsBucket": "plume-segments",
        "mediaBucket": "plume-media",
    }
    assert hosts({"objectStore": chosen}) == (
        ("c0ffee.credentials.iot.cn-north-1.amazonaws.com.cn", 443),
        ("plume-segments.s3.cn-north-1.amazonaws.com.cn", 443),
        ("plume-media.s3.cn-north-1.amazonaws.com.cn", 443),
    )
    assert hosts({}) == ()


async def test_a_certificate_of_another_thing_gets_nothing(plant: Plant) -> None:
    plant.devices.attached = dict.fromkeys(plant.devices.attached, "edge-2")
    async with plant.store() as store:
        with pytest.raises(Unavailable, match="403"):
            await store.put("backlog/edge-1/1", b"x", "text/plain")
    assert plant.devices.granted == 0


async def test_an_expired_certificate_gets_no_connection(plant: Plant) -> None:
    plant.certify("edge-1", valid=timedelta(days=-1))
    async with plant.store() as store:
        with pytest.raises(Unavailable):
            await store.put("backlog/edge-1/1", b"x", "text/plain")
    assert plant.devices.granted == 0


@pytest.mark.parametrize("missing", ["thing", "certificate.pem", "certificate.key"])
async def test_a_device_without_an_identity_yet_is_unavailable(missing: str, plant: Plant) -> None:
    (plant.identity / missing).unlink()
    async with plant.store() as store:
        with pytest.raises(Unavailable):
            await store.put("backlog/edge-1/1", b"x", "text/plain")


async def test_refused_keys_are_let_go_of_and_asked_for_anew(plant: Plant) -> None:
    async with plant.store() as store:
        plant.s3.status = 403
        with pytest.raises(Unavailable, match="403"):
            await store.put("backlog/edge-1/1", b"x", "text/plain")
        plant.s3.status = 200
        await store.put("backlog/edge-1/1", b"x", "text/plain")
    assert plant.devices.granted == 2


async def test_a_deaf_s3_is_unavailable(plant: Plant) -> None:
    plant.s3.status = 503
    async with plant.store() as store:
        with pytest.raises(Unavailable, match="503 <Error>SlowDown"):
            await store.put("backlog/edge-1/1", b"x", "text/plain")


async def test_no_provider_is_unavailable(plant: Plant) -> None:
    giver = CredentialsProvider(f"{HOST}:1", "plume-edge", plant.home, "")
    store = S3Store(Bucket("segments", "eu-central-1"), giver, Outward(plant.home, 5))
    with pytest.raises(Unavailable):
        await store.put("k", b"", "text/plain")


async def test_the_time_that_is_signed_is_the_givers_and_not_of_a_clock_that_was_stepped() -> None:
    given = datetime(2026, 11, 24, 8, tzinfo=UTC)
    keys = TemporaryKeys("a", "b", "c", given + timedelta(hours=1), given, asked_at=1000.0)
    assert keys.now(1060.0) == given + timedelta(minutes=1)
    assert keys.fresh(1000.0 + 54 * 60)
    assert not keys.fresh(1000.0 + 56 * 60)


async def test_greengrass_is_asked_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    async def credentials(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "let me in"
        expires = (datetime.now(tz=UTC) + timedelta(hours=1)).isoformat()
        fields = ("AccessKeyId", "SecretAccessKey", "Token")
        return web.json_response(
            {**{name: name.lower() for name in fields}, "Expiration": expires}
        )

    app = web.Application()
    app.router.add_get("/2016-11-01/credentialprovider/", credentials)
    chosen = {"segmentsBucket": "segments", "region": "eu-central-1"}
    store = object_store({"home": "/nowhere", "objectStore": chosen}, "segmentsBucket")
    async with serving(app) as port:
        url = f"http://{HOST}:{port}/2016-11-01/credentialprovider/"
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in")
        kept: KeptKeys = store._keys
        assert (await kept.keys()).access_key == "accesskeyid"


@pytest.mark.parametrize(
    ("region", "endpoint", "address"),
    [
        ("eu-central-1", "", "https://b.s3.eu-central-1.amazonaws.com/a/%2Bb"),
        ("cn-north-1", "", "https://b.s3.cn-north-1.amazonaws.com.cn/a/%2Bb"),
        ("us-east-1", "http://127.0.0.1:4566/", "http://127.0.0.1:4566/b/a/%2Bb"),
    ],
)
def test_a_bucket_lies_where_its_region_has_it(region: str, endpoint: str, address: str) -> None:
    assert Bucket("b", region, endpoint).url("a/+b") == address


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda found: found.pop("objectStore"), "objectStore"),
        (lambda found: found["objectStore"].pop("mediaBucket"), "mediaBucket"),
        (lambda found: found["objectStore"].pop("roleAlias"), "roleAlias"),
        (lambda found: found["objectStore"].update(credentialsEndpoint="127.0.0.1"), "region"),
    ],
)
def test_a_setting_that_is_missing_is_named(
    spoil: Callable[[dict], object], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    endpoint = "c1.credentials.iot.cn-north-1.amazonaws.com.cn"
    chosen = {"credentialsEndpoint": endpoint, "roleAlias": "plume-edge", "mediaBucket": "media"}
    found: dict = {"home": "/nowhere", "objectStore": chosen}
    assert object_store(found, "mediaBucket")._bucket.region == "cn-north-1"
    spoil(found)
    with pytest.raises(BadSettings, match=named):
        object_store(found, "mediaBucket")
