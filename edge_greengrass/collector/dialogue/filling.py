"""Gaps filled without being told to: what is missing is asked for, gently, and once."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from edge_greengrass.collector.configuration import Filling
from edge_greengrass.collector.dialogue.chronicle import REAL_TIME, Chronicle
from edge_greengrass.collector.dialogue.exchange import Ending, Outcome
from edge_greengrass.collector.dialogue.gaps import Hole
from edge_greengrass.collector.dialogue.obeying import Tell
from edge_greengrass.collector.dialogue.switchboard import Switchboard
from edge_greengrass.collector.dialogue.talk import Talk
from edge_greengrass.collector.dialogue.wording import detail_of
from plume.errors import Unavailable
from plume.hj212.commands import ExeRtn, QnRtn
from plume.hj212.requests import history
from plume.model.event import GapFill
from plume.model.identity import OutletId

LOOK_SECONDS = 1.0
KEEP_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 600.0, 6 * 3600.0
"""How long a data logger that does not answer is left alone [s]: doubled each time."""


@dataclass(frozen=True, slots=True)
class Site:
    """What gap filling works with: whose data, who is there, how to ask, where to tell.

    `outlets` gives the outlets by MN, as configured now.
    """

    outlets: Callable[[], Mapping[str, str]]
    switchboard: Switchboard
    talk: Talk
    tell: Tell
    now: Callable[[], datetime]


class GapFiller:
    """Looks for holes, and asks for one after another, one data logger at a time each.

    A data logger that is sending its own back-fill is left to it, and given the time to begin.
    What it answers closes the hole, whatever is still missing then; a data logger that says
    nothing is asked again, ever more rarely.

    Attributes:
        chosen: what is asked for, and how often.
    """

    def __init__(self, chronicle: Chronicle, chosen: Filling, site: Site) -> None:
        self._chronicle, self.chosen, self._site = chronicle, chosen, site
        self._found_at: dict[str, float] = {}
        self._not_before: dict[str, float] = {}
        self._pauses: dict[str, float] = {}

    async def run(self) -> None:
        """Fill gaps until cancelled."""
        kept = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self.chosen.days:
                await asyncio.gather(*map(self._look, self._due()))
            if time.monotonic() - kept >= KEEP_SECONDS:
                self._chronicle.keep()
                kept = time.monotonic()

    def _due(self) -> list[str]:
        """Give the data loggers that may be asked now."""
        now = time.monotonic()
        return [
            mn
            for mn in self._site.outlets()
            if self._site.switchboard.caller(mn) is not None
            and now >= self._not_before.get(mn, 0.0)
            and self._chronicle.quiet_for(mn) >= self.chosen.quiet
        ]

    async def _look(self, mn: str) -> None:
        holes, outlet = self._chronicle.holes(mn, self._since), self._site.outlets().get(mn)
        if not holes:
            self._found_at.pop(mn, None)
        elif outlet is not None and self._has_stood(mn):
            cn, hole = holes[0]
            await self._ask(mn, outlet, cn, self._bounded(hole))

    def _has_stood(self, mn: str) -> bool:
        """Whether there have been holes for a while: a back-fill shows only as it goes on.

        One that begins at the oldest leaves a hole behind every value that is new.
        """
        now = time.monotonic()
        return now - self._found_at.setdefault(mn, now) >= self.chosen.quiet

    def _since(self, cn: str) -> int:
        """Give how far back is asked, unix time [s]."""
        hours = self.chosen.real_time_hours if cn == REAL_TIME else 24 * self.chosen.days
        return int((self._site.now() - timedelta(hours=hours)).timestamp())

    def _bounded(self, hole: Hole) -> Hole:
        """Cut a hole down to what may be asked for at once, its newest part."""
        most = self.chosen.most
        if hole.count <= most:
            return hole
        step = max(1, (hole.last - hole.first) // max(1, hole.count - 1))
        return Hole(hole.last - (most - 1) * step, hole.last, most)

    async def _ask(self, mn: str, outlet: str, cn: str, hole: Hole) -> None:
        """Ask for one hole, and tell of it; the outlet may not be configured any more by then."""
        first, last = (datetime.fromtimestamp(at, tz=UTC) for at in (hole.first, hole.last))
        outcome = await self._site.talk.ask(mn, history(cn, first, last))
        filled = hole.count - self._chronicle.missing(mn, cn, hole)
        closed = _is_final(outcome)
        if closed:
            self._chronicle.close(mn, cn, hole)
        self._rest(mn, answered=closed)
        event = GapFill(
            at=self._site.now(),
            outlet=OutletId(outlet),
            cn=cn,
            first_at=first,
            last_at=last,
            missing=hole.count,
            filled=filled,
            closed=closed,
            detail=detail_of(outcome),
        )
        try:
            await self._site.tell([event])
        except Unavailable:
            return  # the disk is full: what was asked for is more than what is told of it

    def _rest(self, mn: str, *, answered: bool) -> None:
        """Leave a data logger alone for a while."""
        if answered:
            self._pauses.pop(mn, None)
            self._not_before[mn] = time.monotonic() + self.chosen.pause
            return
        pause = min(self._pauses.get(mn, FIRST_PAUSE / 2) * 2, LONGEST_PAUSE)
        self._pauses[mn] = pause
        self._not_before[mn] = time.monotonic() + pause


def _is_final(outcome: Outcome) -> bool:
    """Whether the data logger has said all it has to say, or that it cannot say such things."""
    return outcome.ending is Ending.DONE or (outcome.ending, outcome.code) in _FINAL


_FINAL = {(Ending.FAILED, ExeRtn.NO_DATA.value), (Ending.REFUSED, QnRtn.BAD_CN.value)}
