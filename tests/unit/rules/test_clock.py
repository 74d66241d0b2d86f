"""Rule G-02: a logger that is more than two minutes off, or whose clock was set."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from plume.model.event import ClockOffset
from plume.model.finding import AlarmType, Severity
from plume.rules.clock import Clocks, judge_clock
from tests.given import EIGHT, STACK


def told(
    seconds: float,
    subject: str = STACK.id,
    *,
    samples: int = 20,
    jumped: bool = False,
    at: datetime = EIGHT,
) -> ClockOffset:
    reference = "cloud" if subject == "edge" else "edge"
    return ClockOffset(at, subject, reference, timedelta(seconds=seconds), samples, jumped)


@pytest.mark.parametrize(
    ("seconds", "broken", "severity"),
    [
        (0, False, Severity.L4),
        (120, False, Severity.L4),  # "> 120 s", domain.md 4.2
        (-120, False, Severity.L4),
        (120.001, True, Severity.L4),
        (-130, True, Severity.L4),
        (600, True, Severity.L4),
        (601, True, Severity.L3),
        (-86_400, True, Severity.L3),
    ],
)
def test_two_minutes_are_the_limit_either_way(
    seconds: float, severity: Severity, *, broken: bool
) -> None:
    offset = told(seconds)
    finding = judge_clock(STACK, offset, Clocks(offset, None))
    assert finding is not None
    assert (finding.broken, finding.severity) == (broken, severity)
    assert (finding.rule.id, finding.type) == ("G-02", AlarmType.CLOCK)
    assert finding.value == Decimal(str(abs(seconds))).quantize(Decimal("0.001"))
    assert (finding.limit, finding.unit) == (Decimal(120), "s")
    assert (finding.start, finding.end) == (EIGHT - timedelta(minutes=1), EIGHT)


def test_the_two_clocks_on_the_way_are_added() -> None:
    logger, edge = told(100), told(30, "edge")
    together = judge_clock(STACK, logger, Clocks(logger, edge))
    assert together is not None
    assert (together.broken, together.value) == (True, Decimal("130.000"))
    against = judge_clock(STACK, logger, Clocks(told(130), told(-30, "edge")))
    assert against is not None
    assert not against.broken


@pytest.mark.parametrize(
    ("before", "after", "broken"),
    [
        (0, 61, True),  # "clock jump > 60 s", domain.md 4.2
        (0, -61, True),
        (0, 60, False),
        (130, 0, False),  # it was put right
        (130, 2_000, True),  # it is off all the same
        (None, 61, False),  # by how much, nobody can say
    ],
)
def test_a_clock_that_was_right_may_be_set_by_a_minute(
    before: float | None, after: float, *, broken: bool
) -> None:
    offset = told(after, jumped=True, samples=5)
    word = None if before is None else told(before)
    finding = judge_clock(STACK, offset, Clocks(offset, None, word))
    assert (finding is not None and finding.broken) is broken


def test_a_jump_says_so() -> None:
    offset = told(61, jumped=True, samples=5)
    finding = judge_clock(STACK, offset, Clocks(offset, None, told(0)))
    assert finding is not None
    assert finding.subtype == "jump"
    assert "被调整, 现快 61 秒" in finding.sentence.zh


def test_nineteen_frames_are_too_few() -> None:
    offset = told(500, samples=19)
    assert judge_clock(STACK, offset, Clocks(offset, None)) is None


def test_the_sentence_says_which_way() -> None:
    ahead, behind = (judge_clock(STACK, o, Clocks(o, None)) for o in (told(130), told(-130)))
    assert ahead is not None
    assert behind is not None
    assert ("快 130 秒" in ahead.sentence.zh, "130 s ahead" in ahead.sentence.en) == (True, True)
    assert ("慢 130 秒" in behind.sentence.zh, "130 s behind" in behind.sentence.en) == (
        True,
        True,
    )
