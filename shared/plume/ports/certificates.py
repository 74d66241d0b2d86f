"""The certificates that devices show the broker (设备证书)."""

from typing import Protocol

from plume.model.identity import ThingName


class DeviceCertificates(Protocol):
    """Knows which certificates a thing may show."""

    def retire_others(self, thing: ThingName, certificate_id: str) -> int:
        """Deactivate every certificate of the thing but this one; give how many were active.

        Raises:
            Refused: this one is not a certificate of the thing; nothing was deactivated.
            Unavailable: the broker's registry did not answer; some may be deactivated already.
        """
