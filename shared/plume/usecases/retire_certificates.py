"""Let a device's older certificates serve no longer, once it connects under a newer one."""

from re import fullmatch
from typing import Protocol

from plume.errors import Refused
from plume.model.event import SourceHealth, SourceState
from plume.model.identity import ThingName
from plume.ports.certificates import DeviceCertificates


class CertificateWorld(Protocol):
    """The port that retiring needs."""

    @property
    def certificates(self) -> DeviceCertificates:
        """Which certificates a thing may show."""


def retire_certificates(thing: ThingName, health: SourceHealth, world: CertificateWorld) -> int:
    """Deactivate what the device shows no more; give how many certificates that were.

    The device names the certificate under which this very event came, signed by its own key, so a
    thief with an old certificate alone cannot retire the new one. Safe to repeat.

    Raises:
        Refused: it names no certificate, or one that is not its own.
        Unavailable: the broker's registry did not answer; the event comes again.
    """
    if health.state is not SourceState.OK:
        return 0
    named = str((health.facts or {}).get("certificateId", ""))
    if not fullmatch("[0-9a-f]{64}", named):
        raise Refused(f"certificateId {named[:80]!r} is no SHA-256")
    return world.certificates.retire_others(thing, named)
