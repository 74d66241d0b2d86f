"""A small file that only this device can read, replaced as a whole, durably."""

import os
from pathlib import Path
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_DAMAGED = ".damaged"


class SealedFile:
    """Holds one value of plain types (CBOR) under AES-256-GCM.

    Args:
        path: the file; its name is authenticated with the content, so that no two are swapped.
        key: of this device [32 bytes], from `outbox.device_key.outbox_key`.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        info = b"plume sealed file 1 " + path.name.encode()
        self._gcm = AESGCM(HKDF(SHA256(), 32, None, info).derive(key))
        self._path = path

    def read(self) -> Any:  # noqa: ANN401, plain types as written
        """Give the value; None when there is none yet.

        A file that does not open (damaged, or of another device) is put aside under another name
        and counts as none: what it held was a memory, never the evidence.
        """
        try:
            sealed = self._path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return cbor2.loads(
                self._gcm.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
            )
        except (InvalidTag, ValueError, cbor2.CBORError):
            self._path.replace(self._path.with_suffix(_DAMAGED))
            return None

    def write(self, value: object) -> None:
        """Replace the value; on return it is on the disk.

        Raises:
            OSError: the disk failed or is full; the former value stands.
        """
        nonce = token_bytes(_NONCE_BYTES)
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path.with_name(f".{self._path.name}.draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:  # writes all, where os.write may stop short
            file.write(nonce + self._gcm.encrypt(nonce, cbor2.dumps(value), None))
            file.flush()
            os.fsync(descriptor)
        draft.replace(self._path)
        _sync(self._path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
