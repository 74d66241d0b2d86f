"""All data missing (rule G-01)."""

from datetime import timedelta

import pytest

from plume.rules.silence import Silence, silence_of
from tests.given import EIGHT, STACK


@pytest.mark.parametrize(
    ("minutes", "broken", "severity", "subtype"),
    [
        (29, False, None, None),
        (30, True, "L5", "warning"),
        (59, True, "L5", "warning"),
        (60, True, "L3", "missing"),
        (1439, True, "L3", "missing"),
        (1440, True, "L2", "missing"),
    ],
)
def test_silence_warns_after_half_an_hour_and_alarms_after_one(
    minutes: int,
    broken: bool,  # noqa: FBT001, a column of the table
    severity: str | None,
    subtype: str | None,
) -> None:
    finding = silence_of(STACK, Silence(EIGHT, EIGHT + timedelta(minutes=minutes)))
    assert finding.broken is broken
    assert not broken or (finding.severity, finding.subtype) == (severity, subtype)


def test_an_hourly_station_may_be_silent_for_two_hours() -> None:
    hourly = timedelta(hours=1)
    for minutes, broken in ((119, False), (120, True)):
        silence = Silence(EIGHT, EIGHT + timedelta(minutes=minutes), hourly)
        assert silence_of(STACK, silence).broken is broken


def test_the_same_silence_is_told_in_the_same_words() -> None:
    first = silence_of(STACK, Silence(EIGHT, EIGHT + timedelta(minutes=61)))
    again = silence_of(STACK, Silence(EIGHT, EIGHT + timedelta(minutes=89)))
    assert first == again
    assert first.sentence.zh == "1 号机组 自 2026-08-01 08:00 起无任何数据，已持续 60 分钟"
