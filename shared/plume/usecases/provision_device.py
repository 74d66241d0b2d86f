"""Decide whether a machine with a claim certificate may become a registered device."""

from base64 import b64decode
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from plume.errors import Refused
from plume.model.device import Device
from plume.model.fingerprint import Fingerprint
from plume.model.identity import ThingName
from plume.ports.notices import Operations
from plume.ports.registry import Registry


@dataclass(frozen=True, slots=True)
class Applicant:
    """What a machine says of itself: serial number, hardware fingerprint, public signing key."""

    serial: str
    fingerprint: str
    signing_key: str

    @property
    def thing(self) -> ThingName:
        """The thing it wants to be."""
        return ThingName(f"edge-{self.serial.lower()}")


def provision_device(
    applicant: Applicant, *, registry: Registry, operations: Operations, now: datetime
) -> bool:
    """Admit a machine whose serial is registered and whose hardware is the registered one.

    The first machine fills an empty fingerprint (trust on first use). The same hardware may come
    again with a new key, and with one part replaced; what it has then is registered. Other
    hardware may not. A refusal is told to the operators with its reason.

    Raises:
        Unavailable: the registry did not answer; the device tries again.
    """
    device = registry.device(applicant.thing)
    reason = _objection(applicant, device)
    if device is None or reason:
        operations.refused(applicant.thing, reason)
        return False
    admitted = replace(
        device,
        fingerprint=str(Fingerprint.of(applicant.fingerprint)),
        signing_key=applicant.signing_key,
        provisioned_at=device.provisioned_at or now,
    )
    if admitted != device:
        registry.put_device(admitted)
    return True


def _objection(applicant: Applicant, device: Device | None) -> str:
    """Say what speaks against the applicant; nothing when it may come in."""
    if device is None or device.serial.lower() != applicant.serial.lower():
        return f"serial {applicant.serial!r} is not registered"
    if not _is_p256(applicant.signing_key):
        return "the signing key is no P-256 public key"
    return _foreign(applicant.fingerprint, device.fingerprint)


def _foreign(shown: str, registered: str) -> str:
    """Say why this hardware is not the registered one, or cannot be anyone's."""
    try:
        offered = Fingerprint.of(shown)
        if not offered.bound:
            return "the fingerprint names no token, board or network card"
        return Fingerprint.of(registered).objection(offered) if registered else ""
    except Refused as fault:
        return f"fingerprint: {fault.message}"


def _is_p256(signing_key: str) -> bool:
    try:
        key = load_der_public_key(b64decode(signing_key, validate=True))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
