"""What this machine is made of, as far as it tells: the identities by which it is known."""

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from edge_greengrass.outbox.token import Token
from plume.model.fingerprint import Fingerprint, Part

SEED_VARIABLE = "PLUME_FINGERPRINT_SEED"
"""Stands in for the hardware of a simulated device."""
BOARD_VARIABLE = "PLUME_BOARD_FILE"
"""A copy of the board's serial number, for a service that may not read the original."""
_BOARD_FILES = (
    "sys/class/dmi/id/board_serial",
    "sys/class/dmi/id/product_uuid",
    "sys/firmware/devicetree/base/serial-number",
)
_DISK_NAMES = ("serial", "device/serial", "device/cid", "device/wwid")

Hardware = Mapping[Part, bytes]
"""The identity of each part that is there and can be read."""


def hardware(root: Path = Path("/")) -> Hardware:
    """Give the parts of this machine, or of the simulated one; a token where one is configured.

    Raises:
        BadToken, Unavailable: the configured token does not answer.
    """
    token = Token.configured()
    held = {Part.TOKEN: token.secret(b"plume identity 2")} if token else {}
    seed = os.environ.get(SEED_VARIABLE)
    return {**held, **(simulated(seed) if seed else _found(root))}


def fingerprint_of(parts: Hardware) -> Fingerprint:
    """Hash each part: the hash travels and is kept, and gives the part away to nobody."""
    return Fingerprint(
        {
            part: sha256(b"plume fingerprint 2\0" + part.encode() + b"\0" + identity).hexdigest()
            for part, identity in parts.items()
        }
    )


def simulated(seed: str) -> Hardware:
    """Give the parts of the simulated machine of this seed."""
    kinds = (Part.BOARD, Part.CARDS, Part.DISKS, Part.MACHINE)
    return {part: sha256(f"{part}\0{seed}".encode()).digest() for part in kinds}


def _found(root: Path) -> Hardware:
    found = {
        Part.BOARD: _board(root),
        Part.CARDS: b"\n".join(_network_cards(root)),
        Part.DISKS: b"\n".join(_disks(root)),
        Part.MACHINE: _content(root / "etc/machine-id"),
    }
    return {part: identity for part, identity in found.items() if identity}


def _board(root: Path) -> bytes:
    copied = os.environ.get(BOARD_VARIABLE)
    if copied and (told := _content(Path(copied))):
        return told
    return b"\n".join(filter(None, (_content(root / name) for name in _BOARD_FILES)))


def _disks(root: Path) -> list[bytes]:
    """Give the serial numbers of disks that cannot be pulled out."""
    disks = (root / "sys/block").glob("*")
    fixed = [disk for disk in disks if _content(disk / "removable") == b"0"]
    return sorted(filter(None, (_content(disk / name) for disk in fixed for name in _DISK_NAMES)))


def _network_cards(root: Path) -> list[bytes]:
    """Give the addresses of network cards that sit on the board, not on USB or in software."""
    devices = (card / "device" for card in (root / "sys/class/net").glob("*"))
    fixed = [link for link in devices if link.exists() and "/usb" not in str(link.resolve())]
    return sorted(filter(None, (_content(link.parent / "address") for link in fixed)))


def _content(path: Path) -> bytes:
    """Read a small system file; one that is missing or closed to us has nothing to say."""
    try:
        return path.read_bytes().strip(b"\0 \n")
    except OSError:
        return b""
