"""What the collector makes of one frame: a record to keep, and an answer once it is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from edge_greengrass.collector.configuration import Station
from plume.hj212 import commands, reply
from plume.hj212.frame import Frame
from plume.hj212.verdict import Expected, judge_frame
from plume.model.frame import FrameRecord, Verdict


@dataclass(frozen=True, slots=True)
class Receipt:
    """One received frame; `answer` is to be sent when, and only when, `record` is durable."""

    record: FrameRecord
    answer: bytes = b""


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

    def receipt(self, raw: bytes, peer: str) -> Receipt:
        """Judge one frame from `peer` ("host:port").

        A quarantined frame is whole and is kept, so it is answered like an accepted one; any
        other refusal is kept with its reason and never answered: the data logger re-sends.

        Source:
            HJ 212-2017, 6.2 and annex C; domain rule 1.17.
        """
        now = self._now()
        judged = judge_frame(raw, expected=self._expected.get, now=now)
        answer = _answer(judged.frame) if judged.frame and is_whole(judged.verdict) else b""
        record = FrameRecord(
            received_at=now,
            raw=raw,
            verdict=judged.verdict,
            mn=judged.mn,
            warnings=judged.warnings,
            reason=judged.reason,
            acknowledged=bool(answer),
            peer=peer,
        )
        return Receipt(record, answer)


def is_whole(verdict: Verdict) -> bool:
    """Whether the frame came from a known data logger and arrived undamaged."""
    return verdict.accepted or verdict is Verdict.QUARANTINE


def _answer(frame: Frame) -> bytes:
    """Answer a notice by 9013 and all else by 9014; answers themselves are never answered."""
    command = commands.CN.get(frame.cn)
    kind = command.kind if command else commands.Kind.UPLOAD
    if not frame.wants_answer or kind is commands.Kind.ANSWER:
        return b""
    if kind is commands.Kind.NOTICE:
        return reply.notice_answer(frame)
    return reply.data_answer(frame)
