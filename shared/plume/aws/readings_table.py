"""Official values kept in DynamoDB, every version of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pynamodb.attributes import UnicodeAttribute
from pynamodb.transactions import TransactWrite

from plume.aws.fact_text import fact_of, moment, text_of
from plume.aws.failures import suppress_lost, told_as_unavailable
from plume.aws.rows import GET_AT_ONCE, Row, connection, in_parts
from plume.errors import Unavailable
from plume.model.identity import OutletId
from plume.model.reading import Reading, Span
from plume.ports.readings import Rewritten

ATTEMPTS = 5
NEIGHBOURS = timedelta(hours=2)
"""Intervals this close are looked up in one query; a wider gap is not read through."""

Slot = tuple[str, str, str]


class ReadingRow(Row):
    """One version of one reading; `pk` is outlet#span, `sk` start#factor#source#version."""

    class Meta:
        """Bound by `ReadingsTable`."""

        table_name = ""

    known_at = UnicodeAttribute()


@dataclass(slots=True)
class _Plan:
    """What a batch adds to what is kept."""

    newest: dict[tuple[str, str, Slot], Reading]
    added: list[Reading] = field(default_factory=list)
    rewritten: list[Rewritten] = field(default_factory=list)

    def add(self, reading: Reading) -> None:
        """Plan the next version, unless the newest one says the same."""
        key = (reading.outlet, reading.span.value, _slot(reading))
        before = self.newest.get(key)
        if before is not None and before.says_the_same_as(reading):
            return
        after = replace(reading, version=1 if before is None else before.version + 1)
        if before is not None:
            self.rewritten.append(Rewritten(before, after))
        self.newest[key] = after
        self.added.append(after)


class ReadingsTable:
    """`plume.ports.readings.Readings` on DynamoDB."""

    def __init__(self, table_name: str) -> None:
        ReadingRow.Meta.table_name = table_name

    def add(self, batch: Sequence[Reading]) -> Sequence[Rewritten]:
        """Keep the batch: one query per run of intervals, one transaction per hundred readings.

        Raises:
            Unavailable: also when other writers were faster too many times.
        """
        rewritten: list[Rewritten] = []
        for part in in_parts(batch, GET_AT_ONCE):
            rewritten += self._add(part)
        return rewritten

    def of(
        self,
        outlet: OutletId,
        span: Span,
        since: datetime,
        until: datetime,
        *,
        as_known_at: datetime | None = None,
    ) -> Sequence[Reading]:
        """Give the newest version per (factor, start, source) with start in `[since, until)`."""
        if since >= until:
            return []
        known = None if as_known_at is None else ReadingRow.known_at <= moment(as_known_at)
        within = ReadingRow.sk.between(moment(since), moment(until))
        with told_as_unavailable("readings table"):
            return _newest(
                ReadingRow.query(
                    f"{outlet}#{span.value}",
                    within,
                    filter_condition=known,
                    consistent_read=True,
                )
            )

    def _add(self, batch: Sequence[Reading]) -> Sequence[Rewritten]:
        for _ in range(ATTEMPTS):
            with told_as_unavailable("readings table"), suppress_lost():
                plan = _planned(batch)
                _write(plan.added)
                return plan.rewritten
        raise Unavailable("readings table: others keep writing the same intervals")


def _planned(batch: Sequence[Reading]) -> _Plan:
    kept = [reading for run in _runs(batch) for reading in _kept(run)]
    plan = _Plan({(one.outlet, one.span.value, _slot(one)): one for one in kept})
    for reading in batch:
        plan.add(reading)
    return plan


def _runs(batch: Sequence[Reading]) -> Iterator[list[Reading]]:
    """Group readings of one outlet and span whose starts are close to each other."""
    run: list[Reading] = []
    for reading in sorted(batch, key=lambda one: (one.outlet, one.span.value, one.start)):
        if run and not _is_near(run[-1], reading):
            yield run
            run = []
        run.append(reading)
    if run:
        yield run


def _is_near(one: Reading, other: Reading) -> bool:
    same = (one.outlet, one.span) == (other.outlet, other.span)
    return same and other.start - one.start <= NEIGHBOURS


def _kept(run: Sequence[Reading]) -> list[Reading]:
    """Read the newest of what is kept from the first to the last start of a run."""
    within = ReadingRow.sk.between(moment(run[0].start), moment(run[-1].start) + "$")
    pk = f"{run[0].outlet}#{run[0].span.value}"
    return _newest(ReadingRow.query(pk, within, consistent_read=True))


def _newest(rows: Iterable[ReadingRow]) -> list[Reading]:
    """Read the last version of each slot, and no other: rows come in the order of `sk`."""
    last = {str(row.sk).rpartition("#")[0]: row for row in rows}
    return [fact_of(Reading, str(row.fact)) for row in last.values()]


def _write(added: Sequence[Reading]) -> None:
    """Write all or none, each on condition that its version is new."""
    if not added:
        return
    with TransactWrite(connection=connection()) as transaction:
        for reading in added:
            transaction.save(_row(reading), ReadingRow.pk.does_not_exist())


def _row(reading: Reading) -> ReadingRow:
    return ReadingRow(
        f"{reading.outlet}#{reading.span.value}",
        "#".join((*_slot(reading), f"{reading.version:06d}")),
        fact=text_of(reading),
        known_at=moment(reading.known_at),
    )


def _slot(reading: Reading) -> Slot:
    return (moment(reading.start), reading.factor, reading.source.value)
