"""The newest values kept in DynamoDB, one row per outlet and kind: a frame is one write."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from plume.aws.fact_text import facts_of, moment, moment_of, text_of
from plume.aws.failures import suppress_lost, told_as_unavailable
from plume.aws.rows import Row
from plume.errors import Unavailable
from plume.model.identity import OutletId
from plume.ports.latest import Heard, LatestValue

MOST_VALUES = 500
"""Factors of one outlet and kind [1]; with names of 64 characters they stay below 400 KB."""
ATTEMPTS = 8
HEARD = "heard"
VALUES = "values#"
MILLISECOND = timedelta(milliseconds=1)


class LatestRow(Row):
    """The values of one outlet and kind, or when the outlet was last heard."""

    class Meta:
        """Bound by `LatestTable`."""

        table_name = ""

    revision = NumberAttribute(null=True)
    data_at = UnicodeAttribute(null=True)
    received_at = UnicodeAttribute(null=True)
    delay_ms = NumberAttribute(null=True)


class LatestTable:
    """`plume.ports.latest.Latest` on DynamoDB."""

    def __init__(self, table_name: str) -> None:
        LatestRow.Meta.table_name = table_name

    def put(self, batch: Sequence[LatestValue]) -> None:
        """Keep each value if it is the newest of its (outlet, factor, kind).

        Raises:
            Unavailable: also when other writers were faster too many times.
        """
        ordered = sorted(batch, key=_place)
        for (outlet, kind), values in groupby(ordered, key=_place):
            self._merge(OutletId(outlet), kind, list(values))

    def of(self, outlet: OutletId) -> Sequence[LatestValue]:
        """Give the newest values of one outlet, by factor and kind."""
        with told_as_unavailable("latest table"):
            rows = list(LatestRow.query(outlet, LatestRow.sk.startswith(VALUES)))
        values = [value for row in rows for value in facts_of(LatestValue, str(row.fact))]
        return sorted(values, key=lambda value: (value.factor, value.kind))

    def hear(self, heard: Heard) -> None:
        """Note that an outlet was heard; older news change nothing, in either of its times.

        A write gives the row as it stands then: what comes late needs no second one.
        """
        row, delay, at = LatestRow(heard.outlet, HEARD), heard.delay, moment(heard.data_at)
        _move(row, LatestRow.received_at, moment(heard.received_at))
        if str(row.data_at or "") < at:
            said = () if delay is None else (LatestRow.delay_ms.set(delay // MILLISECOND),)
            _move(row, LatestRow.data_at, at, *said)

    def heard(self, outlets: Sequence[OutletId]) -> dict[OutletId, Heard]:
        """Give when each outlet was last heard; one never heard is missing."""
        keys = [(key, HEARD) for key in dict.fromkeys(outlets)]
        if not keys:
            return {}
        with told_as_unavailable("latest table"):
            return {OutletId(row.pk): _heard(row) for row in LatestRow.batch_get(keys)}

    def _merge(self, outlet: OutletId, kind: str, values: Sequence[LatestValue]) -> None:
        for _ in range(ATTEMPTS):
            with told_as_unavailable("latest table"), suppress_lost():
                return _merge_once(outlet, kind, values)
        raise Unavailable(f"latest table: {outlet} {kind} keeps changing")


def _move(row: LatestRow, attribute: UnicodeAttribute, at: str, *beside: Action) -> None:
    """Move a time forward, and write what is beside it; an older time changes nothing."""
    newer = attribute.does_not_exist() | (attribute < at)
    with told_as_unavailable("latest table"), suppress_lost():
        row.update(actions=[attribute.set(at), *beside], condition=newer)


def _merge_once(outlet: OutletId, kind: str, values: Sequence[LatestValue]) -> None:
    """Read, merge and write, on condition that nobody wrote in between."""
    row = next(
        iter(LatestRow.query(outlet, LatestRow.sk == VALUES + kind, consistent_read=True)), None
    )
    kept = () if row is None else facts_of(LatestValue, str(row.fact))
    merged = newest((*kept, *values))
    if merged == kept:
        return
    revision = 0 if row is None else int(row.revision or 0)
    unchanged = LatestRow.pk.does_not_exist() if row is None else LatestRow.revision == revision
    LatestRow(outlet, VALUES + kind, fact=text_of(merged), revision=revision + 1).save(unchanged)


def newest(values: Iterable[LatestValue]) -> tuple[LatestValue, ...]:
    """Keep the newest value of each factor, in event time; of two, the one received later.

    Of codes that somebody invents without end, the oldest are given up: all lie in one item.
    """
    found: dict[str, LatestValue] = {}
    for value in values:
        known = found.get(value.factor)
        if known is None or _age(value) >= _age(known):
            found[value.factor] = value
    kept = sorted(found.values(), key=_age, reverse=True)[:MOST_VALUES]
    return tuple(sorted(kept, key=lambda value: value.factor))


def _age(value: LatestValue) -> tuple[datetime, datetime]:
    return (value.at, value.received_at)


def _place(value: LatestValue) -> tuple[str, str]:
    return (value.outlet, value.kind)


def _heard(row: LatestRow) -> Heard:
    data_at, received_at = moment_of(str(row.data_at)), moment_of(str(row.received_at))
    heard = Heard(OutletId(row.pk), data_at, received_at)
    if row.delay_ms is None:
        return heard
    return replace(heard, delay=int(row.delay_ms) * MILLISECOND)
