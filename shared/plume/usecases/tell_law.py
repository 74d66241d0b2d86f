"""Bring the law of an outlet (限值与治理设施) from the registry to the device before it.

The registry is the one place where limits and facilities stand. Whenever they change, and
whenever a device says by which version it judges, the law is due: this compares the two and sends
the device what it does not have.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from plume.errors import Refused, Unavailable
from plume.model.command import LAW, Command, CommandKind
from plume.model.device_standing import LawDrawn, LawStanding
from plume.model.event import LawInForce
from plume.model.identity import OutletId, ThingName
from plume.model.outlet import Outlet
from plume.model.site_law import SiteLaw
from plume.ports.device_standings import DeviceStandings
from plume.ports.notices import DeviceCommands
from plume.ports.registry import Registry
from plume.wire.commands import MOST_BYTES, command_message
from plume.wire.site_law import digest_of, law_fields

TRIES = 8
LATE = timedelta(days=1)
"""A law that comes this late is still the law, if no later one came before it."""


@dataclass(frozen=True, slots=True)
class LawWorld:
    """What telling asks of the world; `device_commands` leads to the devices themselves."""

    registry: Registry
    standings: DeviceStandings
    device_commands: DeviceCommands


@dataclass(frozen=True, slots=True)
class ToldLaw:
    """A law that was sent: its version, and the message's size [bytes]."""

    outlet: OutletId
    version: int
    size: int


class LawNotes(Protocol):
    """What a device's word on its law asks of the world."""

    @property
    def registry(self) -> Registry:
        """What exists."""

    @property
    def standings(self) -> DeviceStandings:
        """How the devices stand."""

    @property
    def device_commands(self) -> DeviceCommands:
        """The queue in front of `tell_law`."""


def law_due(outlet: Outlet, *, device_commands: DeviceCommands, now: datetime) -> None:
    """Have the law of an outlet told to the device before it, if one is."""
    if outlet.thing:
        device_commands.send(_command(outlet, now))


def note_law(thing: ThingName, told: LawInForce, world: LawNotes, *, now: datetime) -> None:
    """Note by which law a device judges, and have it told the newer one, if there is one.

    After days without a line its words of each hour come at once: only the newest makes anything
    due. A clock that ran ahead does not make its word the newest for ever.

    Raises:
        Refused: it speaks of an outlet behind another device.
    """
    outlet = world.registry.outlet(told.outlet)
    if outlet is None or outlet.thing != thing:
        raise Refused(f"it speaks of {told.outlet}, which is not behind it")
    said = replace(told, at=min(told.at, now))
    if world.standings.note(thing, said).law_of(outlet.id).held_at == said.at:
        law_due(outlet, device_commands=world.device_commands, now=now)


def tell_law(key: OutletId, *, world: LawWorld, now: datetime) -> ToldLaw | None:
    """Send the law of an outlet to its device; tell of it, or None when the device has it.

    A law that changed gets the next version. A device that holds a later one than was ever drawn,
    as after a table was restored, is overruled by a version beyond that.

    Raises:
        Refused: it is longer than a message may be.
        Unavailable: the world is deaf, or the law kept changing; try again.
    """
    outlet = world.registry.outlet(key)
    if outlet is None or not outlet.thing:
        return None
    law, standing = _drawn(outlet, world, now)
    if standing.held == law.version:
        return None
    command = replace(
        _command(outlet, now),
        id=f"{LAW}{outlet.id}-{law.version}",
        arguments=law_fields(law),
    )
    size = len(command_message(command))
    if size > MOST_BYTES:
        raise Refused(f"the law of {outlet.id} is longer than {MOST_BYTES} bytes")
    world.device_commands.send(command)
    return ToldLaw(outlet.id, law.version, size)


def _drawn(outlet: Outlet, world: LawWorld, now: datetime) -> tuple[SiteLaw, LawStanding]:
    """Read the law and give it its version.

    The version that is built on is known before the registry is read: whoever reads an older
    registry beside us cannot have the last word.
    """
    after = 0
    for _ in range(TRIES):
        law = _registered(outlet, world.registry, now)
        drawn = LawDrawn(outlet.id, digest_of(law), after)
        standing = world.standings.note(outlet.thing, drawn).law_of(outlet.id)
        if standing.digest == drawn.digest and standing.version >= standing.held:
            return replace(law, version=standing.version), standing
        after = standing.version
    raise Unavailable(f"the law of {outlet.id} changed under us {TRIES} times")


def _registered(outlet: Outlet, registry: Registry, now: datetime) -> SiteLaw:
    """Read what is in force at an outlet or will be."""
    limits = registry.limits(outlet.id)
    facilities = registry.facilities(outlet.id)
    return SiteLaw(
        outlet.id,
        0,
        tuple(one for one in limits if one.valid_to is None or one.valid_to > now),
        tuple(one for one in facilities if one.outlet == outlet.id),
        outlet.reference_oxygen,
    )


def _command(outlet: Outlet, now: datetime) -> Command:
    return Command(
        id=f"{LAW}{outlet.id}",
        thing=outlet.thing,
        kind=CommandKind.LAW,
        issued_at=now,
        expires_at=now + LATE,
        outlet=outlet.id,
    )
