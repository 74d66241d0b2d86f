"""Which data logger speaks from where, in which edition, and how many of its frames are good."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from edge_greengrass.collector.dialogue.obeying import Tell
from plume.errors import Unavailable
from plume.hj212.frame import Edition
from plume.model.event import SourceHealth, SourceState
from plume.model.frame import FrameRecord, Verdict
from plume.model.identity import OutletId

LOOK_SECONDS = 1.0
CALM_SECONDS = 60.0
"""One data logger is told of no more often than this, however often it connects."""
TOLD_AGAIN_SECONDS = 600.0
"""Counts alone are told no more often than this."""
SILENT_SECONDS = 1_800.0
"""Half an hour without a good frame is a silence, as rule G-01 has it."""
IN_A_ROW = 10
"""So many refused frames without a good one in between [1] are no accident. Our choice."""
KIND = "hj212"
EDITIONS = tuple(Edition)
"""By the version bits of the Flag (HJ 212-2017, table 3); later ones are read as the last."""


@dataclass(slots=True)
class _Attendant:
    """One data logger; `told_of` is what was last told of it, counts apart."""

    heard_at: float
    peer: str = ""
    edition: str = ""
    taken: int = 0
    refused: int = 0
    in_a_row: int = 0
    reason: str = ""
    told_of: tuple[str, ...] = ()
    told_counts: tuple[int, int] = (0, 0)
    told_at: float = float("-inf")

    @property
    def counts(self) -> tuple[int, int]:
        """Good frames and refused ones since the start [1]."""
        return self.taken, self.refused


class Attendance:
    """Keeps the roll of data loggers and tells changes upwards.

    Args:
        outlets: gives the outlets by MN, as configured now.
        tell: puts events into the log upwards.
        now: gives the time, aware.
        steady: gives a monotonic time [s].
    """

    def __init__(
        self,
        outlets: Callable[[], Mapping[str, str]],
        tell: Tell,
        now: Callable[[], datetime],
        steady: Callable[[], float],
    ) -> None:
        self._outlets, self._tell = outlets, tell
        self._now, self._steady = now, steady
        self._roll: dict[str, _Attendant] = {}

    def met(self, mn: str, peer: str, version: int) -> None:
        """Take note of a connection: of whom, from where, with which version bits."""
        one = self._one(mn)
        one.peer, one.edition = peer, EDITIONS[min(version, len(EDITIONS) - 1)].value

    def judged(self, records: Iterable[FrameRecord]) -> None:
        """Count frames, good and refused; those of strangers are nobody's."""
        known = self._outlets()
        said = Counter((one.mn, one.verdict) for one in records)
        for (mn, verdict), count in said.items():
            if mn in known:
                self._count(self._one(mn), verdict, count)

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Tell what has changed; what cannot be kept is told later."""
        outlets = self._outlets()
        due = {mn: one for mn, one in self._roll.items() if mn in outlets and self._is_due(one)}
        if not due:
            return
        events = [self._health(outlets[mn], one) for mn, one in due.items()]
        said = [(one, self._particulars(one), one.counts) for one in due.values()]
        try:
            await self._tell(events)
        except Unavailable:
            return
        for one, particulars, counts in said:  # what has changed meanwhile was not told
            one.told_of, one.told_counts = particulars, counts
            one.told_at = self._steady()

    def _one(self, mn: str) -> _Attendant:
        return self._roll.setdefault(mn, _Attendant(self._steady()))

    def _count(self, one: _Attendant, verdict: Verdict, count: int) -> None:
        if verdict.accepted:
            one.taken, one.in_a_row, one.heard_at = one.taken + count, 0, self._steady()
        else:
            one.refused, one.in_a_row = one.refused + count, one.in_a_row + count
            one.reason = verdict.value

    def _is_due(self, one: _Attendant) -> bool:
        if one.taken and not one.peer:
            return False  # its frames are being kept; from where they came is known in a moment
        since = self._steady() - one.told_at
        if self._particulars(one) != one.told_of:
            return since >= CALM_SECONDS
        return one.counts != one.told_counts and since >= TOLD_AGAIN_SECONDS

    def _health(self, outlet: str, one: _Attendant) -> SourceHealth:
        state, detail = self._state(one)
        facts: dict[str, object] = {
            "peer": one.peer,
            "edition": one.edition,
            "taken": one.taken,
            "refused": one.refused,
        }
        return SourceHealth(self._now(), outlet, KIND, state, detail, facts, OutletId(outlet))

    def _particulars(self, one: _Attendant) -> tuple[str, ...]:
        """What is told as soon as it changes; the port changes with every connection."""
        host, _, _ = one.peer.rpartition(":")
        return host, one.edition, self._state(one)[0].value

    def _state(self, one: _Attendant) -> tuple[SourceState, str]:
        if one.in_a_row >= IN_A_ROW:
            return SourceState.FAILING, f"{one.in_a_row} frames in a row refused: {one.reason}"
        if self._steady() - one.heard_at > SILENT_SECONDS:
            return SourceState.SILENT, f"no frame for {SILENT_SECONDS:g} s"
        return SourceState.OK, ""
