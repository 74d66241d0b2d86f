"""Who this device is: its keys, its certificate and its name, each in a file of its own.

Everything lies under `home/identity` (mode 0700), every file is private (0600) and appears whole
or not at all. A key is made once and never leaves the device; with a password, which follows from
the hardware, it lies encrypted (`edge_greengrass.private_key`). A renewed certificate and its key
lie in a folder of their own, `a` or `b` by turns; the file `current` names the one in use, so that
both change in one step.
"""

import os
import shutil
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from edge_greengrass.private_key import is_shut, opened, shut


@dataclass(frozen=True, slots=True)
class Identity:
    """The files of one device's identity; a successor signs with the key of the first.

    Without a password its keys lie open.
    """

    folder: Path
    signing_key: Path | None = None
    password: bytes | None = None

    @property
    def certificate(self) -> Path:
        """The device certificate, PEM."""
        return self._current / "certificate.pem"

    @property
    def certificate_key(self) -> Path:
        """The private key of the certificate, PEM."""
        return self._current / "certificate.key"

    @property
    def own_key(self) -> Path:
        """The P-256 key from which certificates are asked for, PEM."""
        return self.folder / "tls.key"

    def thing(self) -> str:
        """Give the name the cloud has given the device; empty before it was provisioned."""
        try:
            return (self.folder / "thing").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def keep_thing(self, name: str) -> None:
        """Keep the name; the last step of provisioning, for it says that all others are done."""
        write_private(self.folder / "thing", name.encode())

    def pending_token(self) -> str:
        """Give the ownership token of a certificate that is not registered yet, if any."""
        try:
            return self._pending.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def keep_certificate(self, certificate: str, key: str, token: str) -> None:
        """Keep an issued certificate, its key, and then the token that says so."""
        self.drop_pending()
        self._keep_key(self.certificate_key, key.encode())
        write_private(self.certificate, certificate.encode())
        write_private(self._pending, token.encode())

    def drop_pending(self) -> None:
        """Forget the ownership token: it is used, or the cloud knows it no longer."""
        with suppress(FileNotFoundError):
            self._pending.unlink()

    def signing_key_pem(self) -> bytes:
        """Give the P-256 key that signs segments, PKCS #8 PEM; made on first use."""
        return self._key_pem(self._signing_key)

    def own_key_pem(self) -> bytes:
        """Give the P-256 key of certificates, PKCS #8 PEM; made on first use."""
        return self._key_pem(self.own_key)

    def certificate_key_pem(self) -> bytes:
        """Give the private key of the certificate, PKCS #8 PEM."""
        return self._opened(self.certificate_key)

    def successor(self) -> "Identity":
        """Give the same device under a certificate to come; its folder may hold an attempt."""
        letter = "a" if self._current.name != "a" else "b"
        return Identity(self.folder / letter, self._signing_key, self.password)

    def forget(self) -> None:
        """Remove the certificate, its key and whatever else lies in the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def give_way(self, successor: "Identity") -> None:
        """Let the successor's certificate be the one in use, in one step."""
        write_private(self.folder / "current", successor.folder.name.encode())

    @property
    def _current(self) -> Path:
        try:
            return self.folder / (self.folder / "current").read_text(encoding="utf-8")
        except FileNotFoundError:
            return self.folder

    @property
    def _signing_key(self) -> Path:
        return self.signing_key or self.folder / "signing.key"

    @property
    def _pending(self) -> Path:
        return self.folder / "pending.token"

    def _key_pem(self, path: Path) -> bytes:
        if not path.exists():
            key = generate_private_key(SECP256R1())
            self._keep_key(
                path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            )
        return self._opened(path)

    def _keep_key(self, path: Path, pem: bytes) -> None:
        write_private(path, shut(pem, self.password) if self.password else pem)

    def _opened(self, path: Path) -> bytes:
        """Give a key open; one that lay open is shut from now on."""
        kept = path.read_bytes()
        if self.password is None:
            return kept
        if not is_shut(kept):
            self._keep_key(path, kept)
        return opened(kept, self.password)


def public_key(private_pem: bytes) -> str:
    """Give the public half as the registry keeps it: SubjectPublicKeyInfo DER in base64."""
    key = _loaded(private_pem).public_key()
    return b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def signing_request(private_pem: bytes, common_name: str) -> str:
    """Ask for a certificate (PKCS #10, PEM) without showing the key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    return request.sign(_loaded(private_pem), SHA256()).public_bytes(Encoding.PEM).decode()


def write_private(path: Path, content: bytes) -> None:
    """Write a file that is private, durable, and whole whenever it is there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _loaded(private_pem: bytes) -> EllipticCurvePrivateKey:
    key = load_pem_private_key(private_pem, password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError(f"{type(key).__name__} where a P-256 key belongs")
    return key
