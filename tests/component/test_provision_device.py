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
from plume.memory.world import MemoryFindings, MemoryOperations, MemoryRegistry
from plume.model.device import Device
from plume.model.identity import EnterpriseId, ThingName
from tests.given import DRAIN, STACK

CONTEXT = SimpleNamespace(
    function_name="provision_device",
    memory_limit_in_mb=256,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:provision_device",
    aws_request_id="r",
)
THING = ThingName("edge-abc1")


def a_machine(**parts: str) -> str:
    """A fingerprint of parts, each named by two hexadecimal digits."""
    return ",".join(f"{part}:{digits * 32}" for part, digits in sorted(parts.items()))


MINE = a_machine(board="b1", cards="c1", disks="d1", machine="a1")
OTHER = a_machine(board="b2", cards="c2", disks="d2", machine="a2")


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
def operations(
    known: MemoryRegistry, alarming: MemoryFindings, monkeypatch: pytest.MonkeyPatch
) -> MemoryOperations:
    told = MemoryOperations()
    ports = SimpleNamespace(
        registry=lambda: known, operations=lambda: told, findings=lambda: alarming
    )
    monkeypatch.setattr(hook, "wiring", ports)
    return told


@pytest.fixture
def alarming() -> MemoryFindings:
    return MemoryFindings()


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
    assert operations.refusals == [
        (
            THING,
            (
                "0 of 4 parts of the hardware are the registered ones (none); "
                "different or missing: board, cards, disks, machine"
            ),
        )
    ]


def test_other_hardware_that_wants_a_devices_name_raises_an_alarm_on_its_outlets(
    known: MemoryRegistry, operations: MemoryOperations, alarming: MemoryFindings
) -> None:
    """A malformed request and a repaired machine raise none."""
    known.put_outlet(replace(STACK, thing=THING, enterprise=EnterpriseId("power")))
    known.put_outlet(replace(DRAIN, enterprise=EnterpriseId("power")))
    assert allowed(event())
    assert not allowed(event(fingerprint="nonsense"))
    assert not allowed(event(key="no base64"))
    assert allowed(event(fingerprint=MINE.replace("c1", "c9")))
    assert alarming.told == []
    assert not allowed(event(fingerprint=OTHER))
    (finding,) = alarming.told
    assert (finding.rule.id, finding.subtype, finding.outlet) == (
        "B-03",
        "foreign_hardware",
        STACK.id,
    )
    assert len(operations.refusals) == 3


@pytest.mark.parametrize("part", ["board", "cards", "disks", "machine"])
def test_hardware_with_one_replaced_part_is_let_in_and_registered_as_it_is_now(
    known: MemoryRegistry, operations: MemoryOperations, part: str
) -> None:
    parts = {"board": "b1", "cards": "c1", "disks": "d1", "machine": "a1"}
    repaired = a_machine(**{**parts, part: "ee"})
    assert allowed(event())
    assert allowed(event(fingerprint=repaired.upper()))
    device = known.device(THING)
    assert device is not None
    assert device.fingerprint == repaired
    assert operations.refusals == []


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (
            a_machine(board="b2", cards="c2", disks="d1", machine="a1"),
            (
                "2 of 4 parts of the hardware are the registered ones (disks, machine); "
                "different or missing: board, cards"
            ),
        ),
        (
            a_machine(disks="d1", machine="a1"),
            "the fingerprint names no token, board or network card",
        ),
    ],
    ids=["a disk in another machine", "a machine that hides its board"],
)
def test_what_travels_with_a_disk_lets_nobody_in(
    known: MemoryRegistry, operations: MemoryOperations, shown: str, reason: str
) -> None:
    assert allowed(event())
    assert not allowed(event(fingerprint=shown))
    assert operations.refusals == [(THING, reason)]


def test_a_registered_token_decides_alone(
    known: MemoryRegistry, operations: MemoryOperations
) -> None:
    assert allowed(event(fingerprint=f"{MINE},token:{'f1' * 32}"))
    assert allowed(event(fingerprint=f"{OTHER},token:{'f1' * 32}"))
    assert not allowed(event(fingerprint=f"{OTHER},token:{'f2' * 32}"))
    assert not allowed(event(fingerprint=OTHER))
    assert operations.refusals == [
        (THING, "the security token is not the registered one"),
        (THING, "the security token is not the registered one"),
    ]


def test_a_fingerprint_registered_in_another_form_matches_nobody(
    known: MemoryRegistry, operations: MemoryOperations
) -> None:
    device = known.device(THING)
    assert device is not None
    known.put_device(replace(device, fingerprint="ab" * 32))
    assert not allowed(event())
    assert len(operations.refusals) == 1


@pytest.mark.parametrize(
    "asked",
    [
        event(serial="ABC2"),
        event(serial=""),
        event(fingerprint=""),
        event(fingerprint="ab" * 32),
        event(fingerprint="board:" + "ab" * 31),
        event(fingerprint=f"{MINE},{MINE}"),
        event(fingerprint=MINE.replace("cards", "luck")),
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
