"""How a data logger answers the requests of its host."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import takewhile

from edge_greengrass.twin import schedule, site_information
from edge_greengrass.twin.clock import PlantClock
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.habits import Habits
from edge_greengrass.twin.messages import FLAGS, MINUTE, REAL_TIME, SECONDS, Message, Station
from plume.hj212 import encode, reply
from plume.hj212.commands import CN, ExeRtn, Kind, QnRtn
from plume.hj212.frame import Frame, decode
from plume.hj212.items import data_of
from plume.hj212.moments import moment, request_number, written

SHORTEST_INTERVAL, LONGEST_INTERVAL = 1, 3600
MINUTE_INTERVALS = frozenset({1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30})
"""MinInterval [min] (HJ 212-2017, table 4)."""
CALIBRATION_SECONDS = 120
"""How long a calibration that the host begins takes; its values are marked C meanwhile."""
NAMELESS = "0" * 24
"""The MN of a data logger that has none."""
PASSWORD_LENGTH, KEY_BYTES = 6, 16
_ENCIPHERED = frozenset({"1014", "3020"})
SLOPE = "i13008"
_VERSION_BITS = 0b1111_1100

Answers = Iterator[bytes]


class NoData(Exception):
    """The data logger has nothing of what is asked for (ExeRtn 100)."""


class Obedience:
    """Answers 9011, carries the request out, answers 9012; a notice is answered by 9013.

    Args:
        settings: the plant.
        clock: read, and set by CN 1012.
        habits: read and changed.
        station: tells the values of the past.
        owe: given what is to be sent beside the answers.

    Source:
        HJ 212-2017, 6.1, tables 6, 7 and 9; HJ 212-2025, CN 1014.
    """

    def __init__(
        self,
        settings: PlantSettings,
        clock: PlantClock,
        habits: Habits,
        station: Station,
        owe: Callable[[Message], None],
    ) -> None:
        self._settings, self._clock = settings, clock
        self._habits, self._station, self._owe = habits, station, owe
        self._hung_up: set[str] = set()
        self._last_at = clock.now()
        self._known: dict[str, Callable[[Frame], Answers]] = {
            "1002": self._take_name,
            "1011": self._tell_time,
            "1012": self._set_time,
            "1014": self._set_key,
            "1061": self._tell_interval,
            "1062": self._set_interval,
            "1063": self._tell_minute,
            "1064": self._set_minute,
            "1072": self._set_password,
            "2011": self._real_time,
            "2031": self._history,
            "2051": self._history,
            "2061": self._history,
            "3011": self._calibrate,
            "3012": self._sample,
            "3020": self._tell_site,
            "3021": self._set_site,
        }

    def read(self, raw: bytes) -> Frame:
        """Open a frame of the host.

        Raises:
            BadFrame: it is damaged; nothing is answered (HJ 212-2017, 6.1).
        """
        return decode(raw, keys=self._habits.keys)

    def hangs_up(self, frame: Frame) -> bool:
        """Whether this request is one at which the data logger hangs up, once for each CN."""
        if frame.cn not in self._settings.hangs_up_at or frame.cn in self._hung_up:
            return False
        self._hung_up.add(frame.cn)
        return True

    def answers(self, frame: Frame) -> Answers:
        """Give the frames that answer a request, in order; none to an answer."""
        command = CN.get(frame.cn)
        if frame.cn in self._settings.deaf_to or (command and command.kind is Kind.ANSWER):
            return
        if frame.cn == "2012":
            self._habits.real_time = False
            yield reply.notice_answer(frame)
            return
        objection = self._objection(frame)
        yield reply.request_answer(frame, objection)
        if objection is QnRtn.READY:
            yield from self._carried_out(frame)

    def _objection(self, frame: Frame) -> QnRtn:
        if frame.password != self._habits.password:
            return QnRtn.BAD_PW
        if frame.mn != (self._habits.mn or NAMELESS):
            return QnRtn.BAD_MN
        return QnRtn.READY if frame.cn in self._known else QnRtn.BAD_CN

    def _carried_out(self, frame: Frame) -> Answers:
        result = ExeRtn.DONE
        try:
            yield from self._known[frame.cn](frame)
        except NoData:
            result = ExeRtn.NO_DATA
        except (KeyError, ValueError):
            result = ExeRtn.BAD_CONDITION
        yield reply.execution_result(frame, result)

    def announcement(self) -> bytes:
        """Ask for an MN (HJ 212-2025, CN 1001); answered by 9013, then by CN 1002."""
        settings = self._settings
        return encode.frame(
            qn=self._next_qn(),
            st=settings.st,
            cn="1001",
            password=self._habits.password,
            mn=NAMELESS,
            flag=FLAGS["2025"],
            cp=f"i23005-Info={settings.serial}",
        )

    def _take_name(self, frame: Frame) -> Answers:
        mn = data_of(frame).items["i23005"]["Info"]
        if len(mn) != len(NAMELESS):
            raise ValueError(f"MN {mn}")
        yield from ()
        self._habits.mn = mn

    def _tell_time(self, frame: Frame) -> Answers:
        yield self._said(frame, f"SystemTime={written(self._shown())}")

    def _set_time(self, frame: Frame) -> Answers:
        self._clock.set(moment(data_of(frame).fields["SystemTime"]))
        yield from ()

    def _set_key(self, frame: Frame) -> Answers:
        key = bytes.fromhex(data_of(frame).fields["NewSK"])
        if len(key) != KEY_BYTES:
            raise ValueError(f"NewSK of {len(key)} bytes")
        self._habits.former_key, self._habits.key = self._habits.key, key
        yield from ()

    def _tell_interval(self, frame: Frame) -> Answers:
        yield self._said(frame, f"RtdInterval={self._habits.interval}")

    def _set_interval(self, frame: Frame) -> Answers:
        interval = int(data_of(frame).fields["RtdInterval"])
        if not SHORTEST_INTERVAL <= interval <= LONGEST_INTERVAL:
            raise ValueError(f"RtdInterval {interval}")
        self._habits.interval = interval
        yield from ()

    def _tell_minute(self, frame: Frame) -> Answers:
        yield self._said(frame, f"MinInterval={self._habits.minute}")

    def _set_minute(self, frame: Frame) -> Answers:
        minute = int(data_of(frame).fields["MinInterval"])
        if minute not in MINUTE_INTERVALS:
            raise ValueError(f"MinInterval {minute}")
        self._habits.minute = minute
        yield from ()

    def _set_password(self, frame: Frame) -> Answers:
        password = data_of(frame).fields["NewPW"]
        if len(password) != PASSWORD_LENGTH:
            raise ValueError("NewPW is not six characters")
        self._habits.password = password
        yield from ()

    def _real_time(self, frame: Frame) -> Answers:
        """Start real-time data, or tell those of the past when a span is named."""
        if "BeginTime" in data_of(frame).fields:
            yield from self._history(frame)
        self._habits.real_time = True

    def _history(self, frame: Frame) -> Answers:
        """Tell the past with new QNs, each packet to be acknowledged (HJ 212-2017, 6.1.3)."""
        fields = data_of(frame).fields
        begin, end = moment(fields["BeginTime"]), moment(fields["EndTime"])
        if end < begin:
            raise ValueError("EndTime before BeginTime")
        now = self._clock.now()
        oldest = now - timedelta(hours=self._settings.memory_hours)
        found = schedule.history(frame.cn, max(begin, oldest), end, self._seconds(frame.cn))
        nothing = True
        for message in takewhile(lambda one: one.due <= now, found):
            if not self._station.tells(message):
                continue
            nothing = False
            yield from self._station.frames(message, self._next_qn(), late=True)
        if nothing:
            raise NoData

    def _calibrate(self, frame: Frame) -> Answers:
        start = int(self._clock.now().timestamp())
        self._station.instruments.calibrate(
            data_of(frame).fields["PolId"], start, start + CALIBRATION_SECONDS
        )
        yield from ()

    def _sample(self, frame: Frame) -> Answers:
        if data_of(frame).fields["PolId"] not in self._channels():
            raise ValueError("no analyser of it")
        now = self._clock.now().replace(microsecond=0)
        self._owe(Message(now, REAL_TIME, now))
        yield from ()

    def _tell_site(self, frame: Frame) -> Answers:
        fields = data_of(frame).fields
        factor, info = fields.get("PolId", ""), fields["InfoId"]
        now = self._clock.now()
        told = site_information.value(self._habits, factor, info)
        if info == SLOPE and (factor, info) not in self._habits.noted:
            told = f"{self._station.instruments.slope(factor, int(now.timestamp())):.3f}"
        named = f"PolId={factor};" if factor else ""
        yield self._said(frame, f"DataTime={written(now)};{named}{info}-Info={told}")

    def _set_site(self, frame: Frame) -> Answers:
        data = data_of(frame)
        factor, info = data.fields.get("PolId", ""), data.fields["InfoId"]
        site_information.value(self._habits, factor, info)
        self._habits.noted[factor, info] = data.items[info]["Info"]
        yield from ()

    def _channels(self) -> set[str]:
        return {one.code for one in self._station.instruments.plant.channels}

    def _seconds(self, cn: str) -> int:
        if cn == REAL_TIME:
            return self._habits.interval
        return self._habits.minute * 60 if cn == MINUTE else SECONDS[cn]

    def _next_qn(self) -> str:
        later: datetime = self._last_at + timedelta(milliseconds=1)
        self._last_at = max(self._shown(), later)
        return request_number(self._last_at)

    def _shown(self) -> datetime:
        """Give the time that the data logger shows, right or wrong."""
        now = self._clock.now()
        return now + self._station.clock_offset(now)

    def _said(self, frame: Frame, cp: str) -> bytes:
        settings = self._settings
        wants_key = frame.cn in _ENCIPHERED and settings.edition == "2025"
        return encode.frame(
            qn=frame.qn,
            st=settings.st,
            cn=frame.cn,
            password=self._habits.password,
            mn=self._habits.mn,
            flag=FLAGS[settings.edition] & _VERSION_BITS,
            cp=cp,
            key=self._habits.key if wants_key else None,
        )
