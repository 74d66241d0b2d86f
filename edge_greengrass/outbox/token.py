"""A security token, such as a TPM 2.0, spoken to through PKCS#11 (安全芯片).

The token holds one key that never leaves it. What we ask is always the same: a keyed digest of a
label. A secret key answers by HMAC-SHA-256; an RSA key, which every TPM has, by a signature of
PKCS #1 version 1.5, which is the same each time and which nobody makes without the key.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from plume.errors import Refused, Unavailable

TOKEN_VARIABLE = "PLUME_TOKEN"  # noqa: S105, the name of a variable
"""The token of this device as JSON, set from the settings before the key is asked for."""


class BadToken(Refused):
    """The token, or the key on it, is not what the settings say; the message names it."""


@dataclass(frozen=True, slots=True)
class Token:
    """Where the key is: PKCS#11 module, labels of token and key, and the file with the PIN."""

    module: Path
    label: str
    key: str
    pin_file: Path

    @classmethod
    def configured(cls) -> Self | None:
        """Give the token that the settings name, if they name one.

        Raises:
            BadToken: they name it badly.
        """
        text = os.environ.get(TOKEN_VARIABLE)
        return cls.of(json.loads(text)) if text else None

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Self:
        """Read `{module, label, key, pinFile}`."""
        try:
            module, pin_file = Path(fields["module"]), Path(fields["pinFile"])
            return cls(module, str(fields["label"]), str(fields["key"]), pin_file)
        except (KeyError, TypeError) as fault:
            raise BadToken(f"token: {type(fault).__name__} {fault}") from fault

    def secret(self, label: bytes) -> bytes:
        """Give 32 bytes that only this token can make from the label.

        Raises:
            BadToken: no such module, token, key or PIN.
            Unavailable: the token is there but did not answer.
        """
        if not self.module.exists():
            raise BadToken(f"module: {self.module} is not there")
        # The library loads the vendor's module; a device without a token never needs it.
        import pkcs11  # noqa: PLC0415
        from pkcs11 import exceptions  # noqa: PLC0415

        wrong = (exceptions.NoSuchToken, exceptions.NoSuchKey, exceptions.PinIncorrect)
        try:
            token = pkcs11.lib(str(self.module)).get_token(token_label=self.label)
            with token.open(user_pin=self._pin()) as session:
                return sha256(_keyed(session, self.key, label)).digest()
        except wrong as fault:
            raise BadToken(f"token {self.label!r}: {type(fault).__name__} {fault}") from fault
        except exceptions.PKCS11Error as fault:
            raise Unavailable(f"token {self.label!r}: {type(fault).__name__}") from fault

    def _pin(self) -> str:
        try:
            return self.pin_file.read_text(encoding="utf-8").strip()
        except OSError as fault:
            raise BadToken(f"pinFile: {fault}") from fault


def _keyed(session: Any, name: str, label: bytes) -> bytes:  # noqa: ANN401, untyped library
    """Ask the key of that name for its digest of the label: a secret key, else a private one."""
    from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass  # noqa: PLC0415
    from pkcs11.exceptions import NoSuchKey  # noqa: PLC0415

    for kind in (ObjectClass.SECRET_KEY, ObjectClass.PRIVATE_KEY):
        for key in list(session.get_objects({Attribute.CLASS: kind, Attribute.LABEL: name})):
            if kind is ObjectClass.SECRET_KEY:
                return bytes(key.sign(label, mechanism=Mechanism.SHA256_HMAC))
            if key.key_type is KeyType.RSA:
                return bytes(key.sign(label, mechanism=Mechanism.SHA256_RSA_PKCS))
    raise NoSuchKey(f"no secret or RSA key {name!r}")
