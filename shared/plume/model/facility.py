"""What must run while there is something to treat (治理设施), and by which signals it is known."""

from base64 import b32encode
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from plume.model.finding import RuleVersion
from plume.model.identity import OutletId
from plume.model.outlet import Name


@dataclass(frozen=True, slots=True)
class Signal:
    """One channel of one subject (outlet or unit), and the value [unit] above which it is on."""

    subject: str
    channel: str
    above: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Facility:
    """One treatment facility before an outlet.

    `demand` tells that there is something to treat; any of `running` tells that the facility runs.
    """

    rule: RuleVersion
    outlet: OutletId
    name: Name
    demand: Signal
    running: tuple[Signal, ...]

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Everything that it is watched by."""
        return self.demand, *self.running

    @property
    def subjects(self) -> tuple[str, ...]:
        """The outlet, and the units whose signals it is watched by, in order."""
        return tuple(sorted({self.outlet, *(signal.subject for signal in self.signals)}))

    @property
    def id(self) -> str:
        """Name it after what two versions of one facility share: all but names and thresholds."""
        channels = (f"{one.subject} {one.channel}" for one in self.signals)
        words = "\n".join([self.outlet, self.rule.id, *channels])
        return "FC" + b32encode(sha256(words.encode()).digest())[:16].decode()
