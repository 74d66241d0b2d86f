"""A segment opens for the platform, as the device sealed it, or not at all."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import cbor2
import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cwt import COSE, COSEKey

from plume.evidence import chain, envelope, payload
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import ThingName
from plume.model.segment import CHAIN_START, Payload, SegmentHeader

DEVICE, PLATFORM, STRANGER = (generate_private_key(SECP256R1()) for _ in range(3))
EIGHT = datetime(2026, 11, 24, 0, tzinfo=UTC)
HEADER = SegmentHeader(
    ThingName("edge-sn001"), "boot-1", 7, CHAIN_START, EIGHT, EIGHT + timedelta(seconds=10)
)
FRAME = FrameRecord(
    EIGHT, b"##0000\r\n", Verdict.OK_WITH_WARNINGS, "MN", ("w",), "", acknowledged=True, peer="p:1"
)
PAYLOAD = Payload((b"block",), (FRAME, replace(FRAME, mn="")), ({"kind": "gap", "from": 1},))
ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def private(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public(key: EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def signing(key: EllipticCurvePrivateKey) -> str:
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(spki).decode()


SEALER = envelope.Sealer(private(DEVICE), public(PLATFORM))
RAW = SEALER.seal(HEADER, PAYLOAD)


def opened(raw: bytes) -> Payload:
    return envelope.open_segment(
        raw, signing_key=signing(DEVICE), platform_key_pem=private(PLATFORM)
    ).payload


def signed(protected: dict[int, object], content: bytes) -> bytes:
    """Sign with the device's key until the signature is the low one."""
    device = COSEKey.from_pem(private(DEVICE), alg="ES256")
    tries = (COSE.new().encode_and_sign(content, device, protected) for _ in range(64))
    return next(raw for raw in tries if int.from_bytes(raw[-32:], "big") <= ORDER_OF_P256 // 2)


def test_a_segment_opens_as_it_was_sealed() -> None:
    segment = envelope.open_segment(
        RAW, signing_key=signing(DEVICE), platform_key_pem=private(PLATFORM)
    )
    assert (segment.header, segment.payload, segment.raw) == (HEADER, PAYLOAD, RAW)
    assert segment.digest == envelope.digest(RAW) == sha256(RAW).digest()
    assert envelope.peek(RAW) == HEADER


@pytest.mark.parametrize(
    ("place", "told"), [((0,), b"\xa1\x01\x01"), ((3, 0, 0), b"\xa1\x01\x38\x19"), ((3,), [])]
)
def test_a_message_of_other_algorithms_is_refused(place: tuple[int, ...], told: object) -> None:
    protected, _, content, _ = cbor2.loads(RAW).value
    message = cbor2.loads(content)
    *way, last = place
    part = message.value
    for step in way:
        part = part[step]
    part[last] = told
    with pytest.raises(envelope.BadSegment):
        opened(signed(cbor2.loads(protected), cbor2.dumps(message)))
    assert opened(signed(cbor2.loads(protected), content)) == PAYLOAD


def test_a_block_alone_and_among_others_comes_back() -> None:
    for blocks in ((b"block" * 99,), (b"block" * 99, b"more")):
        assert payload.decode(payload.encode(Payload(blocks=blocks))).blocks == blocks


def test_any_flipped_bit_is_refused() -> None:
    for bit in range(len(RAW) * 8):
        flipped = bytearray(RAW)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(envelope.BadSegment):
            opened(bytes(flipped))


def test_a_cut_or_longer_segment_is_refused() -> None:
    for raw in (*(RAW[:end] for end in range(len(RAW))), RAW + b"\0"):
        with pytest.raises(envelope.BadSegment):
            opened(raw)


def test_the_twin_of_a_signature_is_refused() -> None:
    low = int.from_bytes(RAW[-32:], "big")
    with pytest.raises(envelope.BadSegment):
        opened(RAW[:-32] + (ORDER_OF_P256 - low).to_bytes(32, "big"))


@pytest.mark.parametrize(("signer", "reader"), [(STRANGER, PLATFORM), (DEVICE, STRANGER)])
def test_other_keys_open_nothing(
    signer: EllipticCurvePrivateKey, reader: EllipticCurvePrivateKey
) -> None:
    with pytest.raises(envelope.BadSegment):
        envelope.open_segment(RAW, signing_key=signing(signer), platform_key_pem=private(reader))


def test_the_wire_gives_nothing_away_and_no_key_comes_twice() -> None:
    again = SEALER.seal(HEADER, PAYLOAD)
    first, second = (_ephemeral_key(raw) for raw in (RAW, again))
    assert b"block" not in RAW
    assert first != second


def _ephemeral_key(raw: bytes) -> bytes:
    """Read x of the sender's key (RFC 9053, 6.3.1: label -1) of the one recipient."""
    encrypted = cbor2.loads(cbor2.loads(raw).value[2])
    key: dict[int, bytes] = encrypted.value[3][0][1][-1]
    return key[-2]


@pytest.mark.parametrize("size", [0, 20, 250, 5_000, 70_000])
def test_the_size_is_never_promised_too_small(size: int) -> None:
    sealed = len(SEALER.seal_body(HEADER, bytes(size)))
    assert sealed <= envelope.sealed_size(HEADER, size) <= sealed + 16


def test_the_bound_of_a_payload_holds() -> None:
    assert len(payload.encode(PAYLOAD)) <= payload.size_bound(PAYLOAD)


def test_a_chain_joins_by_the_digest_of_the_segment_before() -> None:
    assert chain.joins(CHAIN_START, HEADER)
    assert chain.joins(envelope.digest(RAW), replace(HEADER, previous=envelope.digest(RAW)))
    assert not chain.joins(envelope.digest(RAW), HEADER)


def test_a_payload_that_claims_too_much_is_refused() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(payload.MAX_PAYLOAD_BYTES + 1))
    with pytest.raises(payload.BadPayload, match="claims"):
        payload.decode(bomb)


@pytest.mark.parametrize("body", [[], [[], []], [["text"], [[]] * 8, []], [[], [[1]], []], 5])
def test_a_payload_of_another_shape_is_refused(body: object) -> None:
    with pytest.raises(payload.BadPayload):
        payload.decode(zstandard.ZstdCompressor().compress(cbor2.dumps(body)))
