"""What is told onward: to devices, and to the next function (通知)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from plume.model.belated import Belated
from plume.model.command import Command
from plume.model.event import GapRecord
from plume.model.finding import Finding
from plume.model.identity import ThingName
from plume.model.segment import Acknowledgement, SegmentEntry
from plume.model.window import WindowTouched


class DeviceAcks(Protocol):
    """Tells an edge device what it may forget."""

    def tell(self, thing: ThingName, told: Acknowledgement) -> None:
        """Publish to the device what of its chain is stored; harmless when repeated."""


class DeviceCommands(Protocol):
    """Sends commands down to edge devices."""

    def send(self, command: Command) -> None:
        """Publish one command at QoS 1; harmless when repeated, a device obeys an id once."""


class Windows(Protocol):
    """The queue in front of `judge_window`."""

    def tell(self, windows: Sequence[WindowTouched]) -> None:
        """Tell which windows were touched, at least once."""


class BelatedFrames(Protocol):
    """The queue in front of `judge_belated`."""

    def tell(self, due: Sequence[Belated]) -> None:
        """Tell what is to be judged again, at least once."""


class Findings(Protocol):
    """The queue in front of `raise_alarm`."""

    def tell(self, findings: Sequence[Finding]) -> None:
        """Tell what was concluded, at least once."""


class Operations(Protocol):
    """What the operators of the platform itself must know."""

    def broken_chain(self, expected: bytes, found: SegmentEntry) -> None:
        """Tell that a device's hash chain does not join: evidence is missing or forged."""

    def cloned(self, first: SegmentEntry, second: SegmentEntry) -> None:
        """Tell that one (thing, sequence) arrived with two contents: two machines."""

    def contested(self, thing: str, at: datetime) -> None:
        """Tell that connections under one name displace one another: two machines, perhaps."""

    def refused(self, thing: str, reason: str) -> None:
        """Tell that a segment or a provisioning request was refused."""

    def altered(self, thing: str, media: str, key: str) -> None:
        """Tell that an object of a snapshot or clip is not what the device signed."""

    def gave_up(self, thing: str, gap: GapRecord) -> None:
        """Tell that a device had to thin or drop data because its disk was full."""
