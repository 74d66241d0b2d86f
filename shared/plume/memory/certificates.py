"""The certificates of devices in a dictionary."""

from plume.errors import Refused
from plume.model.identity import ThingName


class MemoryCertificates:
    """`plume.ports.certificates.DeviceCertificates`; `active` by thing and certificate."""

    def __init__(self) -> None:
        self.active: dict[ThingName, dict[str, bool]] = {}

    def retire_others(self, thing: ThingName, certificate_id: str) -> int:
        """Deactivate every certificate of the thing but this one; give how many were active."""
        known = self.active.get(thing, {})
        if certificate_id not in known:
            raise Refused(f"{certificate_id} is no certificate of {thing}")
        others = [one for one, active in known.items() if active and one != certificate_id]
        known.update(dict.fromkeys(others, False))
        return len(others)
