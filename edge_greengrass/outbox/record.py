"""One encrypted record of an outbox file, and how to find the next one behind a damaged spot.

A file is a head (magic, file number, random salt, check; all twice) and records. A record is a
head of 12 bytes (marker, length, check), a random nonce, and AES-256-GCM ciphertext with its tag.
The file key follows from the device key and the salt of the file; the nonce is random: after a
clone or a restore no (key, nonce) pair comes back. File number and offset are authenticated with
each record, so none can be moved. The check in the head binds the length to the offset: a flipped
bit in it is noticed, and the reader goes on at the next marker.
"""

from dataclasses import dataclass
from secrets import token_bytes
from struct import Struct
from zlib import crc32

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAX_RECORD_BYTES = 1 << 20
_MAGIC = b"PLUMEOB1"
_SALT_BYTES = 32
_FILE_HEAD = Struct(">8sQ32sI")
_COPIES = 2
HEAD_BYTES = _COPIES * _FILE_HEAD.size
_MARKER = b"\xf1\x9dPR"
_RECORD_HEAD = Struct(">4sII")
_BOUND = Struct(">QQI")
_NONCE_BYTES = 12
_TAG_BYTES = 16
OVERHEAD_BYTES = _RECORD_HEAD.size + _NONCE_BYTES + _TAG_BYTES


class BadFile(Exception):
    """Not an outbox file of this number: its head is damaged."""


@dataclass(frozen=True, slots=True)
class Span:
    """`[start, end)` of one file: a record with its content, or (None) a spot that is damaged."""

    start: int
    end: int
    content: bytes | None


class FileCipher:
    """Seals and opens the records of one file."""

    def __init__(self, key: bytes, number: int, salt: bytes) -> None:
        derivation = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"plume outbox file 1")
        self._gcm = AESGCM(derivation.derive(key))
        self._number = number
        check = crc32(_MAGIC + number.to_bytes(8, "big") + salt)
        self.head = _COPIES * _FILE_HEAD.pack(_MAGIC, number, salt, check)

    @classmethod
    def fresh(cls, key: bytes, number: int) -> "FileCipher":
        """Make the cipher of a file that is about to be written."""
        return cls(key, number, token_bytes(_SALT_BYTES))

    @classmethod
    def of(cls, key: bytes, number: int, head: bytes) -> "FileCipher":
        """Make the cipher of a file that exists.

        Raises:
            BadFile: the head is not that of this file.
        """
        for start in range(0, len(head) - _FILE_HEAD.size + 1, _FILE_HEAD.size):
            cipher = cls(key, number, _FILE_HEAD.unpack_from(head, start)[2])
            if cipher.head[: _FILE_HEAD.size] == head[start : start + _FILE_HEAD.size]:
                return cipher
        raise BadFile(f"file {number}: not its head")

    def sealed(self, content: bytes, offset: int) -> bytes:
        """Give the record of `content` for this offset of the file."""
        length = len(content)
        nonce = token_bytes(_NONCE_BYTES)
        head = _RECORD_HEAD.pack(_MARKER, length, self._check(offset, length))
        return head + nonce + self._gcm.encrypt(nonce, content, self._bound(offset, length))

    def span_at(self, data: bytes, offset: int, base: int) -> Span | None:
        """Read the record, or the damaged spot, at `data[offset]`; None where no whole one lies.

        `base` is the file offset of `data[0]`.
        """
        length = self._length(data, offset, base)
        if length is None:
            return self._damaged(data, offset, base)
        end = offset + OVERHEAD_BYTES + length
        if end > len(data):
            return None
        content = self._opened(data, offset, base, length)
        return Span(base + offset, base + end, content)

    def _opened(self, data: bytes, offset: int, base: int, length: int) -> bytes | None:
        body = offset + _RECORD_HEAD.size
        nonce = data[body : body + _NONCE_BYTES]
        sealed = data[body + _NONCE_BYTES : offset + OVERHEAD_BYTES + length]
        try:
            return self._gcm.decrypt(nonce, sealed, self._bound(base + offset, length))
        except InvalidTag:
            return None

    def _damaged(self, data: bytes, offset: int, base: int) -> Span | None:
        """Find where the next record head begins; None when there is none any more."""
        found = data.find(_MARKER, offset + 1)
        while found >= 0:
            if self._length(data, found, base) is not None:
                return Span(base + offset, base + found, None)
            found = data.find(_MARKER, found + 1)
        return None

    def _length(self, data: bytes, offset: int, base: int) -> int | None:
        """Read the length in the head at `data[offset]`; None when it is not whole and true."""
        if offset + _RECORD_HEAD.size > len(data):
            return None
        marker, length, check = _RECORD_HEAD.unpack_from(data, offset)
        true = marker == _MARKER and check == self._check(base + offset, length)
        return length if true and length <= MAX_RECORD_BYTES else None

    def _check(self, offset: int, length: int) -> int:
        return crc32(self._bound(offset, length))

    def _bound(self, offset: int, length: int) -> bytes:
        return _BOUND.pack(self._number, offset, length)
