"""The two COSE messages (RFC 9052) that a segment is made of, each in the one form we write.

COSE_Encrypt: A256GCM under a key from ECDH-ES + HKDF-256 (RFC 9053, 6.3.1) between an ephemeral
P-256 key and the reader's. COSE_Sign1: ES256 (RFC 9053, 2.1) with the lower of the two signatures
that a key can give. Reading takes nothing that writing does not give.
"""

from os import urandom
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIGN1_TAG, ENCRYPT_TAG = 18, 96
"""RFC 9052, table 1."""
ALGORITHM_LABEL, _NONCE_LABEL, _EPHEMERAL_LABEL = 1, 5, -1
"""RFC 9052, table 3; RFC 9053, table 14."""
ES256, _A256GCM, _ECDH_ES_HKDF_256 = -7, 3, -25
"""RFC 9053, tables 1, 5 and 14."""
_KEY_TYPE, _EC2, _CURVE, _P256, _X, _Y = 1, 2, -1, 1, -2, -3
"""RFC 9052, table 4; RFC 9053, tables 17 to 19."""
_COORDINATE_BYTES = _KEY_BYTES = 32
_NONCE_BYTES = 12
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of P-256 (FIPS 186-5): a signature (r, s) has a twin (r, order - s); one is refused."""
_CONTENT_HEAD = cbor2.dumps({ALGORITHM_LABEL: _A256GCM})
_RECIPIENT_HEAD = cbor2.dumps({ALGORITHM_LABEL: _ECDH_ES_HKDF_256})
_NOBODY = [None, None, None]
_CONTEXT = cbor2.dumps([_A256GCM, _NOBODY, _NOBODY, [8 * _KEY_BYTES, _RECIPIENT_HEAD]])
"""COSE_KDF_Context (RFC 9053, 5.2)."""
_POINT = b"\x04"
"""An uncompressed point follows (SEC 1, 2.3.3)."""


def encrypted(content: bytes, reader: EllipticCurvePublicKey, aad: bytes) -> bytes:
    """Write a COSE_Encrypt of the content, which `aad` is bound to."""
    ephemeral = generate_private_key(SECP256R1())
    key = _content_key(ephemeral, reader)
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    x, y = point[1 : 1 + _COORDINATE_BYTES], point[1 + _COORDINATE_BYTES :]
    told = {_EPHEMERAL_LABEL: {_KEY_TYPE: _EC2, _CURVE: _P256, _X: x, _Y: y}}
    nonce = urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, content, _bound(aad))
    recipients = [[_RECIPIENT_HEAD, told, b""]]
    message = [_CONTENT_HEAD, {_NONCE_LABEL: nonce}, sealed, recipients]
    return cbor2.dumps(cbor2.CBORTag(ENCRYPT_TAG, message))


def decrypted(message: bytes, reader: EllipticCurvePrivateKey, aad: bytes) -> bytes:
    """Read what `encrypted` wrote.

    Raises:
        InvalidTag: another key, another `aad`, or a bit differs.
        ValueError, TypeError, KeyError, AttributeError, CBORError: it has another form.
    """
    tagged = cbor2.loads(message)
    head, nonces, sealed, [[recipient_head, told, _]] = tagged.value
    if (tagged.tag, head, recipient_head) != (ENCRYPT_TAG, _CONTENT_HEAD, _RECIPIENT_HEAD):
        raise ValueError("another COSE message than the one we write")
    point = _POINT + told[_EPHEMERAL_LABEL][_X] + told[_EPHEMERAL_LABEL][_Y]
    ephemeral = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    key = _content_key(reader, ephemeral)
    return AESGCM(key).decrypt(nonces[_NONCE_LABEL], sealed, _bound(aad))


def signed(head: dict[int, Any], content: bytes, key: EllipticCurvePrivateKey) -> bytes:
    """Write a COSE_Sign1 of the content under a protected head."""
    protected = cbor2.dumps(head)
    r, s = decode_dss_signature(key.sign(_to_sign(protected, content), ECDSA(SHA256())))
    raw = b"".join(n.to_bytes(_COORDINATE_BYTES, "big") for n in (r, min(s, _ORDER - s)))
    return cbor2.dumps(cbor2.CBORTag(SIGN1_TAG, [protected, {}, content, raw]))


def verify(protected: bytes, content: bytes, raw: bytes, key: EllipticCurvePublicKey) -> None:
    """Verify a signature.

    Raises:
        InvalidSignature: it is not the key's over this, or the twin of one that is.
    """
    r, s = (
        int.from_bytes(half, "big") for half in (raw[:_COORDINATE_BYTES], raw[-_COORDINATE_BYTES:])
    )
    key.verify(encode_dss_signature(r, s), _to_sign(protected, content), ECDSA(SHA256()))


def is_low(signature: bytes) -> bool:
    """Whether a signature has the length and the form that `signed` gives it."""
    low = int.from_bytes(signature[_COORDINATE_BYTES:], "big")
    return len(signature) == 2 * _COORDINATE_BYTES and 0 < low <= _ORDER // 2


def _content_key(mine: EllipticCurvePrivateKey, theirs: EllipticCurvePublicKey) -> bytes:
    shared = mine.exchange(ECDH(), theirs)
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=_CONTEXT).derive(shared)


def _bound(aad: bytes) -> bytes:
    """Give the Enc_structure (RFC 9052, 5.3)."""
    return cbor2.dumps(["Encrypt", _CONTENT_HEAD, aad])


def _to_sign(protected: bytes, content: bytes) -> bytes:
    """Give the Sig_structure (RFC 9052, 4.4)."""
    return cbor2.dumps(["Signature1", protected, b"", content])
