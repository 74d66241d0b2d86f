"""The audit trail in DynamoDB: a row per act, by day, found by subject; never written twice."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice

from pynamodb.attributes import UnicodeAttribute

from plume.aws.fact_text import fact_of, moment, text_of
from plume.aws.failures import suppress_lost, told_as_unavailable
from plume.aws.rows import Row, index
from plume.errors import Refused
from plume.model.audit import AuditEntry
from plume.ports.audit import AuditPage

DATE_LENGTH = len("2026-11-27")


class AuditRow(Row):
    """One act under its day."""

    class Meta:
        """Bound by `AuditTable`."""

        table_name = ""

    by_subject_pk = UnicodeAttribute(null=True)
    by_subject_sk = UnicodeAttribute(null=True)
    by_subject = index("by_subject")
    """What was done to one subject, in order."""


class AuditTable:
    """`plume.ports.audit.Audit` on DynamoDB."""

    def __init__(self, table_name: str) -> None:
        AuditRow.Meta.table_name = table_name

    def add(self, entries: Sequence[AuditEntry]) -> None:
        """Keep each entry once; one that is kept already changes nothing."""
        for entry in entries:
            with told_as_unavailable("audit table"), suppress_lost():
                _row(entry).save(AuditRow.pk.does_not_exist())

    def about(self, subject: str) -> Sequence[AuditEntry]:
        """Give everything done to one subject, in the order it was done."""
        with told_as_unavailable("audit table"):
            rows = AuditRow.by_subject.query(subject)
            return [fact_of(AuditEntry, str(row.fact)) for row in rows]

    def page(self, since: datetime, until: datetime, *, most: int, cursor: str = "") -> AuditPage:
        """Give what was done within `[since, until)`, newest first, day by day.

        The cursor says only before which act to go on: one that is forged shows nothing more.

        Raises:
            Refused: the cursor is none of ours.
        """
        before = min(moment(until), _position(cursor)) if cursor else moment(until)
        with told_as_unavailable("audit table"):
            rows = list(islice(_newest_first(moment(since), before), most + 1))
        items = tuple(fact_of(AuditEntry, str(row.fact)) for row in rows[:most])
        return AuditPage(items, str(rows[most - 1].sk) if len(rows) > most else "")


def _newest_first(since: str, before: str) -> Iterator[AuditRow]:
    """Give the rows from `since` on to `before`, which is left out, the last day first."""
    day, first = date.fromisoformat(before[:DATE_LENGTH]), date.fromisoformat(since[:DATE_LENGTH])
    while day >= first and before > since:
        key = AuditRow.sk.between(since, before)
        rows = AuditRow.query(f"day#{day.isoformat()}", key, scan_index_forward=False)
        yield from (row for row in rows if str(row.sk) < before)
        day -= timedelta(days=1)


def _position(cursor: str) -> str:
    try:
        date.fromisoformat(cursor[:DATE_LENGTH])
    except ValueError as fault:
        raise Refused("no such cursor", zh="翻页标记无效", pointer="/query/cursor") from fault
    return cursor


def _row(entry: AuditEntry) -> AuditRow:
    at = moment(entry.at)
    return AuditRow(
        f"day#{at[:DATE_LENGTH]}",
        f"{at}#{entry.id}",
        fact=text_of(entry),
        by_subject_pk=entry.subject,
        by_subject_sk=f"{at}#{entry.id}",
    )
