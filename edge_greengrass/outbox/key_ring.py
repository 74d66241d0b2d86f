"""One random key, locked away once for each set of hardware parts that suffices to have it.

| field | holds |
| --- | --- |
| `fingerprint` | the parts that the ring was made for, each by its hash |
| `salt` | 32 random bytes, hex |
| `slots` | per set of parts: their names, nonce and AES-256-GCM of the key, hex |

The smallest sets are those of `plume.model.fingerprint`: with four parts any three with one of the
board, with a token the token alone. So one part may fail and be replaced without a loss, and a
disk in another machine stays shut.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edge_greengrass.outbox.hardware import Hardware, fingerprint_of
from plume.errors import Refused
from plume.model.fingerprint import Fingerprint, Part, least_sets

KEY_BYTES = 32
_SALT_BYTES, _NONCE_BYTES = 32, 12


class ForeignHardware(Refused):
    """This disk belongs to another machine; the message says which parts differ."""


class DamagedRing(Refused):
    """The file of the ring cannot be read."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The key, locked under a set of parts."""

    parts: frozenset[Part]
    nonce: bytes
    locked: bytes


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All slots of one key."""

    fingerprint: Fingerprint
    salt: bytes
    slots: tuple[Slot, ...]

    @classmethod
    def made(cls, key: bytes, parts: Hardware) -> Self:
        """Lock a key under the parts of a machine.

        Raises:
            ForeignHardware: the machine has nothing that a carried-away disk leaves behind.
        """
        print_ = fingerprint_of(parts)
        if not print_.bound:
            raise ForeignHardware(f"nothing to bind to: of this machine only {print_} is known")
        salt = token_bytes(_SALT_BYTES)
        slots = (_slot(key, salt, parts, chosen) for chosen in least_sets(parts.keys()))
        return cls(print_, salt, tuple(slots))

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read the file.

        Raises:
            DamagedRing: it is not whole.
        """
        try:
            fields = json.loads(content)
            slots = tuple(map(_slot_of, fields["slots"]))
            salt = bytes.fromhex(fields["salt"])
            return cls(Fingerprint.of(fields["fingerprint"]), salt, slots)
        except (ValueError, KeyError, TypeError, Refused) as fault:
            raise DamagedRing(f"key ring: {type(fault).__name__} {fault}") from fault

    def written(self) -> bytes:
        """Write the file."""
        slots = [
            {"parts": sorted(one.parts), "nonce": one.nonce.hex(), "locked": one.locked.hex()}
            for one in self.slots
        ]
        fields = {"fingerprint": str(self.fingerprint), "salt": self.salt.hex(), "slots": slots}
        return json.dumps(fields, indent=1).encode()

    def key(self, parts: Hardware) -> bytes:
        """Unlock the key with the parts of this machine.

        Raises:
            ForeignHardware: too many of them are others.
        """
        present = fingerprint_of(parts)
        equal = self.fingerprint.equal_parts(present)
        for slot in self.slots:
            if slot.parts <= equal:
                return _unlocked(slot, self.salt, parts)
        raise ForeignHardware(self.fingerprint.objection(present))

    def outgrown(self, parts: Hardware) -> bool:
        """Whether a part has come that the ring does not know; one that is missing may return."""
        return any(
            self.fingerprint.parts.get(part) != digest
            for part, digest in fingerprint_of(parts).parts.items()
        )


def _slot(key: bytes, salt: bytes, parts: Hardware, chosen: frozenset[Part]) -> Slot:
    nonce = token_bytes(_NONCE_BYTES)
    lock = AESGCM(_wrapping_key(salt, parts, chosen))
    return Slot(chosen, nonce, lock.encrypt(nonce, key, _label(chosen)))


def _unlocked(slot: Slot, salt: bytes, parts: Hardware) -> bytes:
    lock = AESGCM(_wrapping_key(salt, parts, slot.parts))
    try:
        return lock.decrypt(slot.nonce, slot.locked, _label(slot.parts))
    except InvalidTag as fault:
        raise DamagedRing(f"key ring: slot of {sorted(slot.parts)}") from fault


def _wrapping_key(salt: bytes, parts: Hardware, chosen: Collection[Part]) -> bytes:
    """Derive a key from some parts; lengths stand before them, so that no two lists are alike."""
    told = [parts[part] for part in sorted(chosen)]
    material = b"".join(len(one).to_bytes(4) + one for one in told)
    derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"plume key ring 2")
    return derivation.derive(material)


def _label(parts: Iterable[Part]) -> bytes:
    return ",".join(sorted(parts)).encode()


def _slot_of(fields: dict[str, Any]) -> Slot:
    parts = frozenset(map(Part, fields["parts"]))
    return Slot(parts, bytes.fromhex(fields["nonce"]), bytes.fromhex(fields["locked"]))
