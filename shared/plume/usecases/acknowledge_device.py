"""Tell a device how much of what it sent is safe, so that it may forget."""

from plume.model.identity import ThingName
from plume.model.segment import CHAIN_START, SegmentEntry
from plume.ports.notices import DeviceAcks
from plume.ports.segments import Acknowledged, Segments

PAGE = 1_000


def acknowledge_device(
    thing: ThingName, *, segments: Segments, device_acks: DeviceAcks
) -> Acknowledged | None:
    """Move the mark to the highest contiguous sequence and tell it, moved or not.

    Told always, because the device may have missed it. A new chain (a lost or replaced outbox)
    counts from its own start: what was missing of the old one will not come any more.
    """
    mark = segments.acknowledged(thing)
    newest = _farthest(thing, mark, segments)
    if newest is None:
        return None
    if newest != mark:
        segments.acknowledge(newest)
    device_acks.tell(newest)
    return newest


def _farthest(
    thing: ThingName, mark: Acknowledged | None, segments: Segments
) -> Acknowledged | None:
    last = mark.sequence if mark else -1
    while page := segments.after(thing, last, PAGE):
        for entry in page:
            if _continues(mark, entry):
                mark = Acknowledged(thing, entry.sequence, entry.digest)
        last = page[-1].sequence
        if len(page) < PAGE:
            break
    return mark


def _continues(mark: Acknowledged | None, entry: SegmentEntry) -> bool:
    if entry.previous == CHAIN_START:
        return True
    return mark is not None and entry.sequence == mark.sequence + 1
