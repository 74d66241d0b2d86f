"""Watch that each device's segments join: nothing missing in between, nothing put in."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol

from plume.model.identity import ThingName
from plume.model.outlet import Outlet
from plume.model.person import Scope
from plume.model.segment import CHAIN_START, SegmentEntry, Tail
from plume.ports.notices import Findings, Operations
from plume.ports.registry import Registry
from plume.ports.segments import Segments
from plume.rules.clones import cloned

NEAR = 50
"""Segments so close together [numbers] are compared in one go."""


class ChainWorld(Protocol):
    """The ports that watching needs."""

    @property
    def registry(self) -> Registry:
        """What exists."""

    @property
    def segments(self) -> Segments:
        """The index of segments."""

    @property
    def findings(self) -> Findings:
        """The queue in front of `raise_alarm`."""

    @property
    def operations(self) -> Operations:
        """What the operators must know."""


def watch_chain(thing: ThingName, added: Sequence[SegmentEntry], world: ChainWorld) -> Tail | None:
    """Compare each added segment with the stored one before it and the stored one after it.

    A segment whose predecessor has not arrived is compared when that one does. One that follows
    another segment than the stored one shows two machines at work, and raises an alarm. A new
    chain after an old one is told to the operators alone: an outbox was lost or replaced.

    Returns:
        The end of the index, if the last added segments lie so near it that it was seen.
    """
    tail: Tail | None = None
    numbers = {entry.sequence for entry in added}
    for first, last in _groups(sorted(numbers)):
        above, most = first - 2, last - first + 3
        near = world.segments.after(thing, above, most)
        tail = Tail(above, tuple(near)) if len(near) < most else None
        for before, after in pairwise(near):
            if numbers & {before.sequence, after.sequence}:
                _compare(before, after, world)
    starts = [entry for entry in added if entry.previous == CHAIN_START]
    mark = world.segments.acknowledged(thing) if starts else None
    for entry in starts:
        if mark and entry.sequence > mark.sequence:
            world.operations.broken_chain(mark.digest, entry)
    return tail


def accuse(second: SegmentEntry, world: ChainWorld) -> None:
    """Raise an alarm on every outlet behind a device that two machines claim to be."""
    behind = outlets_of(second.thing, world.registry)
    if behind:
        world.findings.tell([cloned(outlet, second) for outlet in behind])


def _groups(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of groups whose members lie near one another."""
    group: list[int] = []
    for each in numbers:
        if group and each - group[-1] > NEAR:
            yield group[0], group[-1]
            group = []
        group.append(each)
    if group:
        yield group[0], group[-1]


def outlets_of(thing: ThingName, registry: Registry) -> list[Outlet]:
    """Give the outlets behind a device; none where it is not registered."""
    device = registry.device(thing)
    if device is None:
        return []
    outlets = registry.outlets(Scope(enterprises=(device.enterprise,)))
    return [outlet for outlet in outlets if outlet.thing == thing]


def _compare(before: SegmentEntry, after: SegmentEntry, world: ChainWorld) -> None:
    """Neighbours join by digest; across a gap nothing can be said yet."""
    if after.sequence != before.sequence + 1 or after.previous == before.digest:
        return
    world.operations.broken_chain(before.digest, after)
    if after.previous != CHAIN_START:
        accuse(after, world)
