"""What must run while there is something to treat (治理设施), and by which signals it is known."""

from dataclasses import dataclass
from decimal import Decimal

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
        """The outlets and units whose signals it is watched by, in order."""
        return tuple(sorted({signal.subject for signal in self.signals}))

    @property
    def identity(self) -> tuple[str, ...]:
        """What two versions of one facility share: outlet, rule, demand, where it is watched."""
        return self.outlet, self.rule.id, self.demand.channel, *self.subjects
