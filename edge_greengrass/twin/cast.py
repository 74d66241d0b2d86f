"""Who plays: the plant of each kind, its calendar and its instruments."""

from collections.abc import Callable, Mapping

from edge_greengrass.twin.a2o import A2oWorks
from edge_greengrass.twin.calendar import INSTRUMENT_RHYTHMS, STOP_RHYTHM, Calendar, Rhythm
from edge_greengrass.twin.coal.unit import CoalUnit
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.episode import Happening
from edge_greengrass.twin.gas_turbine import GasTurbine
from edge_greengrass.twin.instruments import Instruments
from edge_greengrass.twin.kiln import CementKiln
from edge_greengrass.twin.oxidiser import Oxidiser
from edge_greengrass.twin.plant import Plant
from edge_greengrass.twin.potline import Potline
from edge_greengrass.twin.sewage import Sewage
from edge_greengrass.twin.tricks import TRICKS

_STOPPING = {"coal_unit", "cement_kiln"}
"""Kinds that know how to stop and start; the others run all the year."""


def instruments_of(settings: PlantSettings) -> Instruments:
    """Build the plant with its instruments."""
    calendar = calendar_of(settings)
    innocent = calendar.without(lambda what: what in TRICKS)
    return Instruments(plant_of(settings, calendar), calendar, plant_of(settings, innocent))


def calendar_of(settings: PlantSettings) -> Calendar:
    """Give what happens to the plant: what is configured, its everyday life, and mischief."""
    rhythms = INSTRUMENT_RHYTHMS if settings.life else ()
    if settings.life and settings.kind in _STOPPING:
        rhythms = (*rhythms, STOP_RHYTHM)
    if settings.mischief:
        rhythms = (*rhythms, mischief(settings.mischief, settings.mischief_every))
    return Calendar(settings.seed, settings.episodes, rhythms)


def mischief(kinds: tuple[Happening, ...], hours: int) -> Rhythm:
    """Give the rhythm in which labelled episodes come: one in each period of so many hours."""
    period = hours * 3600
    return Rhythm(kinds, period, 9 * period // 16, 11 * period // 16)


def plant_of(settings: PlantSettings, calendar: Calendar) -> Plant:
    """Build the plant."""
    return _PLANTS[settings.kind](settings, calendar)


_PLANTS: Mapping[str, Callable[[PlantSettings, Calendar], Plant]] = {
    "gas_turbine": lambda given, _: GasTurbine(given.data, given.seed, given.scale),
    "coal_unit": lambda given, calendar: CoalUnit(calendar, given.seed),
    "potline": lambda given, calendar: Potline(calendar, given.seed),
    "cement_kiln": lambda given, calendar: CementKiln(calendar, given.seed),
    "oxidiser": lambda given, calendar: Oxidiser(calendar, given.seed),
    "sewage": lambda given, _: Sewage(given.seed, given.scale, given.strain),
    "sewage_works": lambda given, calendar: A2oWorks(
        calendar, given.seed, given.scale, given.strain
    ),
}
