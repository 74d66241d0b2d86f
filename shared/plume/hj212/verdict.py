"""Whether a frame may be believed: one verdict, asked at the edge and again in the cloud."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from plume.hj212.frame import BadFrame, Frame, decode, mn_of
from plume.hj212.items import data_of
from plume.hj212.moments import written
from plume.model.belated import OLDEST
from plume.model.frame import Verdict
from plume.model.outlet import Name

MOST_AHEAD = timedelta(minutes=10)
"""A DataTime further ahead cannot be, and one before `OLDEST` is no news: our choice."""
NO_REASON = Name("", "")


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a data logger: its PW, and its SM4 keys, the current one first.

    `others` are PWs that are believed too, while a change of PW is under way.
    """

    password: str
    keys: tuple[bytes, ...] = ()
    others: tuple[str, ...] = ()

    def believes(self, password: str) -> bool:
        """Whether a frame may carry this PW."""
        given = password.encode()
        return any(compare_digest(given, one.encode()) for one in (self.password, *self.others))


@dataclass(frozen=True, slots=True)
class Judged:
    """What was made of one frame.

    `frame` is there whenever the bytes could be decoded, whatever the verdict. `reason` is
    `NO_REASON` for an accepted frame.
    """

    verdict: Verdict
    frame: Frame | None
    mn: str
    warnings: tuple[str, ...] = ()
    reason: Name = NO_REASON


def judge_frame(
    raw: bytes,
    *,
    expected: Callable[[str], Expected | None],
    now: datetime,
    strict: bool = False,
) -> Judged:
    """Judge one raw frame.

    Args:
        raw: from `##` to the end of line.
        expected: what is known of the data logger with an MN; None when it is a stranger.
        now: the time of receipt, aware.
        strict: refuse every dialect as REJECT_SYNTAX.

    Returns:
        A verdict for any bytes whatever: length, CRC and syntax first, then MN, PW and DataTime.
    """
    known = expected(mn_of(raw))
    try:
        frame = decode(raw, strict=strict, keys=known.keys if known else ())
    except BadFrame as fault:
        if known is None and b"{0x" in raw:  # the keys of a stranger are not known either
            return Judged(Verdict.UNKNOWN_MN, None, mn_of(raw), (), _stranger(mn_of(raw)))
        return Judged(fault.verdict, None, mn_of(raw), (), Name(fault.zh, fault.message))
    return _judge(frame, expected(frame.mn), now)


def _judge(frame: Frame, known: Expected | None, now: datetime) -> Judged:
    if known is None:
        return _refused(frame, Verdict.UNKNOWN_MN, _stranger(frame.mn))
    if not known.believes(frame.password):
        return _refused(
            frame, Verdict.BAD_PW, Name("PW 与登记的不符", "PW is not the one registered")
        )
    reason = _impossible_time(frame, now)
    if reason is not None:
        return _refused(frame, Verdict.QUARANTINE, reason)
    verdict = Verdict.OK_WITH_WARNINGS if frame.warnings else Verdict.OK
    return Judged(verdict, frame, frame.mn, frame.warnings)


def _refused(frame: Frame, verdict: Verdict, reason: Name) -> Judged:
    return Judged(verdict, frame, frame.mn, frame.warnings, reason)


def _stranger(mn: str) -> Name:
    return Name(
        f"MN {mn or '（无法识别）'} 未登记", f"MN {mn or '(unreadable)'} is not registered"
    )


def _impossible_time(frame: Frame, now: datetime) -> Name | None:
    """Say why the DataTime cannot be; None when it can, or there is none."""
    at = data_of(frame).data_time
    if at is None:
        return None
    said, here = written(at), written(now)
    if at > now + MOST_AHEAD:
        return Name(
            f"DataTime {said} 比收到时间 {here} 超前 10 分钟以上",
            f"DataTime {said} is more than 10 minutes ahead of {here}",
        )
    if at < now - OLDEST:
        return Name(
            f"DataTime {said} 早于收到时间 {here} 一年以上",
            f"DataTime {said} is more than a year before {here}",
        )
    return None
