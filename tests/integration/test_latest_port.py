"""One suite, two worlds: the newest values."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from plume.aws.latest_table import LatestTable
from plume.memory.world import MemoryLatest
from plume.model.identity import FactorCode, OutletId
from plume.ports.latest import Heard, Latest, LatestValue
from tests.integration.given import EIGHT, HOUR, NOX, SO2
from tests.integration.worlds import aws, one_of

STACK, DRAIN = OutletId("stack"), OutletId("drain")


@pytest.fixture(params=["memory", "dynamodb"])
def latest(request: pytest.FixtureRequest) -> Iterator[Latest]:
    yield from one_of(request, MemoryLatest, lambda: LatestTable("latest"))


def value(
    text: str, *, at: datetime = EIGHT, factor: str = SO2, kind: str = "hour"
) -> LatestValue:
    return LatestValue(STACK, FactorCode(factor), kind, at, at, Decimal(text), None, "N")


def test_a_value_comes_back_digit_for_digit(latest: Latest) -> None:
    latest.put([value("40.20")])
    (back,) = latest.of(STACK)
    assert back == value("40.20")
    assert str(back.value) == "40.20"


def test_a_newer_value_replaces_and_an_older_one_does_not(latest: Latest) -> None:
    latest.put([value("1")])
    latest.put([value("2", at=EIGHT + HOUR)])
    latest.put([value("3", at=EIGHT)])
    assert [one.value for one in latest.of(STACK)] == [Decimal(2)]


def test_within_one_batch_too_the_newest_counts(latest: Latest) -> None:
    latest.put([value("2", at=EIGHT + HOUR), value("1")])
    assert [one.value for one in latest.of(STACK)] == [Decimal(2)]


def test_factors_and_kinds_stand_side_by_side_in_order(latest: Latest) -> None:
    latest.put([value("1"), value("2", factor=NOX), value("3", kind="rtd")])
    found = [(one.factor, one.kind) for one in latest.of(STACK)]
    assert found == [(NOX, "hour"), (SO2, "hour"), (SO2, "rtd")]
    assert list(latest.of(DRAIN)) == []


def test_an_outlet_is_heard_by_its_newest_news(latest: Latest) -> None:
    latest.hear(Heard(STACK, EIGHT, EIGHT + HOUR))
    latest.hear(Heard(STACK, EIGHT - HOUR, EIGHT + 2 * HOUR))
    latest.hear(Heard(STACK, EIGHT, EIGHT))
    found = latest.heard([STACK, DRAIN, STACK])
    assert found == {STACK: Heard(STACK, EIGHT, EIGHT + 2 * HOUR)}
    assert latest.heard([]) == {}


def test_the_delay_is_that_of_the_newest_data_however_late_older_ones_come(
    latest: Latest,
) -> None:
    """History that comes in beside live data is hours old, and says nothing of the way."""
    live, second = timedelta(seconds=1, milliseconds=250), timedelta(seconds=1)
    latest.hear(Heard(STACK, EIGHT - 9 * HOUR, EIGHT, 9 * HOUR))
    latest.hear(Heard(STACK, EIGHT, EIGHT + live, live))
    latest.hear(Heard(STACK, EIGHT - 8 * HOUR, EIGHT + 2 * second, 8 * HOUR))
    found = latest.heard([STACK])
    assert found == {STACK: Heard(STACK, EIGHT, EIGHT + 2 * second, live)}
    latest.hear(Heard(STACK, EIGHT + HOUR, EIGHT + HOUR - second, -second))
    assert latest.heard([STACK])[STACK].delay == -second


def test_a_deaf_heard_never_hides_the_values(latest: Latest) -> None:
    latest.hear(Heard(STACK, EIGHT, EIGHT))
    latest.put([value("1")])
    assert len(latest.of(STACK)) == 1


def test_invented_factors_without_end_push_out_one_another_and_no_real_one() -> None:
    with aws():
        latest = LatestTable("latest")
        for first in range(0, 2_000, 400):
            at = EIGHT + first * timedelta(seconds=1)
            invented = [
                value("1.25", at=at, factor=f"{number:04d}" + "污" * 56)
                for number in range(first, first + 400)
            ]
            latest.put([*invented, value("40.20", at=at)])
        found = latest.of(STACK)
    assert len(found) == 500
    assert SO2 in {one.factor for one in found}
