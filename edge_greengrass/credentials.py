"""Credentials for an hour that a device gets for its certificate, and never keeps on disk.

| where | who gives them | for what |
| --- | --- | --- |
| plain service | the credentials provider of AWS IoT Core, a role alias | the device certificate |
| Greengrass | the token exchange service on the same machine | the token in our environment |

They are held until shortly before they expire. The time in a signature is the giver's, not ours:
a device whose clock was stepped still signs what S3 accepts.
"""

import asyncio
import os
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol

import httpx

from edge_greengrass.home import IDENTITY
from edge_greengrass.outbox.hardware import Hardware
from edge_greengrass.outward import proxy_of
from edge_greengrass.private_key import is_shut, password_of
from plume.errors import Refused, Unavailable

ANSWER_SECONDS = 20.0
RENEW_BEFORE = timedelta(minutes=5)
"""AWS IoT gives the same credentials until they expire, so an earlier wish would be in vain."""
_EXCHANGE_ADDRESS = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_EXCHANGE_PASS = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105, names a variable
_FAULTS = (httpx.HTTPError, httpx.InvalidURL, OSError, ssl.SSLError)


@dataclass(frozen=True, slots=True)
class TemporaryKeys:
    """One set of temporary credentials.

    `asked_at` is on our monotonic clock [s], `given_at` the giver's time at that moment.
    """

    access_key: str
    secret_key: str
    token: str
    expires_at: datetime
    given_at: datetime
    asked_at: float

    def now(self, clock: float) -> datetime:
        """Give the giver's time at `clock` on our monotonic clock [s]."""
        return self.given_at + timedelta(seconds=clock - self.asked_at)

    def fresh(self, clock: float) -> bool:
        """Whether they hold for a while yet."""
        return self.now(clock) < self.expires_at - RENEW_BEFORE


class Giver(Protocol):
    """Who gives temporary credentials."""

    async def keys(self) -> TemporaryKeys:
        """Ask for them.

        Raises:
            Unavailable: not reached, or refused.
        """


@dataclass(frozen=True, slots=True)
class CredentialsProvider:
    """AWS IoT's credentials provider, asked with the device certificate under `home`.

    Certificate and name are read at every asking: both may be renewed, or not be there yet.
    `parts` are those of the hardware that opens the key; without them, of this machine.
    """

    endpoint: str
    role_alias: str
    home: Path
    ca_file: str = ""
    parts: Hardware | None = None

    async def keys(self) -> TemporaryKeys:
        """Ask over mutual TLS."""
        url = f"https://{self.endpoint}/role-aliases/{self.role_alias}/credentials"
        asked_at = time.monotonic()
        try:
            folder = self.home / IDENTITY
            thing = (folder / "thing").read_text(encoding="utf-8")
            context = ssl.create_default_context(cafile=self.ca_file or None)
            _show(context, self.home, self.parts)
            client = httpx.AsyncClient(
                verify=context, timeout=ANSWER_SECONDS, proxy=await proxy_of(self.home)
            )
            async with client:
                answer = await client.get(url, headers={"x-amzn-iot-thingname": thing})
        except (*_FAULTS, Refused) as fault:
            raise Unavailable(f"credentials: {type(fault).__name__}: {fault}") from fault
        fields = _fields(answer).get("credentials")
        named = ("accessKeyId", "secretAccessKey", "sessionToken", "expiration")
        return _keys(answer, fields, named, asked_at)


def _show(context: ssl.SSLContext, home: Path, parts: Hardware | None) -> None:
    """Put the certificate in use into the context; its key may need the hardware to open."""
    folder = home / IDENTITY
    with suppress(FileNotFoundError):
        folder /= (folder / "current").read_text(encoding="utf-8")
    key = folder / "certificate.key"
    password = password_of(home, parts) if is_shut(key.read_bytes()) else None
    context.load_cert_chain(folder / "certificate.pem", key, password)


@dataclass(frozen=True, slots=True)
class TokenExchange:
    """The token exchange service of Greengrass, which speaks for the core device."""

    async def keys(self) -> TemporaryKeys:
        """Ask on this machine, where the environment says."""
        asked_at = time.monotonic()
        token = os.environ.get(_EXCHANGE_PASS, "")
        try:
            async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
                url = os.environ[_EXCHANGE_ADDRESS]
                answer = await client.get(url, headers={"Authorization": token})
        except (*_FAULTS, KeyError) as fault:
            raise Unavailable(f"credentials: {type(fault).__name__}: {fault}") from fault
        named = ("AccessKeyId", "SecretAccessKey", "Token", "Expiration")
        return _keys(answer, _fields(answer), named, asked_at)


class KeptKeys:
    """Asks a giver once for everyone, and again only when it must."""

    def __init__(self, giver: Giver) -> None:
        self._giver = giver
        self._kept: TemporaryKeys | None = None
        self._asking = asyncio.Lock()

    async def keys(self) -> TemporaryKeys:
        """Give keys that hold for a while yet.

        Raises:
            Unavailable: there are none.
        """
        async with self._asking:
            if self._kept is None or not self._kept.fresh(time.monotonic()):
                self._kept = await self._giver.keys()
            return self._kept

    def drop(self) -> None:
        """Let go of keys that were refused."""
        self._kept = None


def _fields(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code != httpx.codes.OK:
        raise Unavailable(f"credentials: refused with {answer.status_code}")
    try:
        found = answer.json()
    except ValueError as fault:
        raise Unavailable(f"credentials: not JSON: {fault}") from fault
    if not isinstance(found, dict):
        raise Unavailable(f"credentials: {type(found).__name__} where an object belongs")
    return found


def _keys(
    answer: httpx.Response, fields: object, named: tuple[str, ...], asked_at: float
) -> TemporaryKeys:
    try:
        access, secret, token, expires = (str(fields[name]) for name in named)  # type: ignore[index]
        said = answer.headers.get("date")
        return TemporaryKeys(
            access_key=access,
            secret_key=secret,
            token=token,
            expires_at=datetime.fromisoformat(expires).astimezone(UTC),
            given_at=parsedate_to_datetime(said) if said else datetime.now(tz=UTC),
            asked_at=asked_at,
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise Unavailable(f"credentials: {type(fault).__name__} {fault}") from fault
