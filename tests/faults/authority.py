"""A certificate authority of the test's own: one server, and devices valid as long as asked."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.given import private_pem


class Authority:
    """Signs certificates; its own lies at `ca_file`."""

    def __init__(self, folder: Path) -> None:
        self._key = generate_private_key(SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        self.ca_file = folder / "ca.pem"
        self._folder = folder
        self.ca_file.write_bytes(self._signed(self._key, self._name, authority=True))

    def server_context(self) -> ssl.SSLContext:
        """Give a TLS server on 127.0.0.1 that asks for one of our certificates."""
        context = self.open_context()
        context.load_verify_locations(self.ca_file)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def open_context(self) -> ssl.SSLContext:
        """Give a TLS server on 127.0.0.1 for everyone."""
        key, certificate = self._folder / "server.key", self._folder / "server.pem"
        self.issue("localhost", certificate, key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context

    def issue(
        self, name: str, certificate: Path, key: Path, valid: timedelta = timedelta(days=1)
    ) -> None:
        """Write a key and its certificate; a negative validity has expired already."""
        made = generate_private_key(SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate.write_bytes(self._signed(made, subject, valid=valid))
        key.write_bytes(private_pem(made))
        key.chmod(0o600)

    def sign(self, request: bytes, valid: timedelta = timedelta(days=30)) -> bytes:
        """Give the certificate that a signing request (PKCS #10, PEM) asks for, valid from now."""
        asked = x509.load_pem_x509_csr(request)
        return self._signed(
            asked.public_key(), asked.subject, since=datetime.now(tz=UTC), valid=valid
        )

    def _signed(
        self,
        key: EllipticCurvePrivateKey | CertificatePublicKeyTypes,
        subject: x509.Name,
        *,
        authority: bool = False,
        since: datetime | None = None,
        valid: timedelta = timedelta(days=1),
    ) -> bytes:
        now = datetime.now(tz=UTC)
        hosts = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key() if isinstance(key, EllipticCurvePrivateKey) else key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(since or now - timedelta(days=2))
            .not_valid_after(now + valid)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        )
        return builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM)
