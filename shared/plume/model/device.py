"""The edge device: the first box that belongs to the platform."""

from dataclasses import dataclass
from datetime import datetime

from plume.model.identity import EnterpriseId, ThingName


@dataclass(frozen=True, slots=True)
class Device:
    """One edge device (现场端), registered before it may provision itself.

    `fingerprint` is the text of its `plume.model.fingerprint.Fingerprint`, empty until known: the
    first provisioning fills it (trust on first use) unless an administrator entered it before.
    `signing_key` is the device's P-256 public key, SubjectPublicKeyInfo DER in base64.
    """

    thing: ThingName
    serial: str
    enterprise: EnterpriseId
    fingerprint: str = ""
    signing_key: str = ""
    provisioned_at: datetime | None = None
