"""Values of an outlet: the newest ones, the official ones, and the curves."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from chalice.app import Blueprint
from chalicelib.answers import cursor, instant, page
from chalicelib.asking import asker_of, query_of, range_of

from plume.aws import wiring
from plume.model.identity import OutletId
from plume.model.reading import Reading, Span
from plume.usecases.read_values import ReadingsQuestion, read_latest, read_readings
from plume.wire import endpoints, resource_of
from plume.wire.resources import SeriesResource

blueprint = Blueprint(__name__)

DAY = timedelta(days=1)
USUAL = {Span.MINUTE: DAY / 4, Span.HOUR: 2 * DAY, Span.DAY: 60 * DAY}
LONGEST = {Span.MINUTE: 31 * DAY, Span.HOUR: 366 * DAY, Span.DAY: 3660 * DAY}
LONGEST_CURVE = 3660 * DAY


@blueprint.route(endpoints.LATEST.path)
def latest(outlet_id: str) -> dict[str, object]:
    """Show the newest values."""
    query_of(blueprint, endpoints.LATEST)
    asker, key = asker_of(blueprint), OutletId(outlet_id)
    found = read_latest(asker, key, registry=wiring.registry(), latest=wiring.latest())
    return page([resource_of.latest(value) for value in found])


@blueprint.route(endpoints.READINGS.path)
def readings(outlet_id: str) -> dict[str, object]:
    """Show the official values."""
    query, asker = query_of(blueprint, endpoints.READINGS), asker_of(blueprint)
    asked = _question(outlet_id, query)
    found = read_readings(asker, asked, registry=wiring.registry(), readings=wiring.readings())
    part, after = _cut(_chosen(found, query["factors"]), query["limit"])
    return page([resource_of.reading(one) for one in part], after)


@blueprint.route(endpoints.SERIES.path)
def series(outlet_id: str) -> SeriesResource:
    """Show the curves; what they need (numpy) is loaded when the first one is asked for."""
    from chalicelib.curves import curves  # noqa: PLC0415, other paths start without numpy

    query, asker = query_of(blueprint, endpoints.SERIES), asker_of(blueprint)
    between = range_of(query, usual=DAY / 4, longest=LONGEST_CURVE)
    return curves(asker, OutletId(outlet_id), query, between)


def _question(outlet_id: str, query: dict[str, Any]) -> ReadingsQuestion:
    span: Span = query["span"]
    since, until = range_of(query, usual=USUAL[span], longest=LONGEST[span])
    start = instant(query, since, until) or since
    return ReadingsQuestion(OutletId(outlet_id), span, start, until, query["asKnownAt"])


def _chosen(found: Sequence[Reading], factors: tuple[str, ...]) -> Sequence[Reading]:
    return [one for one in found if not factors or one.factor in factors]


def _cut(found: Sequence[Reading], limit: int) -> tuple[Sequence[Reading], str]:
    """Cut between two starts, never within one; a page may be longer by what shares a start."""
    if len(found) <= limit:
        return found, ""
    last = found[limit - 1].start
    rest = next((one for one in found[limit:] if one.start > last), None)
    part = [one for one in found if one.start <= last]
    return part, cursor(rest.start.isoformat()) if rest else ""
