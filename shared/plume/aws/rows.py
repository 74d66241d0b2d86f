"""One row of a table: `pk`, `sk`, and the fact as text. All tables share one connection."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

Each = TypeVar("Each")

GET_AT_ONCE = 100
"""Keys of one BatchGetItem, and writes of one TransactWriteItems, at most."""


@cache
def connection() -> Connection:
    """Give the one connection of this process: a client costs tens of milliseconds to make."""
    return Connection()


class Row(Model):
    """What every table has; a table's own model adds what its indexes and conditions look at."""

    class Meta:
        """Bound by each adapter, so that importing asks nothing of AWS."""

        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    fact = UnicodeAttribute(null=True)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        table = super()._get_connection()
        if table.connection is not connection():
            with suppress(ValueError):  # bound before, and known already
                connection().add_meta_table(table.get_meta_table())
            table.connection = connection()
        return table


def index(name: str) -> "GlobalSecondaryIndex[Any]":
    """Make the index of this name in `plume.wire.tables`, of whole rows that have its keys."""
    meta = type("Meta", (), {"index_name": name, "projection": AllProjection()})
    keys = {
        f"{name}_pk": UnicodeAttribute(hash_key=True),
        f"{name}_sk": UnicodeAttribute(range_key=True),
    }
    made: GlobalSecondaryIndex[Any] = type(name, (GlobalSecondaryIndex,), {"Meta": meta, **keys})()
    return made


def in_parts(values: Iterable[Each], size: int) -> Iterator[Sequence[Each]]:
    """Cut a sequence into parts of at most `size`."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part
