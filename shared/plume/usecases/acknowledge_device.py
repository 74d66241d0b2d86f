"""Tell a device what of its chain is safe, so that it may forget."""

from collections.abc import Iterator, Sequence

from plume.model.identity import ThingName
from plume.model.segment import CHAIN_START, Acknowledgement, SegmentEntry, Tail
from plume.ports.notices import DeviceAcks
from plume.ports.segments import Acknowledged, Segments

FIRST_PAGE, LARGEST_PAGE = 16, 1_024
"""A mark before a hole moves nowhere, so it looks at little; one that moves looks further."""
NOTHING = -1


def acknowledge_device(
    thing: ThingName,
    added: Sequence[SegmentEntry],
    *,
    tail: Tail | None,
    segments: Segments,
    acks: DeviceAcks,
) -> Acknowledgement:
    """Move the mark to the highest contiguous sequence and tell it, moved or not.

    Told always, because the device may have missed it; together with what of this batch lies above
    the mark, because new data come before old. A new chain (a lost or replaced outbox) counts from
    its own start: what was missing of the old one will not come any more.

    Args:
        thing: the device.
        added: its segments of this batch, indexed by now; delivered again, they are here again.
        tail: what the index ended with after they were added, where somebody has looked already.
        segments: the index.
        acks: the way to the device.
    """
    known = segments.acknowledged(thing)
    mark = _walked(_began(thing, known, added, segments), segments, tail)
    if mark is not None and mark != known:
        segments.acknowledge(mark)
    highest = mark.sequence if mark else NOTHING
    numbers = sorted({one.sequence for one in added if one.sequence > highest})
    told = Acknowledgement(max(highest, 0), tuple(_ranges(numbers)))
    acks.tell(thing, told)
    return told


def _began(
    thing: ThingName,
    mark: Acknowledged | None,
    added: Sequence[SegmentEntry],
    segments: Segments,
) -> Acknowledged | None:
    """Give where to walk from: the newest start of a chain that lies behind the mark, or it."""
    near = segments.after(thing, NOTHING, FIRST_PAGE) if mark is None else ()
    highest = mark.sequence if mark else NOTHING
    starts = [
        one for one in (*near, *added) if one.previous == CHAIN_START and one.sequence > highest
    ]
    if not starts:
        return mark
    newest = max(starts, key=lambda one: one.sequence)
    return Acknowledged(thing, newest.sequence, newest.digest)


def _walked(
    mark: Acknowledged | None, segments: Segments, tail: Tail | None
) -> Acknowledged | None:
    """Walk on from the mark to the segment before the first hole."""
    if mark is not None and tail is not None and tail.above <= mark.sequence:
        return _onward(mark, tail.entries)
    page = FIRST_PAGE
    while mark is not None:
        found = segments.after(mark.thing, mark.sequence, page)
        mark = _onward(mark, found)
        if len(found) < page or mark.sequence < found[-1].sequence:
            return mark
        page = min(4 * page, LARGEST_PAGE)
    return mark


def _onward(mark: Acknowledged, entries: Sequence[SegmentEntry]) -> Acknowledged:
    """Walk over entries in order, as far as they follow one another without a hole."""
    for entry in entries:
        if entry.sequence > mark.sequence + 1:
            return mark
        if entry.sequence == mark.sequence + 1:
            mark = Acknowledged(mark.thing, entry.sequence, entry.digest)
    return mark


def _ranges(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the closed ranges that numbers in order make up."""
    first = last = None
    for each in numbers:
        if first is None or last is None or each != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = each
        last = each
    if first is not None and last is not None:
        yield first, last
