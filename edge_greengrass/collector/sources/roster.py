"""All sources of the collector, each in a task of its own, and how each of them is."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from edge_greengrass.collector.sources.inlet import Inlet, KeepBlocks
from edge_greengrass.collector.sources.source import Source
from edge_greengrass.journal import Journal
from plume.errors import Unavailable
from plume.model.event import EdgeEvent, SourceHealth, SourceState
from plume.model.identity import OutletId

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Between two tries of a peer that is lost [s]."""
CHECK_SECONDS = 1.0
CALM_SECONDS = 10.0
"""So long after the last refused point a source no longer counts as flooding."""
AGAIN_SECONDS = 0.5
"""After which a task that has not heeded its cancellation is cancelled again."""
PARTING_SECONDS = 5.0
"""How long the points of a source that is stopped may take to reach the disk."""

Tell = Callable[[Sequence[EdgeEvent]], Awaitable[None]]


@dataclass(slots=True)
class _Seat:
    """One source at work, and what was last seen of it; times are monotonic [s]."""

    source: Source
    inlet: Inlet
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    state: SourceState | None = None
    fault: str = ""
    heard: int = 0
    refused: int = 0
    heard_at: float = 0.0
    refused_at: float = float("-inf")


class Roster:
    """Runs sources; none of them can delay, starve or break another.

    Args:
        keep_blocks: the way to the telemetry log.
        tell: the way for events; a change of health is told once it is seen.
        journal: where changes are noted.
    """

    def __init__(self, keep_blocks: KeepBlocks, tell: Tell, journal: Journal) -> None:
        self._keep_blocks, self._tell, self._journal = keep_blocks, tell, journal
        self._seats: dict[str, _Seat] = {}
        self._untold: list[EdgeEvent] = []

    async def apply(self, sources: Sequence[Source]) -> None:
        """Start what is new, stop what is gone; what is unchanged is not touched."""
        wanted = {one.terms.name: one for one in sources}
        for name, seat in list(self._seats.items()):
            if wanted.get(name) != seat.source:
                await self._stop(self._seats.pop(name))
        for name, source in wanted.items():
            if name not in self._seats:
                self._seats[name] = self._start(source)

    async def close(self) -> None:
        """Stop all, with what they have gathered on the disk."""
        await self.apply(())

    async def run(self) -> None:
        """Look at every source for ever, and tell what has changed."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await self.check()

    async def check(self) -> None:
        """Look at every source once."""
        now = asyncio.get_running_loop().time()
        for seat in self._seats.values():
            self._note(seat, now)
        told, self._untold = self._untold, []
        try:
            if told:
                await self._tell(told)
        except Unavailable:
            self._untold = told + self._untold

    def figures(self) -> dict[str, dict[str, object]]:
        """Give state and counts of every source, by name."""
        return {name: _facts(seat) for name, seat in self._seats.items()}

    def _start(self, source: Source) -> _Seat:
        inlet = Inlet(source, self._keep_blocks)
        seat = _Seat(source, inlet, heard_at=asyncio.get_running_loop().time())
        seat.tasks += [
            asyncio.create_task(inlet.run()),
            asyncio.create_task(_observe(seat), name=source.terms.name),
        ]
        return seat

    async def _stop(self, seat: _Seat) -> None:
        await _end(seat.tasks)
        try:
            async with asyncio.timeout(PARTING_SECONDS):
                await seat.inlet.flush()
        except TimeoutError:
            self._journal.tell("points_lost", source=seat.source.terms.name, why="disk full")

    def _note(self, seat: _Seat, now: float) -> None:
        """Take in what has happened since the last look; a change is to be told."""
        if seat.inlet.heard > seat.heard:
            seat.heard_at, seat.fault = now, ""
        if seat.inlet.refused > seat.refused:
            seat.refused_at = now
        seat.heard, seat.refused = seat.inlet.heard, seat.inlet.refused
        state, detail = _state(seat, now)
        if state is not None and state is not seat.state:
            seat.state = state
            self._untold.append(_health(seat, state, detail))
            self._journal.tell("source", source=seat.source.terms.name, state=state, why=detail)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks until they are done.

    Once may not be enough: `asyncio.wait_for` of Python 3.11, which a library may use, forgets a
    cancellation that meets an answer (https://github.com/python/cpython/issues/86296).
    """
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN_SECONDS)


async def _observe(seat: _Seat) -> None:
    """Run a source; run it again, after ever longer pauses, when its peer is lost."""
    pause = FIRST_PAUSE
    while True:
        heard = seat.inlet.heard
        try:
            await seat.source.run(seat.inlet)
            seat.fault = "ended"
        except Unavailable as fault:
            seat.fault = str(fault) or type(fault).__name__
        except Exception as fault:  # noqa: BLE001, whatever a protocol's library does, it is one source's fault and no other's
            seat.fault = f"{type(fault).__name__}: {fault}"
        if seat.inlet.heard > heard:
            pause = FIRST_PAUSE
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _state(seat: _Seat, now: float) -> tuple[SourceState | None, str]:
    """Give the state and why; None while nothing has been heard and nothing is overdue."""
    silent = seat.source.terms.silent
    if seat.fault:
        return SourceState.FAILING, seat.fault
    if seat.inlet.held:
        return SourceState.FAILING, "the disk takes no more of its points"
    if now - seat.refused_at < CALM_SECONDS:
        return SourceState.FLOODING, f"{seat.refused} points refused"
    if now - seat.heard_at > silent:
        return SourceState.SILENT, f"no point for {silent:g} s"
    return (SourceState.OK, "") if seat.heard else (None, "")


def _health(seat: _Seat, state: SourceState, detail: str) -> SourceHealth:
    terms = seat.source.terms
    return SourceHealth(
        at=datetime.now(tz=UTC),
        source=terms.name,
        kind=terms.kind.value,
        state=state,
        detail=detail,
        facts=_counts(seat.inlet),
        outlet=OutletId(terms.subject),
    )


def _facts(seat: _Seat) -> dict[str, object]:
    return {"state": seat.state.value if seat.state else "new", **_counts(seat.inlet)}


def _counts(inlet: Inlet) -> dict[str, object]:
    counts: dict[str, object] = {"taken": inlet.taken, "refused": inlet.refused}
    if inlet.complaints:
        counts |= {"complaints": inlet.complaints, "complaint": inlet.complaint}
    return counts
