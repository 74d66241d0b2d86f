"""Pages of what lies in several partitions, newest first: merged, in scope, with a cursor."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby, islice
from typing import TypeVar

from pynamodb.attributes import UnicodeAttribute

from plume.aws.rows import Row
from plume.errors import Refused
from plume.model.person import Scope

CITY_DIGITS = 4
"""Of a GB/T 2260 code; what is found by region lies under its city."""


class PlacedRow(Row):
    """A row that only those see whose scope covers its region, enterprise or outlet."""

    class Meta:
        """Bound by each adapter."""

        table_name = ""

    region = UnicodeAttribute(null=True)
    enterprise = UnicodeAttribute(null=True)
    outlet = UnicodeAttribute(null=True)


Placed = TypeVar("Placed", bound=PlacedRow)
Each = TypeVar("Each")


def cities_of(scope: Scope) -> Iterable[str]:
    """Give the city of each region of a scope, once."""
    return dict.fromkeys(prefix[:CITY_DIGITS] for prefix in scope.regions)


def merged(
    streams: Iterable[Iterable[Placed]], scope: Scope, age: Callable[[Placed], str]
) -> Iterator[Placed]:
    """Merge streams that each fall by `age`, a unique key; each row within the scope once."""
    ordered = merge(*streams, key=age, reverse=True)
    once = (next(same) for _, same in groupby(ordered, key=age))
    return (row for row in once if _is_within(row, scope))


def part_of(
    rows: Iterator[Each], most: int, age: Callable[[Each], str]
) -> tuple[Sequence[Each], str]:
    """Take at most `most` rows and the cursor behind them, empty when nothing follows."""
    found = list(islice(rows, most + 1))
    return found[:most], cursor_of(age(found[most - 1])) if len(found) > most else ""


def cursor_of(place: str) -> str:
    """Write the place after which to go on, so that it fits into an address."""
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


def position_of(cursor: str) -> str:
    """Read a cursor; one that is forged names a place at which there is nothing to see.

    Raises:
        Refused: it is no cursor of ours.
    """
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError as fault:
        raise Refused("no such cursor", zh="翻页标记无效", pointer="/query/cursor") from fault


def _is_within(row: PlacedRow, scope: Scope) -> bool:
    return scope.covers(
        region=str(row.region), enterprise=str(row.enterprise), outlet=str(row.outlet or "")
    )
