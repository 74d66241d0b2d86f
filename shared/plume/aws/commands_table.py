"""Commands kept in DynamoDB: one row each, found by region, enterprise, outlet and device."""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import and_

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition as Where
from pynamodb.indexes import GlobalSecondaryIndex
from pynamodb.pagination import ResultIterator

from plume.aws.fact_text import fact_of, moment, text_of
from plume.aws.failures import lost_the_race, told_as_unavailable
from plume.aws.newest_first import CITY_DIGITS, PlacedRow, cities_of, merged, part_of, position_of
from plume.aws.rows import index
from plume.errors import Conflict
from plume.flows.command import ENDED
from plume.model.command import CommandId, CommandRecord
from plume.model.person import Scope
from plume.ports.commands import CommandPage, CommandQuery

UNENDED = "unended"


class CommandRow(PlacedRow):
    """A command under its id."""

    class Meta:
        """Bound by `CommandsTable`."""

        table_name = ""

    version = NumberAttribute(null=True)
    state = UnicodeAttribute(null=True)
    thing = UnicodeAttribute(null=True)
    by_region_pk = UnicodeAttribute(null=True)
    by_region_sk = UnicodeAttribute(null=True)
    by_enterprise_pk = UnicodeAttribute(null=True)
    by_enterprise_sk = UnicodeAttribute(null=True)
    by_outlet_pk = UnicodeAttribute(null=True)
    by_outlet_sk = UnicodeAttribute(null=True)
    by_thing_pk = UnicodeAttribute(null=True)
    by_thing_sk = UnicodeAttribute(null=True)
    waiting_pk = UnicodeAttribute(null=True)
    waiting_sk = UnicodeAttribute(null=True)
    by_region = index("by_region")
    """Commands of a city, newest last."""
    by_enterprise = index("by_enterprise")
    """Commands of an enterprise, newest last."""
    by_outlet = index("by_outlet")
    """Commands of an outlet, newest last."""
    by_thing = index("by_thing")
    """Commands of a device, newest last."""
    waiting = index("waiting")
    """Commands of which more is expected: those alone have its keys."""


class CommandsTable:
    """`plume.ports.commands.Commands` on DynamoDB."""

    def __init__(self, table_name: str) -> None:
        CommandRow.Meta.table_name = table_name

    def get(self, key: CommandId) -> CommandRecord | None:
        """Give one command, read consistently; None when there is none."""
        with told_as_unavailable("commands table"):
            rows = CommandRow.query(
                f"command#{key}", CommandRow.sk == "command", consistent_read=True
            )
            found = next(iter(rows), None)
        return None if found is None else _record(found)

    def put(self, record: CommandRecord, *, expected: int) -> None:
        """Keep the record if the stored version is `expected` (0: not stored yet).

        Raises:
            Conflict: someone else was faster.
        """
        unchanged = CommandRow.version == expected if expected else CommandRow.pk.does_not_exist()
        with told_as_unavailable("commands table"):
            try:
                _row(record).save(unchanged)
            except PynamoDBException as failure:
                if not lost_the_race(failure):
                    raise
                message = f"command {record.id} is no longer at version {expected}"
                raise Conflict(message, zh="该命令刚被他人处理, 请刷新后再试") from failure

    def page(
        self, query: CommandQuery, scope: Scope, *, most: int, cursor: str = ""
    ) -> CommandPage:
        """Give one page within the scope, newest first.

        The cursor says only after which command to go on: one that is forged shows nothing more.
        """
        before = position_of(cursor)
        with told_as_unavailable("commands table"):
            rows = merged(_streams(query, scope, before), scope, _age)
            found, after = part_of(rows, most, _age)
        return CommandPage(tuple(map(_record, found)), after)

    def unended(self) -> Sequence[CommandRecord]:
        """Give every command of which more is expected, in the order they were asked."""
        with told_as_unavailable("commands table"):
            return [_record(row) for row in CommandRow.waiting.query(UNENDED)]


def _row(record: CommandRecord) -> CommandRow:
    asked = f"{moment(record.asked_at)}#{record.id}"
    outlet = record.command.outlet
    waits = record.state not in ENDED
    return CommandRow(
        f"command#{record.id}",
        "command",
        fact=text_of(record),
        version=record.version,
        state=record.state.value,
        region=record.region,
        enterprise=record.enterprise,
        outlet=outlet,
        thing=record.command.thing,
        by_region_pk=record.region[:CITY_DIGITS],
        by_region_sk=asked,
        by_enterprise_pk=record.enterprise,
        by_enterprise_sk=asked,
        by_outlet_pk=outlet,
        by_outlet_sk=asked if outlet else None,
        by_thing_pk=record.command.thing,
        by_thing_sk=asked,
        waiting_pk=UNENDED if waits else None,
        waiting_sk=asked if waits else None,
    )


def _record(row: CommandRow) -> CommandRecord:
    return fact_of(CommandRecord, str(row.fact))


def _streams(
    query: CommandQuery, scope: Scope, before: str
) -> Iterator[ResultIterator[CommandRow]]:
    """Ask the partitions that the question touches, newest first."""
    return (
        index.query(
            key,
            (sort_key < before) if before else None,
            filter_condition=_asked(query),
            scan_index_forward=False,
        )
        for index, sort_key, key in _partitions(query, scope)
    )


def _partitions(
    query: CommandQuery, scope: Scope
) -> list[tuple[GlobalSecondaryIndex[CommandRow], UnicodeAttribute, str]]:
    """Choose the narrowest partitions: the outlet or device asked for, else the scope's."""
    row = CommandRow
    if query.outlet is not None:
        return [(row.by_outlet, row.by_outlet_sk, query.outlet)]
    if query.thing is not None:
        return [(row.by_thing, row.by_thing_sk, query.thing)]
    return [
        *((row.by_region, row.by_region_sk, city) for city in cities_of(scope)),
        *((row.by_enterprise, row.by_enterprise_sk, key) for key in scope.enterprises),
        *((row.by_outlet, row.by_outlet_sk, key) for key in scope.outlets),
    ]


def _asked(query: CommandQuery) -> Where | None:
    found: list[Where] = [CommandRow.thing == query.thing] if query.thing else []
    found += [CommandRow.state.is_in(*query.states)] if query.states else []
    return reduce(and_, found) if found else None


def _age(row: CommandRow) -> str:
    return str(row.by_region_sk)
