"""Fleet provisioning by claim: from a shared certificate to a name and a certificate of its own.

| topic | direction | says |
| --- | --- | --- |
| `$aws/certificates/create-from-csr/json` | up | a signing request for our own P-256 key |
| `$aws/certificates/create/json` | up | the same without a key, where the broker makes it |
| `.../accepted` | down | certificate and ownership token: kept before anything else happens |
| `$aws/provisioning-templates/{template}/provision/json` | up | token, serial, fingerprint, key |
| `.../accepted` | down | the thing's name: kept last |

A crash between any two of them resumes there; repeating the whole is harmless, because a serial
number is one thing. What the broker refuses, an administrator must mend; it is tried again later.
What it could not decide is tried again soon.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import uuid4

from awscrt import mqtt5
from awscrt.mqtt_request_response import ClientOptions
from awsiot import V2ServiceException
from awsiot.iotidentity import (
    CreateCertificateFromCsrRequest,
    CreateKeysAndCertificateRequest,
    IotIdentityClientV2,
    RegisterThingRequest,
)

from edge_greengrass.journal import Journal
from edge_greengrass.uplink.identity import Identity, public_key, signing_request
from edge_greengrass.uplink.mqtt_publisher import Broker, Credentials, mqtt_client
from plume.errors import Refused, Unavailable

ANSWER_SECONDS = 10
CONNECT_SECONDS = 20.0
STOP_SECONDS = 5.0
CLAIM_CLIENT = "plume-claim-"
"""The claim policy lets a claim connect under such a name alone, so never as a device."""

_PASSING = frozenset({"InvocationError", "InternalError", "ThrottlingException"})
"""What the broker says when it could not decide: the hook has five seconds, and starts cold."""

_T = TypeVar("_T")


class ProvisioningRefused(Refused):
    """The cloud knows the request and declines it: serial, fingerprint or template are wrong."""


@dataclass(frozen=True, slots=True)
class Application:
    """What the device says of itself when it asks for a name.

    `own_key` False spares a broker that cannot sign requests the question, and us the wait.
    """

    template: str
    serial: str
    fingerprint: str
    own_key: bool = True


class Registrar:
    """The conversation with the broker, under the claim certificate."""

    def __init__(self, client: IotIdentityClientV2, identity: Identity, journal: Journal) -> None:
        self._client, self._identity, self._journal = client, identity, journal

    async def certificate(self, application: Application) -> None:
        """Get a certificate and keep it: for our own key if the broker can, else for its key."""
        if not application.own_key:
            await self._certificate_with_key()
            return
        try:
            await self._certificate_for_own_key(application.serial)
        except (Unavailable, ProvisioningRefused) as fault:
            self._journal.tell("broker_makes_the_key", reason=str(fault))
            await self._certificate_with_key()

    async def register(self, application: Application) -> str:
        """Register the kept certificate; give the thing's name."""
        identity = self._identity
        request = RegisterThingRequest(
            template_name=application.template,
            certificate_ownership_token=identity.pending_token(),
            parameters={
                "SerialNumber": application.serial,
                "Fingerprint": application.fingerprint,
                "SigningKey": public_key(identity.signing_key_pem()),
            },
        )
        return str((await _answer(self._client.register_thing(request))).thing_name)

    async def _certificate_for_own_key(self, serial: str) -> None:
        key = self._identity.own_key_pem()
        request = CreateCertificateFromCsrRequest(
            certificate_signing_request=signing_request(key, serial)
        )
        done = await _answer(self._client.create_certificate_from_csr(request))
        self._identity.keep_certificate(
            done.certificate_pem, key.decode(), done.certificate_ownership_token
        )

    async def _certificate_with_key(self) -> None:
        request = CreateKeysAndCertificateRequest()
        done = await _answer(self._client.create_keys_and_certificate(request))
        self._identity.keep_certificate(
            done.certificate_pem, done.private_key, done.certificate_ownership_token
        )


async def provision(
    application: Application,
    identity: Identity,
    broker: Broker,
    claim: Credentials,
    journal: Journal,
) -> str:
    """Give the thing's name, provisioning the device if it has none yet.

    Raises:
        ProvisioningRefused: the cloud declines.
        Unavailable: the broker was not reached or did not answer.
    """
    if thing := identity.thing():
        return thing
    if not claim.certificate.is_file():
        raise Unavailable(f"no claim certificate at {claim.certificate}")

    async def converse(client: mqtt5.Client) -> str:
        options = ClientOptions(2, 2, ANSWER_SECONDS)
        registrar = Registrar(IotIdentityClientV2(client, options), identity, journal)
        return await _provisioned(application, identity, registrar)

    thing = await connected(broker, claim, f"{CLAIM_CLIENT}{uuid4()}", converse)
    identity.keep_thing(thing)
    identity.drop_pending()
    journal.tell("provisioned", thing=thing, serial=application.serial)
    return thing


async def _provisioned(application: Application, identity: Identity, registrar: Registrar) -> str:
    """Go on with a certificate that was left over, if the cloud still knows it; else begin."""
    if identity.pending_token():
        try:
            return await registrar.register(application)
        except ProvisioningRefused:
            identity.drop_pending()
    await registrar.certificate(application)
    return await registrar.register(application)


async def connected(
    broker: Broker,
    credentials: Credentials,
    client_id: str,
    converse: Callable[[mqtt5.Client], Awaitable[_T]],
) -> _T:
    """Hold a conversation over a connection of its own, and hang up.

    Raises:
        Unavailable: no connection came about, whether nobody answers or the broker declines.
    """
    loop = asyncio.get_running_loop()
    standing, stopped = asyncio.Event(), asyncio.Event()
    client = mqtt_client(
        broker,
        credentials,
        client_id,
        on_lifecycle_connection_success=lambda _: loop.call_soon_threadsafe(standing.set),
        on_lifecycle_stopped=lambda _: loop.call_soon_threadsafe(stopped.set),
    )
    client.start()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await standing.wait()
        return await converse(client)
    except TimeoutError as fault:
        raise Unavailable(f"no connection to {broker.host}:{broker.port}") from fault
    finally:
        # The native client must have come to rest before it is let go of: it calls back till then.
        client.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), STOP_SECONDS)


async def _answer(future: "Future[Any]") -> Any:  # noqa: ANN401, untyped library
    try:
        return await asyncio.wrap_future(future)
    except V2ServiceException as fault:
        told = fault.modeled_error
        if told is None:
            raise Unavailable(f"{fault.message}: {fault.inner_error}") from fault
        if told.error_code in _PASSING or (told.status_code or 0) >= HTTPStatus.TOO_MANY_REQUESTS:
            raise Unavailable(f"{told.error_code}: {told.error_message}") from fault
        raise ProvisioningRefused(f"{told.error_code}: {told.error_message}") from fault
