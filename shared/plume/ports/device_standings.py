"""How the edge devices stand (设备状态), and how their clocks went."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from plume.model.device_standing import DeviceFact, DeviceStanding
from plume.model.event import ClockOffset
from plume.model.identity import ThingName


class DeviceStandings(Protocol):
    """The newest word of each device; clock offsets and gaps are also kept one by one."""

    def note(self, thing: ThingName, fact: DeviceFact) -> DeviceStanding:
        """Fold a fact into the standing of its device; harmless when repeated.

        Gives the standing as far as the fact touches it: the rest may be left out.
        """

    def of(self, things: Sequence[ThingName]) -> dict[ThingName, DeviceStanding]:
        """Give the standings of these devices; one never heard is missing."""

    def clocks(
        self, thing: ThingName, subject: str, since: datetime, until: datetime
    ) -> Sequence[ClockOffset]:
        """Give the offsets of one clock told within `[since, until)`, oldest first."""
