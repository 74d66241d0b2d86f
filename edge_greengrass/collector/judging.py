"""What the collector makes of frames: a record to keep of each, and an answer once it is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge_greengrass.collector.configuration import Station
from plume.hj212 import commands, reply
from plume.hj212.envelopes import HEAD_BYTES, TAIL_BYTES, framed
from plume.hj212.frame import Frame
from plume.hj212.glance import Glance, Seen
from plume.hj212.moments import written
from plume.hj212.verdict import MOST_AHEAD, Expected, Judged, judge_frame
from plume.model.belated import OLDEST
from plume.model.frame import FrameRecord, Verdict


@dataclass(frozen=True, slots=True)
class Received:
    """One frame as it was cut from the bytes of `peer` ("host:port")."""

    raw: bytes
    peer: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """One received frame; `answer` is to be sent when, and only when, `record` is durable."""

    record: FrameRecord
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class _Header:
    """What all frames of one header have in common.

    `answer` goes behind the QN, if any goes.
    """

    mn: str
    answer: bytes


_ANNOUNCEMENT = b";CN=1001;"


class Judge:
    """Holds frames against the configured data loggers.

    Args:
        stations: the data loggers by MN.
        now: gives the time of receipt, aware.
    """

    def __init__(self, stations: Mapping[str, Station], now: Callable[[], datetime]) -> None:
        self._expected = {
            mn: Expected(password=one.password, keys=one.keys, others=one.other_passwords)
            for mn, one in stations.items()
        }
        self._now = now
        self._glance: Glance[_Header] = Glance()

    def receipts(self, frames: Sequence[Received]) -> list[Receipt]:
        """Judge frames, in order; most of them at a glance, with the same outcome.

        A quarantined frame is whole and is kept, so it is answered like an accepted one; any
        other refusal is kept with its reason and never answered: the data logger re-sends.

        Source:
            HJ 212-2017, 6.2 and annex C; domain rule 1.17.
        """
        now = self._now()
        possible = range(int(written(now - OLDEST)) + 1, int(written(now + MOST_AHEAD)) + 1)
        seen = self._glance.recognise([one.raw for one in frames])
        bodies = [_answer_body(look, possible) for look in seen]
        answers = iter(framed([body for body in bodies if body]))
        return [
            self._in_full(one, now)
            if look is None or body is None
            else Receipt(_believed(one, look.about, now), next(answers) if body else b"")
            for one, look, body in zip(frames, seen, bodies, strict=True)
        ]

    def _in_full(self, one: Received, now: datetime) -> Receipt:
        judged = judge_frame(one.raw, expected=self._expected.get, now=now)
        heeded = is_whole(judged.verdict) or announces(judged.verdict, one.raw)
        answer = _answer(judged.frame) if judged.frame and heeded else b""
        if judged.frame and judged.verdict is Verdict.OK:
            self._glance.learn(one.raw, _header(judged.frame, answer))
        return Receipt(_record(one, judged, now, acknowledged=bool(answer)), answer)


def is_whole(verdict: Verdict) -> bool:
    """Whether the frame came from a known data logger and arrived undamaged."""
    return verdict.accepted or verdict is Verdict.QUARANTINE


def announces(verdict: Verdict, raw: bytes) -> bool:
    """Whether a stranger asks for an MN (HJ 212-2025, CN 1001): it is heeded, though refused."""
    return verdict is Verdict.UNKNOWN_MN and _ANNOUNCEMENT in raw


def _answer(frame: Frame) -> bytes:
    """Answer a notice by 9013 and all else by 9014; answers themselves are never answered."""
    kind = _kind(frame)
    if not frame.wants_answer or kind is commands.Kind.ANSWER:
        return b""
    if kind is commands.Kind.NOTICE:
        return reply.notice_answer(frame)
    return reply.data_answer(frame)


def _kind(frame: Frame) -> commands.Kind:
    command = commands.CN.get(frame.cn)
    return command.kind if command else commands.Kind.UPLOAD


def _header(frame: Frame, answer: bytes) -> _Header:
    behind_qn = answer[HEAD_BYTES + len(f"QN={frame.qn}") : -TAIL_BYTES]
    return _Header(frame.mn, behind_qn)


def _answer_body(look: Seen[_Header] | None, possible: range) -> bytes | None:
    """Give the data segment of the answer, empty for none; None: the frame is judged in full."""
    if look is None or (look.time and look.time not in possible):
        return None
    return b"QN=" + look.qn + look.about.answer if look.about.answer else b""


def _believed(one: Received, header: _Header, now: datetime) -> FrameRecord:
    return FrameRecord(
        received_at=now,
        raw=one.raw,
        verdict=Verdict.OK,
        mn=header.mn,
        acknowledged=bool(header.answer),
        peer=one.peer,
    )


def _record(one: Received, judged: Judged, now: datetime, *, acknowledged: bool) -> FrameRecord:
    return FrameRecord(
        received_at=now,
        raw=one.raw,
        verdict=judged.verdict,
        mn=judged.mn,
        warnings=judged.warnings,
        reason=judged.reason.en,
        acknowledged=acknowledged,
        peer=one.peer,
    )
