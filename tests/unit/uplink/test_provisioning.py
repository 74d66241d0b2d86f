"""What the broker says to a device that asks for a name, and what the device makes of it."""

import asyncio
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from awsiot import V2ServiceException
from awsiot.iotidentity import V2ErrorResponse

from edge_greengrass.journal import Journal
from edge_greengrass.uplink.identity import Identity
from edge_greengrass.uplink.provisioning import Application, ProvisioningRefused, Registrar
from plume.errors import Unavailable

APPLICATION = Application("plume", "plm-1", "board:1")


class Broker:
    """A broker that answers a registration with one fault."""

    def __init__(self, told: V2ErrorResponse | None) -> None:
        self._told = told

    def register_thing(self, request: object) -> "Future[Any]":
        del request
        answer: Future[Any] = Future()
        answer.set_exception(V2ServiceException("no answer", None, self._told))
        return answer


def asked(folder: Path, told: V2ErrorResponse | None) -> Identity:
    identity = Identity(folder)
    identity.keep_certificate("certificate", "key", "token")
    registrar = Registrar(Broker(told), identity, Journal("uplink"))
    asyncio.run(registrar.register(APPLICATION))
    return identity


@pytest.mark.parametrize(
    "told",
    [
        None,
        V2ErrorResponse(error_code="InvocationError", error_message="the hook", status_code=400),
        V2ErrorResponse(error_code="InternalError", error_message="ours", status_code=500),
        V2ErrorResponse(error_code="ThrottlingException", error_message="slow", status_code=429),
    ],
)
def test_what_could_not_be_decided_is_asked_again_soon(
    tmp_path: Path, told: V2ErrorResponse | None
) -> None:
    with pytest.raises(Unavailable):
        asked(tmp_path, told)
    assert Identity(tmp_path).pending_token() == "token"


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidParameters", "InvalidResult"])
def test_what_is_declined_is_a_refusal(tmp_path: Path, code: str) -> None:
    with pytest.raises(ProvisioningRefused, match=code):
        asked(tmp_path, V2ErrorResponse(error_code=code, error_message="no", status_code=403))
