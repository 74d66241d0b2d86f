"""Alarms kept in DynamoDB: one row per alarm, found by cause, region, enterprise and outlet."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import reduce
from operator import and_
from zlib import compress, decompress

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition as Where
from pynamodb.indexes import GlobalSecondaryIndex
from pynamodb.pagination import ResultIterator
from pynamodb.transactions import TransactWrite

from plume.aws.fact_text import fact_of, facts_of, moment, text_of
from plume.aws.failures import lost_the_race, told_as_unavailable
from plume.aws.newest_first import CITY_DIGITS, PlacedRow, cities_of, merged, part_of, position_of
from plume.aws.rows import connection, index
from plume.errors import Conflict
from plume.model.alarm import Alarm, Condition, Judged
from plume.model.finding import Source
from plume.model.identity import AlarmId, FactorCode, OutletId
from plume.model.person import Scope
from plume.ports.alarms import AlarmPage, AlarmQuery

WORDS = frozenset({"judged", "windows"})
"""Kept compressed: up to a thousand windows of an alarm, which repeat one another."""


class AlarmRow(PlacedRow):
    """An alarm under its cause; (`alarm#id`, `alarm`) the place where it lies.

    (`head#cause`, `head`) counts in `version` how many alarms a cause has.
    """

    class Meta:
        """Bound by `AlarmsTable`."""

        table_name = ""

    version = NumberAttribute(null=True)
    words = BinaryAttribute(null=True, legacy_encoding=False)
    type = UnicodeAttribute(null=True)
    severity = UnicodeAttribute(null=True)
    condition = UnicodeAttribute(null=True)
    handling = UnicodeAttribute(null=True)
    source = UnicodeAttribute(null=True)
    factor = UnicodeAttribute(null=True)
    last_at = UnicodeAttribute(null=True)
    by_region_pk = UnicodeAttribute(null=True)
    by_region_sk = UnicodeAttribute(null=True)
    by_enterprise_pk = UnicodeAttribute(null=True)
    by_enterprise_sk = UnicodeAttribute(null=True)
    by_outlet_pk = UnicodeAttribute(null=True)
    by_outlet_sk = UnicodeAttribute(null=True)
    by_region = index("by_region")
    """Alarms of a city in one condition, newest change last."""
    by_enterprise = index("by_enterprise")
    """Alarms of an enterprise in one condition, newest change last."""
    by_outlet = index("by_outlet")
    """Alarms of an outlet in one condition, newest change last."""


class AlarmsTable:
    """`plume.ports.alarms.Alarms` on DynamoDB."""

    def __init__(self, table_name: str) -> None:
        AlarmRow.Meta.table_name = table_name

    def episodes(self, rule: str, outlet: OutletId, factor: FactorCode) -> Sequence[Alarm]:
        """Give the alarms of one cause, newest `first_at` first, read consistently."""
        with told_as_unavailable("alarms table"):
            rows = AlarmRow.query(_cause(rule, outlet, factor), consistent_read=True)
            found = [_alarm(row) for row in rows]
        return sorted(found, key=lambda alarm: alarm.first_at, reverse=True)

    def get(self, key: AlarmId) -> Alarm | None:
        """Give one alarm; None when there is none."""
        with told_as_unavailable("alarms table"), suppress(AlarmRow.DoesNotExist):
            place = AlarmRow.get(f"alarm#{key}", "alarm", consistent_read=True)
            return _alarm(AlarmRow.get(str(place.fact), key, consistent_read=True))
        return None

    def put(self, alarm: Alarm, *, expected: int, beside: int = 0) -> None:
        """Keep the alarm if the stored version is `expected`; a new one also gets its place.

        The head of a cause counts its alarms, so that a new one is kept only `beside` as many
        others as its writer saw.

        Raises:
            Conflict: someone else was faster.
        """
        with told_as_unavailable("alarms table"), _faster_others(alarm, expected):
            _update(alarm, expected) if expected else _create(alarm, beside)

    def page(self, query: AlarmQuery, scope: Scope, *, most: int, cursor: str = "") -> AlarmPage:
        """Give one page within the scope, newest change first.

        The cursor says only after which alarm to go on: one that is forged shows nothing more.
        """
        before = position_of(cursor)
        with told_as_unavailable("alarms table"):
            rows = merged(_streams(query, scope, before), scope, _changed)
            found, after = part_of(rows, most, _changed)
        return AlarmPage(tuple(map(_alarm, found)), after)


@contextmanager
def _faster_others(alarm: Alarm, expected: int) -> Iterator[None]:
    try:
        yield
    except PynamoDBException as failure:
        if not lost_the_race(failure):
            raise
        message = f"alarm {alarm.id} is no longer at version {expected}"
        raise Conflict(message, zh="该报警刚被他人处理, 请刷新后再试") from failure


def _update(alarm: Alarm, expected: int) -> None:
    _row(alarm).save(AlarmRow.version == expected)


def _create(alarm: Alarm, beside: int) -> None:
    cause = _cause_of(alarm)
    place = AlarmRow(f"alarm#{alarm.id}", "alarm", fact=cause)
    head = AlarmRow(f"head#{cause}", "head", version=beside + 1)
    unchanged = AlarmRow.version == beside if beside else AlarmRow.pk.does_not_exist()
    with TransactWrite(connection=connection()) as transaction:
        transaction.save(_row(alarm), AlarmRow.pk.does_not_exist())
        transaction.save(place, AlarmRow.pk.does_not_exist())
        transaction.save(head, unchanged)


def _row(alarm: Alarm) -> AlarmRow:
    changed = f"{moment(alarm.updated_at)}#{alarm.id}"
    condition = alarm.condition.value
    return AlarmRow(
        _cause_of(alarm),
        alarm.id,
        fact=text_of(alarm, without=WORDS),
        words=compress(text_of(alarm.judged).encode()),
        version=alarm.version,
        type=alarm.type.value,
        severity=alarm.severity.value,
        condition=condition,
        handling=alarm.handling.value,
        source=alarm.source.value,
        region=alarm.region,
        enterprise=alarm.enterprise,
        outlet=alarm.outlet,
        factor=alarm.factor or None,
        last_at=moment(alarm.last_at),
        by_region_pk=f"{alarm.region[:CITY_DIGITS]}#{condition}",
        by_region_sk=changed,
        by_enterprise_pk=f"{alarm.enterprise}#{condition}",
        by_enterprise_sk=changed,
        by_outlet_pk=f"{alarm.outlet}#{condition}",
        by_outlet_sk=changed,
    )


def _alarm(row: AlarmRow) -> Alarm:
    judged = facts_of(Judged, decompress(bytes(row.words)).decode())
    windows = tuple(word.start for word in judged if word.broken)
    return replace(fact_of(Alarm, str(row.fact)), judged=judged, windows=windows)


def _cause(rule: str, outlet: str, factor: str) -> str:
    return f"cause#{rule}#{outlet}#{factor}"


def _cause_of(alarm: Alarm) -> str:
    return _cause(alarm.rule.id, alarm.outlet, alarm.factor)


def _streams(query: AlarmQuery, scope: Scope, before: str) -> Iterator[ResultIterator[AlarmRow]]:
    """Ask the partitions that the question touches, newest change first."""
    wanted = [query.condition] if query.condition else list(Condition)
    return (
        index.query(
            f"{key}#{condition.value}",
            (_sort_key(name) < before) if before else None,
            filter_condition=_asked(query),
            scan_index_forward=False,
        )
        for name, index, key in _partitions(query, scope)
        for condition in wanted
    )


def _partitions(
    query: AlarmQuery, scope: Scope
) -> list[tuple[str, GlobalSecondaryIndex[AlarmRow], str]]:
    """Choose the narrowest partitions: the outlet or enterprise asked for, else the scope's."""
    if query.outlet is not None:
        return [("outlet", AlarmRow.by_outlet, query.outlet)]
    if query.enterprise is not None:
        return [("enterprise", AlarmRow.by_enterprise, query.enterprise)]
    return [
        *(("region", AlarmRow.by_region, city) for city in cities_of(scope)),
        *(("enterprise", AlarmRow.by_enterprise, key) for key in scope.enterprises),
        *(("outlet", AlarmRow.by_outlet, key) for key in scope.outlets),
    ]


