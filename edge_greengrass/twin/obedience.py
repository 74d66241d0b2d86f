"""How a data logger answers the requests of its host."""

from collections.abc import Callable
from dataclasses import dataclass

from edge_greengrass.twin.clock import PlantClock
from edge_greengrass.twin.configuration import PlantSettings
from plume.hj212 import encode, reply
from plume.hj212.commands import CN, ExeRtn, Kind, QnRtn
from plume.hj212.frame import Frame
from plume.hj212.items import data_of
from plume.hj212.moments import moment, written

SHORTEST_INTERVAL, LONGEST_INTERVAL = 1, 3600


@dataclass(slots=True)
class Habits:
    """What the host may change: the real-time interval [s] and whether real-time data flow."""

    interval: int
    real_time: bool = True


class Obedience:
    """Answers 9011, carries the request out, answers 9012; a notice is answered by 9013.

    Source:
        HJ 212-2017, 6.1, tables 6, 7 and 9.
    """

    def __init__(self, settings: PlantSettings, clock: PlantClock, habits: Habits) -> None:
        self._settings = settings
        self._clock = clock
        self._habits = habits
        self._known: dict[str, Callable[[Frame], list[bytes]]] = {
            "1011": self._tell_time,
            "1012": self._set_time,
            "1061": self._tell_interval,
            "1062": self._set_interval,
            "2011": self._start_real_time,
        }

    def answers(self, frame: Frame) -> list[bytes]:
        """Give the frames that answer a request, in order; none to an answer."""
        command = CN.get(frame.cn)
        if command is not None and command.kind is Kind.ANSWER:
            return []
        if frame.password != self._settings.password:
            return [reply.request_answer(frame, QnRtn.BAD_PW)]
        if frame.mn != self._settings.mn:
            return [reply.request_answer(frame, QnRtn.BAD_MN)]
        if frame.cn == "2012":
            self._habits.real_time = False
            return [reply.notice_answer(frame)]
        if frame.cn not in self._known:
            return [reply.request_answer(frame, QnRtn.BAD_CN)]
        return [reply.request_answer(frame), *self._carried_out(frame)]

    def _carried_out(self, frame: Frame) -> list[bytes]:
        try:
            said = self._known[frame.cn](frame)
        except (KeyError, ValueError):
            return [reply.execution_result(frame, ExeRtn.BAD_CONDITION)]
        return [*said, reply.execution_result(frame)]

    def _tell_time(self, frame: Frame) -> list[bytes]:
        return [self._said(frame, f"SystemTime={written(self._clock.now())}")]

    def _set_time(self, frame: Frame) -> list[bytes]:
        self._clock.set(moment(data_of(frame).fields["SystemTime"]))
        return []

    def _tell_interval(self, frame: Frame) -> list[bytes]:
        return [self._said(frame, f"RtdInterval={self._habits.interval}")]

    def _set_interval(self, frame: Frame) -> list[bytes]:
        interval = int(data_of(frame).fields["RtdInterval"])
        if not SHORTEST_INTERVAL <= interval <= LONGEST_INTERVAL:
            raise ValueError(f"RtdInterval {interval}")
        self._habits.interval = interval
        return []

    def _start_real_time(self, frame: Frame) -> list[bytes]:
        del frame
        self._habits.real_time = True
        return []

    def _said(self, frame: Frame, cp: str) -> bytes:
        settings = self._settings
        return encode.frame(
            qn=frame.qn,
            st=settings.st,
            cn=frame.cn,
            password=settings.password,
            mn=settings.mn,
            flag=frame.flag & 0b1111_1100,
            cp=cp,
        )
