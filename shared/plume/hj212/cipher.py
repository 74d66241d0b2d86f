"""SM4 on the parameters of a frame, as HJ 212-2025 lays it down.

Whole blocks of sixteen bytes are enciphered in ECB mode and written `{0xE4,0x3E,..}`; what is
left over (fewer than sixteen bytes) follows in plain text. Equal blocks show, so this protects
the way from the data logger to the first box of ours and nothing beyond it.
"""

import re

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

BLOCK_BYTES = 16
_WIRE = re.compile(rb"\{\s*(0x[0-9A-Fa-f]{2}(?:\s*,\s*0x[0-9A-Fa-f]{2})*)\s*\}", re.DOTALL)


def is_encrypted(parameters: bytes) -> bool:
    """Whether the text between `CP=&&` and `&&` opens with cipher bytes."""
    return parameters.startswith(b"{0x")


def encrypt(parameters: bytes, key: bytes) -> bytes:
    """Give the wire form; text shorter than one block stays as it is.

    Source:
        HJ 212-2025, annex A.2.
    """
    whole = len(parameters) // BLOCK_BYTES * BLOCK_BYTES
    if not whole:
        return parameters
    encryptor = Cipher(SM4(key), modes.ECB()).encryptor()  # noqa: S305, the standard's mode
    blocks = encryptor.update(parameters[:whole]) + encryptor.finalize()
    return b"{%s}%s" % (",".join(f"0x{byte:02X}" for byte in blocks).encode(), parameters[whole:])


def decrypt(parameters: bytes, key: bytes) -> bytes | None:
    """Give the plain text, or None when the wire form is damaged."""
    match = _WIRE.match(parameters)
    blocks = _cipher_bytes(match[1]) if match else b""
    if match is None or len(blocks) % BLOCK_BYTES:
        return None
    decryptor = Cipher(SM4(key), modes.ECB()).decryptor()  # noqa: S305, the standard's mode
    return decryptor.update(blocks) + decryptor.finalize() + parameters[match.end() :]


def _cipher_bytes(listed: bytes) -> bytes:
    return bytes(int(one, 16) for one in listed.split(b","))
