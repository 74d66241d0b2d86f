"""Every frame that was kept passes here: who is on which line, and who has waited for it."""

import re
from collections.abc import Callable, Iterable

from edge_greengrass.collector.dialogue.attendance import Attendance
from edge_greengrass.collector.dialogue.chronicle import Chronicle
from edge_greengrass.collector.dialogue.credentials import Credentials
from edge_greengrass.collector.dialogue.newcomers import Newcomers
from edge_greengrass.collector.dialogue.switchboard import Caller, Switchboard
from edge_greengrass.collector.dialogue.timekeeping import Timekeeping
from edge_greengrass.journal import Journal
from plume.hj212.frame import BadFrame, decode
from plume.model.frame import FrameRecord

ASKS_FOR_TIME = b"1013"
ANNOUNCEMENT = "1001"
HEAD_BYTES = 160
"""Where CN stands, in whatever order the header is [bytes]."""
_CN = re.compile(rb"CN\s*=\s*(\d{4})")
_FLAG = re.compile(rb"Flag\s*=\s*(\d{1,3})")


def _deaf(mn: str) -> None:
    del mn


class Reception:
    """Shows frames to those concerned; most frames concern nobody and cost a glance.

    Args:
        switchboard: told who speaks, and given the frames that somebody waits for.
        credentials: shown the frames while a secret changes.
        timekeeping: measures by them.
        chronicle: notes what they tell of.
        attendance: counts them, and notes from where they come.
        journal: told when a change of secrets could not be kept.

    Attributes:
        newcomers: those who have no MN yet.
        on_time_request: called with the MN of a data logger that asks for the time (CN 1013).
    """

    def __init__(
        self,
        switchboard: Switchboard,
        credentials: Credentials,
        timekeeping: Timekeeping,
        chronicle: Chronicle,
        attendance: Attendance,
        journal: Journal,
    ) -> None:
        self._switchboard, self._credentials = switchboard, credentials
        self.timekeeping, self.chronicle = timekeeping, chronicle
        self.attendance, self._journal = attendance, journal
        self.newcomers = Newcomers()
        self.on_time_request: Callable[[str], None] = _deaf

    def heard(self, record: FrameRecord, caller: Caller) -> None:
        """Take note of a frame that is whole, from a known data logger, and kept."""
        mn = record.mn
        if not self._credentials.knows(mn):
            return  # the settings have changed since it was judged
        if self._switchboard.caller(mn) is not caller:
            flag = _FLAG.search(record.raw)
            version = int(flag[1]) >> 2 if flag else 0
            self._switchboard.met(mn, version, caller)
            self.attendance.met(mn, record.peer, version)
        self.timekeeping.heard(record)
        if self._switchboard.listened_to(mn) or self._credentials.changing(mn):
            self._open(record)
        cn = _CN.search(record.raw, 0, HEAD_BYTES)
        if cn is not None and cn[1] == ASKS_FOR_TIME:
            self.on_time_request(mn)
        elif cn is not None and record.verdict.accepted:  # an impossible time tells of no data
            self.chronicle.heard(mn, cn[1].decode(), record.raw)

    def strange(self, record: FrameRecord, caller: Caller) -> None:
        """Take note of a frame of an unknown MN: an announcement, or an answer to its naming."""
        try:
            frame = decode(record.raw)
        except BadFrame:
            return  # enciphered under a key that nobody here knows
        if frame.cn == ANNOUNCEMENT:
            self.newcomers.announced(frame, caller)
        elif self._switchboard.listened_to(frame.mn):
            self._switchboard.pass_on(frame)

    def judged(self, records: Iterable[FrameRecord]) -> None:
        """Take note of what was made of frames, kept or not."""
        self.attendance.judged(records)

    def left(self, caller: Caller) -> None:
        """Take note that a connection is gone."""
        self._switchboard.left(caller)
        self.newcomers.left(caller)

    def _open(self, record: FrameRecord) -> None:
        keys = self._credentials.believed_keys(record.mn)
        try:
            frame = decode(record.raw, keys=keys)
        except BadFrame:
            return  # judged whole under keys that have since been taken back
        try:
            self._credentials.proven(frame, record.raw)
        except OSError as fault:
            self._journal.tell("credentials_not_kept", mn=record.mn, reason=str(fault))
        self._switchboard.pass_on(frame)
