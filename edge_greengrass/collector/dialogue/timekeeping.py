"""The clocks of all data loggers against that of the edge, measured all the time (时钟偏差)."""

import asyncio
import re
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edge_greengrass.collector.dialogue.logger_clock import Estimate, LoggerClock
from edge_greengrass.collector.dialogue.obeying import Tell
from edge_greengrass.collector.steady_clock import SteadyClock
from plume.errors import Unavailable
from plume.hj212.frame import Frame
from plume.hj212.items import data_of
from plume.hj212.moments import moment_or_none
from plume.model.event import ClockOffset
from plume.model.frame import FrameRecord
from plume.rules.clock import LEAST_SAMPLES

EDGE = "edge"
MEASURE_SECONDS = 1.0
"""A data logger's clock is measured no more often than this."""
LOOK_SECONDS = 60.0
TOLD_AGAIN = timedelta(hours=1)
LEAST_CHANGE = 1.0
"""A change of the offset worth telling [s]; G-02 looks at minutes."""
NEEDED_SAMPLES = LEAST_SAMPLES
"""What rule G-02 needs: an offset that was first told of fewer is told again."""
_RECENT = 16
_WHOLE_SECOND = timedelta(seconds=0.5)
"""SystemTime names the second that runs: on average half of it is over."""
_QN = re.compile(rb"QN\s*=\s*(\d{14})(\d{3})")
_DATA_TIME = re.compile(rb"DataTime\s*=\s*(\d{14})")
_RESENT = b";RF=1;"


@dataclass(slots=True)
class _Watched:
    clock: LoggerClock = field(default_factory=LoggerClock)
    recent: deque[bytes] = field(default_factory=lambda: deque(maxlen=_RECENT))
    measured_at: float = float("-inf")
    told: float | None = None
    told_samples: int = 0
    told_at: datetime | None = None


class Timekeeping:
    """Measures, and tells a change at most once a minute, and all is well once an hour.

    Args:
        outlets: gives the outlets by MN, as configured now.
        tell: puts events into the log upwards.
        clock: of the edge. Data loggers are held against what the device believes, not against
            the time of receipt, which may run a step off.
        steady: gives a monotonic time [s].
    """

    def __init__(
        self,
        outlets: Callable[[], Mapping[str, str]],
        tell: Tell,
        clock: SteadyClock,
        steady: Callable[[], float],
    ) -> None:
        self._outlets, self._tell = outlets, tell
        self._clock, self._now, self._steady = clock, clock.now, steady
        self._watched: dict[str, _Watched] = defaultdict(_Watched)
        self._owed: list[ClockOffset] = []

    def heard(self, record: FrameRecord) -> None:
        """Measure by a frame that was just received; one sent again measures nothing."""
        watched = self._watched[record.mn]
        now = self._steady()
        if now - watched.measured_at < MEASURE_SECONDS:
            return
        said = _time_of(record.raw, watched.recent)
        if said is not None:
            watched.measured_at = now
            self._measured(record.mn, watched, said - record.received_at + self._clock.lead())

    def answered(self, frame: Frame, trip: float) -> None:
        """Measure by an answer to a request that was sent `trip` seconds ago."""
        watched = self._watched[frame.mn]
        if frame.cn == "9011":
            watched.clock.tripped(trip)
        fields = data_of(frame).fields
        said = moment_or_none(fields.get("SystemTime", ""))
        if frame.cn == "1011" and said is not None and "PolId" not in fields:
            difference = said + _WHOLE_SECOND - self._now()
            self._measured(frame.mn, watched, difference + self._clock.lead())

    def was_set(self, mn: str) -> None:
        """We have set the clock of a data logger."""
        self._watched[mn].clock.was_set()

    def stepped(self, step: timedelta) -> None:
        """The clock of the edge was set ahead by `step`, or back (negative)."""
        for one in self._watched.values():
            one.clock.shifted(step.total_seconds())
        self._owed.append(ClockOffset(self._now(), EDGE, EDGE, step, 1, jumped=True))

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            self._look()
            await self._tell_owed()

    def _measured(self, mn: str, watched: _Watched, difference: timedelta) -> None:
        jump = watched.clock.measured(difference.total_seconds())
        if jump is not None and mn in self._outlets():
            self._owe(mn, watched, jump)

    def _look(self) -> None:
        now = self._now()
        for mn, watched in self._watched.items():
            estimate = watched.clock.estimate() if mn in self._outlets() else None
            if estimate is not None and _worth_telling(estimate, watched, now):
                self._owe(mn, watched, estimate)

    def _owe(self, mn: str, watched: _Watched, estimate: Estimate) -> None:
        watched.told, watched.told_at = estimate.offset, self._now()
        watched.told_samples = estimate.samples
        watched.clock.told()
        offset = timedelta(seconds=estimate.offset)
        self._owed.append(
            ClockOffset(
                watched.told_at,
                self._outlets()[mn],
                EDGE,
                offset,
                estimate.samples,
                jumped=estimate.jumped,
            )
        )

    async def _tell_owed(self) -> None:
        if not self._owed:
            return
        owed, self._owed = self._owed, []
        try:
            await self._tell(owed)
        except Unavailable:
            self._owed = owed + self._owed


def _worth_telling(estimate: Estimate, watched: _Watched, now: datetime) -> bool:
    if watched.told is None or watched.told_at is None or estimate.jumped:
        return True
    since = abs(now - watched.told_at)
    changed = abs(estimate.offset - watched.told) >= LEAST_CHANGE
    enough = watched.told_samples < NEEDED_SAMPLES <= estimate.samples
    return since >= TOLD_AGAIN or ((changed or enough) and since.total_seconds() >= LOOK_SECONDS)


def _time_of(raw: bytes, recent: deque[bytes]) -> datetime | None:
    """Read when a frame was sent, by the clock of its data logger; None where that is not said.

    A data logger of 2005 sends no QN: the time of its sample stands in.
    """
    found = _QN.search(raw)
    if found is None:
        sampled = _DATA_TIME.search(raw) if b"CN=2011" in raw else None
        return moment_or_none(sampled[1].decode()) if sampled else None
    qn = found[0]
    if qn in recent or _RESENT in raw:
        return None
    recent.append(qn)
    second = moment_or_none(found[1].decode())
    return second + timedelta(milliseconds=int(found[2])) if second else None
