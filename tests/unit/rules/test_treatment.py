"""T-04 and G-15 on minutes written by hand: when a treatment facility stands still."""

from datetime import timedelta
from decimal import Decimal

import pytest

from plume.model.facility import Facility, Signal
from plume.model.outlet import Name
from plume.rules.treatment import RULES, Minute, judge_treatment
from tests.given import EIGHT, STACK

PUMPS = tuple(Signal("stack-1", f"g1040{at}", Decimal("18.6"), "A") for at in (1, 2))
"""Rated 62 A; below 30 % of that a pump does not turn (T-04)."""
TOWER = Facility(
    RULES["T-04"],
    STACK.id,
    Name("脱硫塔循环泵", "FGD recirculation pumps"),
    Signal("stack-1", "g71201", Decimal(300), "mg/m3"),
    PUMPS,
)


def minute(inlet: str | None, *amperes: str | None) -> Minute:
    return Minute(
        None if inlet is None else Decimal(inlet),
        tuple(None if one is None else Decimal(one) for one in amperes),
    )


STILL = minute("1850.5", "0.2", "0.0")
RUNNING = minute("1850.5", "61.8", "0.0")
NOTHING_TO_TREAT = minute("120", "0.0", "0.0")
UNKNOWN = minute(None, "0.0", "0.0")
MUTE = minute("1850.5", None, None)


@pytest.mark.parametrize(
    ("minutes", "broken"),
    [
        ([STILL] * 15, True),
        ([STILL] * 12 + [UNKNOWN] * 3, True),
        ([minute("1850.5", "0.2", None)] * 15, True),
        ([STILL] * 14 + [RUNNING], False),
        ([STILL] * 14 + [NOTHING_TO_TREAT], False),
        ([NOTHING_TO_TREAT] * 15, False),
        ([RUNNING] * 15, False),
        ([minute("300", "0.2", "0.0")] * 15, False),
        ([minute("1850.5", "18.6", "0.0")] * 15, True),
        ([STILL] * 11 + [MUTE] * 4, None),
        ([], None),
    ],
    ids=[
        "stands still", "three unknown", "one pump mute", "one minute ran", "one without load",
        "nothing to treat", "runs", "inlet at the threshold", "amperes at the threshold",
        "too few known", "nothing known",
    ],
)  # fmt: skip
def test_a_quarter_of_an_hour_is_judged_as_a_whole(
    minutes: list[Minute],
    broken: bool | None,  # noqa: FBT001, a column of the table
) -> None:
    known_at = EIGHT + timedelta(minutes=16)
    finding = judge_treatment(TOWER, EIGHT, minutes, outlet=STACK.name, known_at=known_at)
    assert (None if finding is None else finding.broken) is broken


def test_the_finding_names_outlet_load_and_time_in_both_languages() -> None:
    finding = judge_treatment(TOWER, EIGHT, [STILL] * 15, outlet=STACK.name, known_at=EIGHT)
    assert finding is not None
    assert (finding.type.value, finding.rule.id, finding.factor) == (
        "TREAT_FAULT",
        "T-04",
        "g71201",
    )
    assert finding.end - finding.start == timedelta(minutes=15)
    assert finding.sentence.zh == (
        "1 号机组 脱硫塔循环泵 2026-08-01 08:00 至 08:15 未运行，而入口负荷达 g71201 1850.5 mg/m3"
    )
    assert finding.sentence.en == (
        "Unit 1: FGD recirculation pumps stood still from 2026-08-01 08:00 to 08:15 "
        "at a load of g71201 1850.5 mg/m3"
    )
