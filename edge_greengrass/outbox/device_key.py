"""A key that exists on this hardware only, and the name under which the hardware is known.

The key is random and lies on the disk in a key ring that only this machine opens, even after one
of its parts was replaced: a copied disk opens nothing on another machine. The fingerprint, which
travels to the platform, follows from the same parts but gives nothing away about the key.
"""

import os
from pathlib import Path
from secrets import token_bytes

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edge_greengrass.outbox.hardware import SEED_VARIABLE, Hardware, fingerprint_of, hardware
from edge_greengrass.outbox.key_ring import KEY_BYTES, DamagedRing, ForeignHardware, KeyRing
from edge_greengrass.outbox.token import BadToken

__all__ = [
    "LOCKED_OUT", "SEED_VARIABLE", "DamagedRing", "ForeignHardware", "exit_status", "fingerprint",
    "outbox_key",
]  # fmt: skip

LOCKED_OUT = (ForeignHardware, DamagedRing, BadToken)
"""Why there is no key here, for whoever starts a component: a person must mend it."""
_RING_NAME = "outbox.keys"
_FIRST_SALT_NAME = "outbox.salt"


def outbox_key(home: Path, parts: Hardware | None = None) -> bytes:
    """Give the 32-byte key of this device's outbox; its ring is made on first use, mode 0600.

    Raises:
        ForeignHardware: the disk belongs to another machine.
        DamagedRing: the ring cannot be read.
        BadToken, Unavailable: the configured token does not answer.
    """
    parts = hardware() if parts is None else parts
    path = home / _RING_NAME
    if not path.exists():
        _write(path, KeyRing.made(_first_key(home), parts).written(), replace=False)
    ring = KeyRing.read(path.read_bytes())
    key = ring.key(parts)
    if ring.outgrown(parts):
        _write(path, KeyRing.made(key, parts).written(), replace=True)
    return key


def exit_status(fault: BaseException) -> int:
    """Give the status with which a component ends that is locked out.

    3: try again, for a part may be late. 4: do not, for a token shuts after a few wrong PINs.
    """
    return 4 if isinstance(fault, BadToken) else 3


def fingerprint() -> str:
    """Give the hash of each part of this hardware, as the registry keeps them."""
    return str(fingerprint_of(hardware()))


def _first_key(home: Path) -> bytes:
    """Make a key; take over that of a simulated device whose home an earlier release made."""
    salt, seed = home / _FIRST_SALT_NAME, os.environ.get(SEED_VARIABLE)
    if not seed or not salt.exists():
        return token_bytes(KEY_BYTES)
    earlier = HKDF(
        algorithm=SHA256(), length=KEY_BYTES, salt=salt.read_bytes(), info=b"plume outbox 1"
    )
    return earlier.derive(b"seed\0" + seed.encode())


def _write(path: Path, content: bytes, *, replace: bool) -> None:
    """Write a file that appears whole, durable and private, or not at all.

    Without `replace` the first writer wins: components that start together share one ring.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _publish(draft, path, replace=replace)
    _sync_folder(path.parent)


def _publish(draft: Path, path: Path, *, replace: bool) -> None:
    if replace:
        draft.replace(path)
        return
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
