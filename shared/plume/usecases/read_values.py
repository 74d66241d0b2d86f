"""The official and newest values of an outlet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from plume.model.identity import OutletId
from plume.model.permission import Permission
from plume.model.person import Person
from plume.model.reading import Reading, Span
from plume.ports.latest import Latest, LatestValue
from plume.ports.readings import Readings
from plume.ports.registry import Registry
from plume.usecases.in_sight import outlet_in_sight, require


@dataclass(frozen=True, slots=True)
class ReadingsQuestion:
    """Which values: start in `[since, until)`, as known at a time if one is given."""

    outlet: OutletId
    span: Span
    since: datetime
    until: datetime
    as_known_at: datetime | None = None


def read_readings(
    asker: Person, question: ReadingsQuestion, *, registry: Registry, readings: Readings
) -> Sequence[Reading]:
    """Give the official values by start, factor and source.

    Raises:
        NotThere: no such outlet within the scope.
    """
    require(asker, Permission.MONITOR_VIEW)
    outlet = outlet_in_sight(asker, question.outlet, registry)
    return readings.of(
        outlet.id,
        question.span,
        question.since,
        question.until,
        as_known_at=question.as_known_at,
    )


def read_latest(
    asker: Person, key: OutletId, *, registry: Registry, latest: Latest
) -> Sequence[LatestValue]:
    """Give the newest value of each factor and kind.

    Raises:
        NotThere: no such outlet within the scope.
    """
    require(asker, Permission.MONITOR_VIEW)
    outlet = outlet_in_sight(asker, key, registry)
    return latest.of(outlet.id)
