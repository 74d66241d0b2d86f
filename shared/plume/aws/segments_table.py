"""The index of segments, of their frames, and the acknowledgement marks, kept in DynamoDB."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from plume.aws.fact_text import fact_of, moment, text_of
from plume.aws.failures import suppress_lost, told_as_unavailable
from plume.aws.rows import Row
from plume.model.identity import ThingName
from plume.model.segment import SegmentEntry
from plume.ports.segments import Acknowledged, FrameEntry

MARK = "mark"
LAST_SEQUENCE = "9" * 20
REACH = timedelta(days=1)
"""An entry of frames that lasts longer is indexed once per day, so that a query need not look
further than this beyond its end."""


class SegmentRow(Row):
    """A segment (`thing#`, sequence), a mark (`thing#`, mark) or frames (`frames#`, last_at)."""

    class Meta:
        """Bound by `SegmentsTable`."""

        table_name = ""

    sequence = NumberAttribute(null=True)
    first_at = UnicodeAttribute(null=True)


class SegmentsTable:
    """`plume.ports.segments.Segments` on DynamoDB."""

    def __init__(self, table_name: str) -> None:
        SegmentRow.Meta.table_name = table_name

    def add(self, entry: SegmentEntry) -> SegmentEntry | None:
        """Index one segment once; give the entry already there, None when this one is new."""
        row = SegmentRow(_of(entry.thing), f"{entry.sequence:020d}", fact=text_of(entry))
        with told_as_unavailable("segments table"):
            with suppress_lost():
                row.save(SegmentRow.pk.does_not_exist())
                return None
            there = SegmentRow.get(row.pk, row.sk, consistent_read=True)
            return fact_of(SegmentEntry, str(there.fact))

    def after(self, thing: ThingName, sequence: int, most: int) -> Sequence[SegmentEntry]:
        """Give at most `most` indexed segments with a higher sequence, ascending."""
        higher = SegmentRow.sk.between(f"{sequence + 1:020d}", LAST_SEQUENCE)
        with told_as_unavailable("segments table"):
            rows = SegmentRow.query(_of(thing), higher, consistent_read=True, limit=most)
            return [fact_of(SegmentEntry, str(row.fact)) for row in rows]

    def acknowledged(self, thing: ThingName) -> Acknowledged | None:
        """Give how far the thing has been acknowledged; None before its first segment."""
        with told_as_unavailable("segments table"), suppress(SegmentRow.DoesNotExist):
            row = SegmentRow.get(_of(thing), MARK, consistent_read=True)
            return fact_of(Acknowledged, str(row.fact))
        return None

    def acknowledge(self, mark: Acknowledged) -> None:
        """Move the mark forward; a lower sequence changes nothing."""
        row = SegmentRow(_of(mark.thing), MARK, fact=text_of(mark), sequence=mark.sequence)
        forward = SegmentRow.pk.does_not_exist() | (SegmentRow.sequence < mark.sequence)
        with told_as_unavailable("segments table"), suppress_lost():
            row.save(forward)

    def add_frames(self, entries: Sequence[FrameEntry]) -> None:
        """Index where frames lie; the same entry twice changes nothing."""
        rows = {(row.pk, row.sk): row for entry in entries for row in _frame_rows(entry)}
        with (
            told_as_unavailable("segments table"),
            SegmentRow.batch_write() as batch,
        ):
            for row in rows.values():
                batch.save(row)

    def frames(
        self, subject: str, since: datetime, until: datetime, most: int
    ) -> Sequence[FrameEntry]:
        """Give entries that overlap `[since, until)`, newest first."""
        with told_as_unavailable("segments table"):
            rows = SegmentRow.query(
                f"frames#{subject}",
                SegmentRow.sk.between(moment(since), moment(until + REACH)),
                filter_condition=SegmentRow.first_at < moment(until),
                scan_index_forward=False,
            )
            found = list(_distinct(rows, most))
        return sorted(found, key=lambda one: (one.last_at, one.segment.sequence), reverse=True)


def _of(thing: ThingName) -> str:
    return f"thing#{thing}"


def _frame_rows(entry: FrameEntry) -> Iterator[SegmentRow]:
    at = entry.last_at
    while at >= entry.first_at:
        yield SegmentRow(
            f"frames#{entry.subject}",
            f"{moment(at)}#{entry.segment.sequence:020d}#{entry.segment.thing}",
            fact=text_of(entry),
            first_at=moment(entry.first_at),
        )
        at -= REACH


def _distinct(rows: Iterator[SegmentRow], most: int) -> Iterator[FrameEntry]:
    seen: set[tuple[str, int]] = set()
    for row in rows:
        entry = fact_of(FrameEntry, str(row.fact))
        identity = (entry.segment.thing, entry.segment.sequence)
        if identity not in seen:
            seen.add(identity)
            yield entry
        if len(seen) == most:
            return
