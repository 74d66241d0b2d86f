"""Watch that each device's segments join: nothing missing in between, nothing put in."""

from collections.abc import Sequence
from itertools import pairwise

from plume.model.identity import ThingName
from plume.model.segment import CHAIN_START, SegmentEntry
from plume.ports.notices import Operations
from plume.ports.segments import Segments

MOST_NEIGHBOURS = 1_000


def watch_chain(
    thing: ThingName, added: Sequence[SegmentEntry], segments: Segments, operations: Operations
) -> None:
    """Compare each added segment with the stored one before it and the stored one after it.

    A segment whose predecessor has not arrived is compared when that one does. A new chain after
    an old one is told as well: an outbox was lost or replaced, and the operators must know why.
    """
    if not added:
        return
    numbers = {entry.sequence for entry in added}
    first = min(numbers)
    near = segments.after(thing, first - 2, len(added) + MOST_NEIGHBOURS)
    for before, after in pairwise(near):
        if numbers & {before.sequence, after.sequence} and not _joins(before, after):
            operations.broken_chain(before.digest, after)
    mark = segments.acknowledged(thing)
    for entry in added:
        if mark and entry.previous == CHAIN_START and entry.sequence > mark.sequence:
            operations.broken_chain(mark.digest, entry)


def _joins(before: SegmentEntry, after: SegmentEntry) -> bool:
    """Neighbours join by digest; across a gap nothing can be said yet."""
    return after.sequence != before.sequence + 1 or after.previous == before.digest
