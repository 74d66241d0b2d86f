"""Fleet provisioning as a device meets it: certificates for signing requests, a name for a token.

Written from AWS's description of the topics; one thing, whose name is given whoever asks.
"""

import json
from datetime import timedelta

from tests.faults.authority import Authority
from tests.faults.broker import SUCCESS, Broker

CREATE = "$aws/certificates/create-from-csr/json"
PROVISION = "$aws/provisioning-templates/none/provision/json"


class Provisioner:
    """Answers on the broker it is given; counts what it was asked."""

    def __init__(self, authority: Authority, thing: str, valid: timedelta) -> None:
        self._authority, self._thing, self._valid = authority, thing, valid
        self.broker: Broker | None = None
        self.issued = 0
        self.registered: list[dict[str, str]] = []

    def heard(self, topic: str, payload: bytes) -> int | None:
        """Answer one message, if it is for us; None if not."""
        if topic not in {CREATE, PROVISION}:
            return None
        asked = json.loads(payload)
        answer = self._certificate(asked) if topic == CREATE else self._registration(asked)
        assert self.broker is not None
        self.broker.publish(f"{topic}/accepted", json.dumps(answer).encode())
        return SUCCESS

    def _certificate(self, asked: dict[str, str]) -> dict[str, object]:
        request = asked["certificateSigningRequest"].encode()
        self.issued += 1
        return {
            "certificateId": f"certificate-{self.issued}",
            "certificatePem": self._authority.sign(request, self._valid).decode(),
            "certificateOwnershipToken": f"token-{self.issued}",
        }

    def _registration(self, asked: dict[str, dict[str, str]]) -> dict[str, object]:
        self.registered.append(asked["parameters"])
        return {"deviceConfiguration": {}, "thingName": self._thing}
