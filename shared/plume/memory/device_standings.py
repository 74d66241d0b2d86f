"""The standings of devices in dictionaries."""

from collections.abc import Sequence
from datetime import datetime

from plume.model.device_standing import DeviceFact, DeviceStanding, noted
from plume.model.event import ClockOffset
from plume.model.identity import ThingName


class MemoryDeviceStandings:
    """`plume.ports.device_standings.DeviceStandings` in dictionaries."""

    def __init__(self) -> None:
        self._standings: dict[ThingName, DeviceStanding] = {}
        self._clocks: dict[tuple[ThingName, str, datetime], ClockOffset] = {}

    def note(self, thing: ThingName, fact: DeviceFact) -> DeviceStanding:
        """Fold a fact into the standing of its device and give that."""
        if isinstance(fact, ClockOffset):
            self._clocks.setdefault((thing, fact.subject, fact.at), fact)
        after = noted(self._standings.get(thing, DeviceStanding(thing)), fact)
        self._standings[thing] = after
        return after

    def of(self, things: Sequence[ThingName]) -> dict[ThingName, DeviceStanding]:
        """Give the standings of these devices; one never heard is missing."""
        return {thing: self._standings[thing] for thing in things if thing in self._standings}

    def clocks(
        self, thing: ThingName, subject: str, since: datetime, until: datetime
    ) -> Sequence[ClockOffset]:
        """Give the offsets of one clock told within `[since, until)`, oldest first."""
        found = [
            offset
            for (owner, about, at), offset in self._clocks.items()
            if (owner, about) == (thing, subject) and since <= at < until
        ]
        return sorted(found, key=lambda offset: offset.at)
