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
from plume.ports.notices import Findings, Operations
from plume.ports.registry import Registry
from plume.rules.clones import foreign
from plume.usecases.watch_chain import outlets_of


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
    applicant: Applicant,
    *,
    registry: Registry,
    operations: Operations,
    findings: Findings,
    now: datetime,
) -> bool:
    """Admit a machine whose serial is registered and whose hardware is the registered one.

    The first machine fills an empty fingerprint (trust on first use). The same hardware may come
    again with a new key, and with one part replaced; what it has then is registered. Other
    hardware may not. A refusal is told to the operators with its reason; one of other hardware
    raises an alarm on the outlets of the device besides, for a second machine wants its name.

    Raises:
        Unavailable: the registry did not answer; the device tries again.
    """
    device = registry.device(applicant.thing)
    reason = _objection(applicant, device)
    if device is None or reason:
        operations.refused(applicant.thing, reason)
        if device is not None and _is_foreign(applicant, device):
            outlets = outlets_of(device.thing, registry)
            findings.tell([foreign(outlet, device.thing, now) for outlet in outlets])
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
    return _hardware(applicant.fingerprint, device.fingerprint)


def _is_foreign(applicant: Applicant, device: Device) -> bool:
    """Whether a sound fingerprint is another's: what is malformed accuses nobody."""
    try:
        offered, registered = map(Fingerprint.of, (applicant.fingerprint, device.fingerprint))
    except Refused:
        return False
    return bool(registered.objection(offered))


def _hardware(shown: str, registered: str) -> str:
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
