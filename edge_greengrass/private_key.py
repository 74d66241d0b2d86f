"""Private keys on the disk, shut under the key of this hardware.

A key lies as encrypted PKCS #8, whose password follows from the key of the outbox: who copies the
disk can neither sign as this device nor connect as it. A key that lies open, from an earlier
release or put there by hand, is taken and shut when it is read next by its owner.
"""

from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from edge_greengrass.outbox.device_key import outbox_key
from edge_greengrass.outbox.hardware import Hardware

_PASSWORD_BYTES = 32
_SHUT = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


def password_of(home: Path, parts: Hardware | None = None) -> bytes:
    """Give the password of all private keys under `home`.

    Raises:
        ForeignHardware, DamagedRing, BadToken, Unavailable: as `outbox_key` does.
    """
    derivation = HKDF(
        algorithm=SHA256(), length=_PASSWORD_BYTES, salt=None, info=b"plume private keys 1"
    )
    return derivation.derive(outbox_key(home, parts)).hex().encode()


def is_shut(pem: bytes) -> bool:
    """Whether a key needs the password."""
    return pem.lstrip().startswith(_SHUT)


def shut(pem: bytes, password: bytes) -> bytes:
    """Encrypt an open key, PEM; the same key never looks the same twice."""
    key = load_pem_private_key(pem, password=None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))


def opened(pem: bytes, password: bytes) -> bytes:
    """Give a key open, PKCS #8 PEM; one that lies open comes as it is.

    Raises:
        ValueError: the password is another's, or the key is damaged.
    """
    if not is_shut(pem):
        return pem
    try:
        key = load_pem_private_key(pem, password=password)
    except ValueError as fault:  # which words it finds depends on what the wrong password gives
        raise ValueError("the private key does not open with this password") from fault
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
