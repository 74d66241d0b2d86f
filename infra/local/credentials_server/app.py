"""Gives temporary credentials to a device for its certificate, as the provider of AWS IoT does.

`GET /role-aliases/{alias}/credentials`, header `x-amzn-iot-thingname`, over mutual TLS: the
certificate must be signed by the local IoT's authority, be active, and be attached to the thing.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

from aiohttp import web

PATH = "/role-aliases/{alias}/credentials"
THING_HEADER = "x-amzn-iot-thingname"


class NotAttached(Exception):
    """The certificate is not an active one of this thing."""


@dataclass(frozen=True, slots=True)
class Granted:
    """Temporary credentials of one role, narrowed to one thing."""

    access_key: str
    secret_key: str
    token: str
    expires_at: datetime


class Authority(Protocol):
    """Who knows certificates and roles; each call blocks."""

    def vouch(self, certificate_id: str, thing: str) -> None:
        """Return when the certificate is an active one of the thing.

        Raises:
            NotAttached: it is not.
        """

    def grant(self, role_arn: str, thing: str) -> Granted:
        """Take the role in the name of the thing, as narrow as the thing may be."""


def application(authority: Authority, roles: Mapping[str, str]) -> web.Application:
    """Serve the roles behind the aliases."""

    async def credentials(request: web.Request) -> web.Response:
        role = roles.get(request.match_info["alias"])
        thing = request.headers.get(THING_HEADER, "")
        if role is None:
            return _refused(404, "Role alias does not exist")
        if not thing:
            return _refused(400, f"{THING_HEADER} names no thing")
        try:
            await asyncio.to_thread(authority.vouch, _certificate_id(request), thing)
        except NotAttached as fault:
            return _refused(403, f"Access Denied: {fault}")
        granted = await asyncio.to_thread(authority.grant, role, thing)
        return web.json_response({"credentials": _told(granted)})

    app = web.Application()
    app.router.add_get(PATH, credentials)
    return app


def _certificate_id(request: web.Request) -> str:
    """Name the certificate of the connection as AWS IoT does: by the SHA-256 of its DER."""
    connection = request.get_extra_info("ssl_object")
    return sha256(connection.getpeercert(binary_form=True)).hexdigest()


def _told(granted: Granted) -> Mapping[str, str]:
    return {
        "accessKeyId": granted.access_key,
        "secretAccessKey": granted.secret_key,
        "sessionToken": granted.token,
        "expiration": granted.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _refused(status: int, why: str) -> web.Response:
    return web.json_response({"message": why}, status=status)
