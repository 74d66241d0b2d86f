"""The hook of fleet provisioning: who may become a device."""

from base64 import b64encode
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from functions.provision_device import handler as hook
from plume.errors import Unavailable
from plume.memory.world import MemoryOperations, MemoryRegistry
from plume.model.device import Device
from plume.model.identity import EnterpriseId, ThingName

CONTEXT = SimpleNamespace(
    function_name="provision_device",
    memory_limit_in_mb=256,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:provision_device",
    aws_request_id="r",
)
THING = ThingName("edge-abc1")
MINE, OTHER = "ab" * 32, "cd" * 32


def a_key(curve: Any = SECP256R1) -> str:
    public = generate_private_key(curve()).public_key()
    return b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


KEY, OTHER_KEY = a_key(), a_key()


def event(serial: str = "ABC1", fingerprint: str = MINE, key: str = KEY) -> dict[str, Any]:
    return {
        "claimCertificateId": "a" * 64,
        "templateArn": "arn:aws:iot:us-east-1:123456789012:provisioningtemplate/plume-device",
        "parameters": {"SerialNumber": serial, "Fingerprint": fingerprint, "SigningKey": key},
    }


@pytest.fixture
def known() -> MemoryRegistry:
    made = MemoryRegistry()
    made.put_device(Device(thing=THING, serial="ABC1", enterprise=EnterpriseId("power")))
    return made


@pytest.fixture
def operations(known: MemoryRegistry, monkeypatch: pytest.MonkeyPatch) -> MemoryOperations:
    told = MemoryOperations()
    ports = SimpleNamespace(registry=lambda: known, operations=lambda: told)
    monkeypatch.setattr(hook, "wiring", ports)
    return told


def allowed(asked: dict[str, Any]) -> bool:
    answer = hook.handler(asked, CONTEXT)
    assert answer["parameterOverrides"] == {}
    return answer["allowProvisioning"]


def test_the_first_machine_fills_the_fingerprint(
    known: MemoryRegistry, operations: MemoryOperations
) -> None:
    assert allowed(event())
    device = known.device(THING)
    assert device is not None
    assert (device.fingerprint, device.signing_key) == (MINE, KEY)
    assert operations.refusals == []


def test_asking_twice_changes_nothing(known: MemoryRegistry, operations: MemoryOperations) -> None:
    assert allowed(event())
    first = known.device(THING)
    assert allowed(event())
    assert known.device(THING) == first


def test_the_same_hardware_may_bring_a_new_key(
    known: MemoryRegistry, operations: MemoryOperations
) -> None:
    assert allowed(event())
    assert allowed(event(key=OTHER_KEY))
    device = known.device(THING)
    assert device is not None
    assert device.signing_key == OTHER_KEY


@pytest.mark.parametrize("key", [KEY, OTHER_KEY], ids=["same key", "another key"])
def test_other_hardware_may_not_and_changes_nothing(
    known: MemoryRegistry, operations: MemoryOperations, key: str
) -> None:
    assert allowed(event())
    before = known.device(THING)
    assert not allowed(event(fingerprint=OTHER, key=key))
    assert known.device(THING) == before
    assert operations.refusals == [(THING, "the hardware fingerprint is not the registered one")]


@pytest.mark.parametrize(
    "asked",
    [
        event(serial="ABC2"),
        event(serial=""),
        event(fingerprint=""),
        event(fingerprint="ab" * 31),
        event(key=""),
        event(key="no base64"),
        event(key=a_key(SECP384R1)),
        {"parameters": None},
        {},
    ],
)
def test_strangers_and_nonsense_are_refused(
    known: MemoryRegistry, operations: MemoryOperations, asked: dict[str, Any]
) -> None:
    before = known.device(THING)
    assert not allowed(asked)
    assert known.device(THING) == before
    assert len(operations.refusals) == 1


def test_a_deaf_registry_is_no_refusal(
    known: MemoryRegistry, operations: MemoryOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(_: object) -> None:
        raise Unavailable("registry")

    monkeypatch.setattr(known, "device", deaf)
    with pytest.raises(Unavailable):
        hook.handler(event(), CONTEXT)
    assert operations.refusals == []


def test_a_serial_of_another_thing_is_refused(
    known: MemoryRegistry, operations: MemoryOperations
) -> None:
    device = known.device(THING)
    assert device is not None
    known.put_device(replace(device, serial="XYZ"))
    assert not allowed(event())
