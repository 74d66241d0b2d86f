"""Where a device puts what is too large for a message: S3, under the prefixes of its own thing.

Settings: `objectStore {credentialsEndpoint, roleAlias, segmentsBucket, mediaBucket, region,
s3Endpoint, caFile}`. Without `credentialsEndpoint` Greengrass's token exchange service is asked;
`s3Endpoint` stands in for S3's own address, `caFile` for the public authorities of the provider
and of such a stand-in. Both are asked by the network route that the uplink has chosen.
"""

import asyncio
import os
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import httpx
from awscrt.auth import (
    AwsCredentialsProvider,
    AwsSignedBodyHeaderType,
    AwsSigningAlgorithm,
    AwsSigningConfig,
    aws_sign_request,
)
from awscrt.exceptions import AwsCrtError
from awscrt.http import HttpHeaders, HttpRequest

from edge_greengrass.credentials import (
    CredentialsProvider,
    Giver,
    KeptKeys,
    TemporaryKeys,
    TokenExchange,
)
from edge_greengrass.outbox.hardware import simulated
from edge_greengrass.outward import Outward
from edge_greengrass.settings import Settings, told_as_bad_settings
from plume.errors import Unavailable

PUT_SECONDS = 120.0
_HTTPS = 443
_BUCKETS = ("segmentsBucket", "mediaBucket")
_REFUSED_KEYS = (httpx.codes.BAD_REQUEST, httpx.codes.FORBIDDEN)
"""An expired token is a 400 to S3, a wrong signature a 403."""


class ObjectStore(Protocol):
    """One bucket, as far as this device may write to it."""

    async def put(self, key: str, body: bytes, content_type: str) -> None:
        """Put one object; putting it twice is harmless. On return it is stored.

        Raises:
            Unavailable: it is not, or nobody knows.
        """


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where one bucket is; an empty `endpoint` is S3's own address for it."""

    name: str
    region: str
    endpoint: str = ""

    def url(self, key: str) -> str:
        """Give the address of an object."""
        path = quote(key, safe="/-_.~")
        if self.endpoint:
            return f"{self.endpoint.rstrip('/')}/{self.name}/{path}"
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return f"https://{self.name}.s3.{self.region}.{suffix}/{path}"


class S3Store:
    """Puts objects with Signature Version 4 and a checksum that S3 verifies."""

    def __init__(self, bucket: Bucket, giver: Giver, outward: Outward) -> None:
        self._bucket, self._keys, self._outward = bucket, KeptKeys(giver), outward

    async def put(self, key: str, body: bytes, content_type: str) -> None:
        """Put one object; the bucket may demand the checksum, for it locks what it holds."""
        digest = sha256(body)
        headers = {
            "content-type": content_type,
            "content-length": str(len(body)),
            "x-amz-checksum-sha256": b64encode(digest.digest()).decode(),
        }
        url = self._bucket.url(key)
        keys = await self._keys.keys()
        try:
            signed = await _signed(url, headers, digest.hexdigest(), self._bucket.region, keys)
            client = await self._outward.client(url)
            answer = await client.put(url, content=body, headers=signed)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, AwsCrtError) as fault:
            raise Unavailable(f"{key}: {type(fault).__name__}: {fault}") from fault
        if answer.status_code in _REFUSED_KEYS:
            self._keys.drop()
        if not answer.is_success:
            raise Unavailable(f"{key}: {answer.status_code} {answer.text[:200]}")

    async def close(self) -> None:
        """Close the connections."""
        await self._outward.close()


def object_store(found: Settings, bucket: str) -> S3Store:
    """Make the store for the bucket that the settings name under `bucket`.

    Raises:
        BadSettings: a setting is missing; the message names it.
    """
    with told_as_bad_settings("objectStore"):
        chosen: dict[str, Any] = found["objectStore"]
        place = Bucket(str(chosen[bucket]), _region(chosen), str(chosen.get("s3Endpoint", "")))
        trusted = str(chosen.get("caFile", "")) if place.endpoint else ""
        outward = Outward(Path(found["home"]), PUT_SECONDS, trusted)
        return S3Store(place, _giver(found, chosen), outward)


def hosts(found: Settings) -> tuple[tuple[str, int], ...]:
    """Give host and port of all that is asked over HTTPS to put objects into any bucket named.

    Raises:
        BadSettings: a setting is missing; the message names it.
    """
    with told_as_bad_settings("objectStore"):
        return tuple(_hosts(found["objectStore"])) if "objectStore" in found else ()


def _hosts(chosen: dict[str, Any]) -> Iterator[tuple[str, int]]:
    urls = (
        [f"https://{chosen['credentialsEndpoint']}"] if chosen.get("credentialsEndpoint") else []
    )
    for bucket in _BUCKETS:
        if chosen.get(bucket):
            place = Bucket(str(chosen[bucket]), _region(chosen), str(chosen.get("s3Endpoint", "")))
            urls.append(place.url(""))
    for parts in map(urlsplit, urls):
        if parts.scheme == "https":
            yield str(parts.hostname), parts.port or _HTTPS


def _giver(found: Settings, chosen: dict[str, Any]) -> Giver:
    """Give the provider; a simulated device opens its key with the hardware of its own seed.

    Several of them may share a process, and so an environment.
    """
    if not chosen.get("credentialsEndpoint"):
        return TokenExchange()
    seed = found.get("fingerprintSeed")
    return CredentialsProvider(
        endpoint=str(chosen["credentialsEndpoint"]),
        role_alias=str(chosen["roleAlias"]),
        home=Path(found["home"]),
        ca_file=str(chosen.get("caFile", "")),
        parts=simulated(str(seed)) if seed else None,
    )


def _region(chosen: dict[str, Any]) -> str:
    """Give the region: as set, as Greengrass has it, or as the provider's address says.

    That is `<account>.credentials.iot.<region>.amazonaws.com`, in China with `.cn` behind.
    """
    found = chosen.get("region") or os.environ.get("AWS_REGION")
    _, marked, rest = str(chosen.get("credentialsEndpoint", "")).partition(".credentials.iot.")
    if not found and not marked:
        raise KeyError("region")
    return str(found or rest.split(".")[0])


async def _signed(
    url: str, headers: dict[str, str], body_sha256: str, region: str, keys: TemporaryKeys
) -> dict[str, str]:
    """Give the headers with the signature among them (S3: the path is encoded once)."""
    parts = urlsplit(url)
    request = HttpRequest(
        "PUT", parts.path, HttpHeaders([("host", parts.netloc), *headers.items()])
    )
    config = AwsSigningConfig(
        algorithm=AwsSigningAlgorithm.V4,
        credentials_provider=AwsCredentialsProvider.new_static(
            keys.access_key, keys.secret_key, keys.token
        ),
        region=region,
        service="s3",
        date=keys.now(time.monotonic()),
        use_double_uri_encode=False,
        should_normalize_uri_path=False,
        signed_body_value=body_sha256,
        signed_body_header_type=AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256,
    )
    await asyncio.wrap_future(aws_sign_request(request, config))
    return dict(request.headers)
