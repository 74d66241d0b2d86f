"""A key that exists on this hardware only, and the name under which the hardware is known.

The key follows from the hardware identity and a salt on the disk: a copied disk opens nothing on
another machine. The fingerprint, which travels to the platform, follows from the same identity but
gives nothing away about the key.
"""

import os
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEED_VARIABLE = "PLUME_FINGERPRINT_SEED"
"""Stands in for the hardware of a simulated device."""
_SALT_NAME = "outbox.salt"
_SALT_BYTES = 32
_KEY_BYTES = 32
_FIXED_FILES = (
    "/etc/machine-id",
    "/sys/class/dmi/id/board_serial",
    "/sys/class/dmi/id/product_uuid",
    "/sys/firmware/devicetree/base/serial-number",
)


def outbox_key(home: Path) -> bytes:
    """Give the 32-byte key of this device's outbox; the salt is made on first use, mode 0600."""
    salt = _salt(home / _SALT_NAME)
    derivation = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=salt, info=b"plume outbox 1")
    return derivation.derive(_identity())


def fingerprint() -> str:
    """Give the SHA-256 of the hardware identity, as 64 hexadecimal digits."""
    return sha256(b"plume fingerprint 1\0" + _identity()).hexdigest()


def _identity() -> bytes:
    """Join machine id, board, fixed disks and wired-in network cards, or the seed instead."""
    seed = os.environ.get(SEED_VARIABLE)
    if seed:
        return b"seed\0" + seed.encode()
    return b"\n".join([*map(_content, map(Path, _FIXED_FILES)), *_disks(), *_network_cards()])


def _disks() -> list[bytes]:
    """Give the serial numbers of disks that cannot be pulled out."""
    disks = [disk for disk in Path("/sys/block").glob("*") if _content(disk / "removable") == b"0"]
    names = ("serial", "device/serial", "device/cid", "device/wwid")
    return sorted(filter(None, (_content(disk / name) for disk in disks for name in names)))


def _network_cards() -> list[bytes]:
    """Give the addresses of network cards that sit on the board, not on USB or in software."""
    devices = (card / "device" for card in Path("/sys/class/net").glob("*"))
    fixed = [link for link in devices if link.exists() and "/usb" not in str(link.resolve())]
    return sorted(filter(None, (_content(link.parent / "address") for link in fixed)))


def _content(path: Path) -> bytes:
    """Read a small system file; one that is missing or closed to us has nothing to say."""
    try:
        return path.read_bytes().strip(b"\0 \n")
    except OSError:
        return b""


def _salt(path: Path) -> bytes:
    if not path.exists():
        _write_once(path, token_bytes(_SALT_BYTES))
    return path.read_bytes()


def _write_once(path: Path, content: bytes) -> None:
    """Write a file that appears whole, durable and private, or not at all; first writer wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
