"""Watch whether two machines fight for one name at the broker."""

from datetime import datetime
from typing import Protocol

from plume.model.device_standing import Displaced
from plume.model.identity import ThingName
from plume.ports.device_standings import DeviceStandings
from plume.ports.notices import Findings, Operations
from plume.ports.registry import Registry
from plume.rules.clones import contested, is_contested
from plume.usecases.watch_chain import outlets_of


class PresenceWorld(Protocol):
    """The ports that watching needs."""

    @property
    def registry(self) -> Registry:
        """What exists."""

    @property
    def standings(self) -> DeviceStandings:
        """How devices stand."""

    @property
    def findings(self) -> Findings:
        """The queue in front of `raise_alarm`."""

    @property
    def operations(self) -> Operations:
        """What the operators must know."""


def watch_presence(thing: ThingName, at: datetime, world: PresenceWorld) -> bool:
    """Note that a device was displaced; tell operators and alarms when it happens too often.

    Harmless when repeated. A name that is no registered device's, such as a claim's, is passed
    over.

    Raises:
        Unavailable: the world did not answer; deliver the event again.
    """
    if world.registry.device(thing) is None:
        return False
    standing = world.standings.note(thing, Displaced(at))
    if not is_contested(standing.displaced):
        return False
    newest = standing.displaced[0]
    world.operations.contested(thing, newest)
    outlets = outlets_of(thing, world.registry)
    if outlets:
        world.findings.tell([contested(outlet, thing, newest) for outlet in outlets])
    return True
