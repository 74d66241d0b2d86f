"""One request to a data logger, from its sending to its end; no clock and no socket of its own.

Sent, it waits for 9011; READY, it waits for data and 9012. Without 9011 it is sent again, three
times by default, then the data logger counts as unreachable. Times are monotonic [s].

Source:
    HJ 212-2017, 6.1, 6.2 and tables 6, 7 (OverTime 10 s, ReCount 3).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from edge_greengrass.collector.configuration import Patience
from plume.hj212.commands import ExeRtn, QnRtn
from plume.hj212.frame import Frame
from plume.hj212.items import data_of
from plume.hj212.requests import Request

MOST_DATA_FRAMES = 64
"""So many frames of an answer are kept to be read [1]; of history only the count is."""
_REAL_TIME = "2011"


class Ending(StrEnum):
    """How an exchange ended."""

    DONE = "done"
    REFUSED = "refused"
    """9011 says no."""
    FAILED = "failed"
    """9012 says no."""
    SILENT = "silent"
    """No 9011, however often it was sent."""
    STALLED = "stalled"
    """9011 said yes; neither data nor 9012 followed in time."""
    BROKEN = "broken"
    """The connection was gone, before or in the midst of it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an exchange: `code` is the QnRtn or ExeRtn that ended it.

    `data` are the frames of the answer; `count` is how many there were, and `first` and `last`
    span the DataTime of those that have one.
    """

    ending: Ending
    code: str = ""
    data: tuple[Frame, ...] = ()
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None


@dataclass(slots=True)
class _Heard:
    frames: list[Frame] = field(default_factory=list)
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def take(self, frame: Frame, at: datetime | None) -> None:
        self.count += 1
        if len(self.frames) < MOST_DATA_FRAMES:
            self.frames.append(frame)
        if at is not None:
            self.first = min(at, self.first or at)
            self.last = max(at, self.last or at)


class Exchange:
    """One request under way.

    Args:
        request: what is asked.
        qn: the QN it carries, the same at each sending.
        patience: how long to wait for what.
    """

    def __init__(self, request: Request, qn: str, patience: Patience) -> None:
        self.request, self.qn = request, qn
        self._patience = patience
        self._sendings = 0
        self._sent_at = 0.0
        self._ready = False
        self._heard = _Heard()
        self.due = 0.0
        """When `wake` is to be called next."""
        self.outcome: Outcome | None = None

    def trip(self, now: float) -> float | None:
        """Give how long ago it was sent [s]; None when it was sent again, and nobody can tell."""
        return now - self._sent_at if self._sendings == 1 else None

    def wake(self, now: float) -> bool:
        """Take note that `due` has come; whether the request is to be sent (again)."""
        if self.outcome is not None or (self._sendings and now < self.due):
            return False
        if self._ready:
            self._end(Ending.STALLED)
            return False
        if self._sendings > self._patience.resends:
            self._end(Ending.SILENT)
            return False
        self._sendings += 1
        self._sent_at = now
        self.due = now + self._patience.answer
        return True

    def hear(self, frame: Frame, now: float) -> bool:
        """Take a frame of the data logger; whether it belongs to this exchange.

        A frame that comes twice, late, or before its turn changes nothing it should not: 9012
        without 9011 ends the exchange too, for the 9011 may have been lost.
        """
        if self.outcome is not None:
            return False
        if frame.qn == self.qn and frame.cn in _ANSWERS:
            self._answered(frame, now)
            return True
        if not self._is_data(frame):
            return False
        self._heard.take(frame, data_of(frame).data_time)
        self._execute(now)
        return True

    def break_off(self) -> None:
        """The connection is gone."""
        if self.outcome is None:
            self._end(Ending.BROKEN)

    def _answered(self, frame: Frame, now: float) -> None:
        if frame.cn == "9013":
            self._end(Ending.DONE)
        elif frame.cn == "9012":
            code = _code(frame, "ExeRtn")
            self._end(Ending.DONE if code == ExeRtn.DONE else Ending.FAILED, code)
        elif (code := _code(frame, "QnRtn")) == QnRtn.READY:
            self._execute(now)
        elif not self._ready:
            self._end(Ending.REFUSED, code)

    def _execute(self, now: float) -> None:
        self._ready = True
        self.due = now + self._patience.execution

    def _is_data(self, frame: Frame) -> bool:
        """Tell an answer from the uploads that go on meanwhile; history comes with QNs of its own.

        Source:
            HJ 212-2017, 6.1.3 and annex C.
        """
        if frame.cn != self.request.cn:
            return False
        span = self.request.span
        if span is None:
            return frame.qn == self.qn or frame.cn != _REAL_TIME
        at = data_of(frame).data_time
        return at is not None and span[0] <= at <= span[1]

    def _end(self, ending: Ending, code: str = "") -> None:
        heard = self._heard
        self.outcome = Outcome(
            ending, code, tuple(heard.frames), heard.count, heard.first, heard.last
        )


_ANSWERS = frozenset({"9011", "9012", "9013"})


def _code(frame: Frame, name: str) -> str:
    """Read QnRtn or ExeRtn; `01` is 1, and what is missing is unknown (100)."""
    text = data_of(frame).fields.get(name, "")
    if not (text.isascii() and text.isdigit()):
        return QnRtn.UNKNOWN.value
    return text.lstrip("0") or "0"  # not by way of a number: a text of any length must do
