"""The envelope of a segment: signed by the device, readable by the platform alone.

COSE (RFC 9052): COSE_Sign1 with ES256 and the device's P-256 key over COSE_Encrypt with A256GCM,
whose key comes from ECDH-ES + HKDF-256 (RFC 9053, 6.3.1) between an ephemeral key, fresh for every
segment, and the platform's P-256 key. No (key, nonce) pair can therefore repeat, not even after a
device was cloned or restored. The header lies in the signed protected header and is bound to the
ciphertext as external additional data.
"""

from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypeGuard

import cbor2
from cryptography.exceptions import InvalidKey, InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)
from cwt import COSE, COSEKey, Recipient
from cwt.cose_key_interface import COSEKeyInterface
from cwt.exceptions import CWTError

from plume.errors import Refused
from plume.evidence import payload as body
from plume.model.identity import ThingName
from plume.model.segment import Payload, Segment, SegmentHeader

HEADER_LABEL = -70001
"""Private use: `[schema, thing, boot, sequence, previous, first_at, length, platform key id]`."""
_ALGORITHM_LABEL = 1
_SIGN1_TAG = 18
_ES256 = -7
_CONTENT, _AGREEMENT = "A256GCM", "ECDH-ES+HKDF-256"
_SIGNATURE_BYTES = 64
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of P-256 (FIPS 186-5): a signature (r, s) has a twin (r, order - s); one is refused."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_KEY_ID_BYTES = 4
_OVERHEAD_BYTES = 212
"""Signature, ephemeral key, nonce, tag and CBOR heads: 208 below 64 KiB, 212 above."""
_COSE = COSE.new()
_CONTEXT = {"alg": _CONTENT}
_LIBRARY_FAULTS = (
    CWTError, cbor2.CBORError, InvalidKey, InvalidSignature, InvalidTag,
    ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip


class BadSegment(Refused):
    """Not a whole segment of this device for this platform: damaged, forged or misdirected."""


@dataclass(frozen=True, slots=True)
class _Signed:
    """A COSE_Sign1 taken apart; nothing in it is verified yet."""

    header: SegmentHeader
    key_id: bytes
    content: bytes


class Sealer:
    """Seals segments with one device's key for one platform.

    Args:
        device_key_pem: the device's P-256 private key, PKCS #8 PEM.
        platform_public_pem: the platform's P-256 public key, SubjectPublicKeyInfo PEM.
    """

    def __init__(self, device_key_pem: bytes, platform_public_pem: bytes) -> None:
        self._device = COSEKey.from_pem(device_key_pem, alg="ES256")
        self._platform = COSEKey.from_pem(platform_public_pem, alg=_AGREEMENT)
        self._key_id = _key_id(load_pem_public_key(platform_public_pem))

    def seal(self, header: SegmentHeader, payload: Payload) -> bytes:
        """Encode, encrypt and sign one segment; times are kept to the millisecond."""
        return self.seal_body(header, body.encode(payload))

    def seal_body(self, header: SegmentHeader, encoded: bytes) -> bytes:
        """Encrypt and sign a payload that `payload.encode` has already written."""
        fields = _fields(header, self._key_id)
        recipient = Recipient.new(
            protected={"alg": _AGREEMENT}, recipient_key=self._platform, context=dict(_CONTEXT)
        )
        encrypted = _COSE.encode_and_encrypt(
            encoded,
            protected={"alg": _CONTENT},
            recipients=[recipient],
            external_aad=cbor2.dumps(fields),
        )
        protected = {_ALGORITHM_LABEL: _ES256, HEADER_LABEL: fields}
        return _with_low_s(_COSE.encode_and_sign(encrypted, self._device, protected=protected))


def sealed_size(header: SegmentHeader, encoded_bytes: int) -> int:
    """Bound the size [bytes] of a segment whose encoded payload has `encoded_bytes`; never low."""
    fields = cbor2.dumps(_fields(header, bytes(_KEY_ID_BYTES)))
    return len(fields) + encoded_bytes + _OVERHEAD_BYTES


def peek(raw: bytes) -> SegmentHeader:
    """Read the header of a segment without verifying anything.

    Raises:
        BadSegment: it has not the shape of a segment.
    """
    return _taken_apart(raw).header


def open_segment(raw: bytes, *, signing_key: str, platform_key_pem: bytes) -> Segment:
    """Verify, decrypt and decode one segment.

    Args:
        raw: the segment as it came over the wire.
        signing_key: the device's registered P-256 public key, SubjectPublicKeyInfo DER in base64.
        platform_key_pem: the platform's P-256 private key, PKCS #8 PEM.

    Raises:
        BadSegment: any bit differs from what the device sealed, or the keys are not these.
    """
    signed = _taken_apart(raw)
    try:
        _COSE.decode(raw, _verifying_key(signing_key))
        encoded = _COSE.decode(
            signed.content,
            _platform_key(platform_key_pem),
            context=dict(_CONTEXT),
            external_aad=cbor2.dumps(_fields(signed.header, signed.key_id)),
        )
        payload = body.decode(encoded)
    except _LIBRARY_FAULTS as fault:
        raise BadSegment(f"{type(fault).__name__}: {fault}") from fault
    except body.BadPayload as fault:
        raise BadSegment(fault.message) from fault
    return Segment(header=signed.header, payload=payload, raw=raw, digest=digest(raw))


def digest(raw: bytes) -> bytes:
    """Give the SHA-256 of a segment as sent: what the next one names as its `previous`."""
    return sha256(raw).digest()


def _fields(header: SegmentHeader, key_id: bytes) -> list[object]:
    first = (header.first_at - _EPOCH) // _MILLISECOND
    last = (header.last_at - _EPOCH) // _MILLISECOND
    return [
        header.schema,
        header.thing,
        header.boot,
        header.sequence,
        header.previous,
        first,
        last - first,
        key_id,
    ]


def _taken_apart(raw: bytes) -> _Signed:
    """Take a segment apart, refusing every encoding but the one the sealer writes."""
    try:
        outer = cbor2.loads(raw)
        protected, _, content, signature = outer.value
        sealed = cbor2.CBORTag(_SIGN1_TAG, [protected, {}, content, signature])
        fields = cbor2.loads(protected)[HEADER_LABEL]
        header, key_id = _header(fields)
        written = cbor2.dumps({_ALGORITHM_LABEL: _ES256, HEADER_LABEL: _fields(header, key_id)})
        whole = protected == written and cbor2.dumps(sealed) == raw and _is_low(signature)
    except _LIBRARY_FAULTS as fault:
        raise BadSegment(f"not a segment: {fault}") from fault
    if not whole:
        raise BadSegment("not a segment: more than one way to write it")
    return _Signed(header, key_id, content)


def _header(fields: list[Any]) -> tuple[SegmentHeader, bytes]:
    schema, thing, boot, sequence, previous, first, length, key_id = fields
    first_at = _EPOCH + first * _MILLISECOND
    header = SegmentHeader(
        thing=ThingName(str(thing)),
        boot=str(boot),
        sequence=int(sequence),
        previous=bytes(previous),
        first_at=first_at,
        last_at=first_at + length * _MILLISECOND,
        schema=int(schema),
    )
    return header, bytes(key_id)


def _with_low_s(sealed: bytes) -> bytes:
    """Replace a high signature by its low twin: one segment, one digest."""
    if _is_low(sealed[-_SIGNATURE_BYTES:]):
        return sealed
    half = _SIGNATURE_BYTES // 2
    low = _ORDER - int.from_bytes(sealed[-half:], "big")
    return sealed[:-half] + low.to_bytes(half, "big")


def _is_low(signature: bytes) -> bool:
    half = _SIGNATURE_BYTES // 2
    return (
        len(signature) == _SIGNATURE_BYTES
        and 0 < int.from_bytes(signature[half:], "big") <= _ORDER // 2
    )


def _key_id(public_key: object) -> bytes:
    """Name a platform key by the head of the SHA-256 of its SubjectPublicKeyInfo."""
    if not _is_p256(public_key):
        raise ValueError("the platform key is not a P-256 key")
    der = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(der).digest()[:_KEY_ID_BYTES]


def _is_p256(key: object) -> TypeGuard[EllipticCurvePublicKey]:
    return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)


@lru_cache(maxsize=1024)
def _verifying_key(signing_key: str) -> COSEKeyInterface:
    public_key = load_der_public_key(b64decode(signing_key, validate=True))
    if not _is_p256(public_key):
        raise ValueError("the signing key is not a P-256 key")
    pem = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return COSEKey.from_pem(pem, alg="ES256")


@lru_cache(maxsize=8)
def _platform_key(pem: bytes) -> COSEKeyInterface:
    return COSEKey.from_pem(pem, alg=_AGREEMENT)