def _sort_key(name: str) -> UnicodeAttribute:
    keys = {
        "region": AlarmRow.by_region_sk,
        "enterprise": AlarmRow.by_enterprise_sk,
        "outlet": AlarmRow.by_outlet_sk,
    }
    return keys[name]


def _asked(query: AlarmQuery) -> Where | None:
    conditions = _conditions(query)
    return reduce(and_, conditions) if conditions else None


def _conditions(query: AlarmQuery) -> list[Where]:
    equal = (
        (AlarmRow.handling, query.handling),
        (AlarmRow.enterprise, query.enterprise),
        (AlarmRow.outlet, query.outlet),
        (AlarmRow.factor, query.factor),
    )
    found: list[Where] = [attribute == value for attribute, value in equal if value is not None]
    found += [AlarmRow.type.is_in(*query.types)] if query.types else []
    found += [AlarmRow.severity.is_in(*query.severities)] if query.severities else []
    found += [AlarmRow.region.startswith(query.region)] if query.region else []
    found += [AlarmRow.last_at >= moment(query.since)] if query.since else []
    found += [AlarmRow.last_at < moment(query.until)] if query.until else []
    found += [_from(query.source)] if query.source else []
    return found


def _from(source: Source) -> Where:
    """An alarm of a time when none came from the edge names no source."""
    told: Where = AlarmRow.source == source
    return told | AlarmRow.source.does_not_exist() if source is Source.CLOUD else told


def _changed(row: AlarmRow) -> str:
    return str(row.by_region_sk)
