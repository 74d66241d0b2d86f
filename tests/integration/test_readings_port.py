"""One suite, two worlds: whatever keeps readings keeps the same promises."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from botocore.endpoint import Endpoint

from plume.aws.readings_table import ReadingsTable
from plume.memory.world import MemoryReadings
from plume.model.identity import OutletId
from plume.model.reading import Origin, Reading, Span
from plume.ports.readings import Readings, Rewritten
from plume.usecases.compute_readings import keep_computed
from tests.integration.given import EIGHT, HOUR, NOX, reading
from tests.integration.worlds import aws, one_of

STACK = OutletId("stack")


@pytest.fixture(params=["memory", "dynamodb"])
def readings(request: pytest.FixtureRequest) -> Iterator[Readings]:
    yield from one_of(request, MemoryReadings, lambda: ReadingsTable("readings"))


def hours(readings: Readings, count: int = 1) -> list[Reading]:
    return list(readings.of(STACK, Span.HOUR, EIGHT, EIGHT + count * HOUR))


def test_a_reading_comes_back_digit_for_digit(readings: Readings) -> None:
    readings.add([reading("30.10")])
    (back,) = hours(readings)
    assert back == reading("30.10")
    assert str(back.mean) == "30.10"


def test_the_same_value_again_changes_nothing(readings: Readings) -> None:
    readings.add([reading()])
    assert list(readings.add([replace(reading(), known_at=EIGHT + 3 * HOUR, sequence=9)])) == []
    assert hours(readings) == [reading()]


def test_a_different_value_becomes_the_next_version_and_is_told(readings: Readings) -> None:
    readings.add([reading("30")])
    (told,) = readings.add([replace(reading("31"), known_at=EIGHT + 2 * HOUR)])
    assert isinstance(told, Rewritten)
    assert (told.before.mean, told.before.version) == (Decimal(30), 1)
    assert (told.after.mean, told.after.version) == (Decimal(31), 2)
    assert [(one.mean, one.version) for one in hours(readings)] == [(Decimal(31), 2)]


def test_what_was_known_before_a_rewriting_can_still_be_asked(readings: Readings) -> None:
    readings.add([reading("30")])
    readings.add([replace(reading("31"), known_at=EIGHT + 3 * HOUR)])
    until = EIGHT + HOUR
    then = readings.of(STACK, Span.HOUR, EIGHT, until, as_known_at=EIGHT + 2 * HOUR)
    assert [one.mean for one in then] == [Decimal(30)]
    assert not readings.of(STACK, Span.HOUR, EIGHT, until, as_known_at=EIGHT)


def test_two_words_on_one_interval_in_one_batch_are_two_versions(readings: Readings) -> None:
    (told,) = readings.add([reading("30"), reading("31")])
    assert (told.before.version, told.after.version) == (1, 2)


def test_readings_come_by_start_factor_and_source_within_the_half_open_range(
    readings: Readings,
) -> None:
    computed = replace(reading("29"), source=Origin.COMPUTED)
    late = reading("32", start=EIGHT + HOUR)
    after = reading("33", start=EIGHT + 2 * HOUR)
    readings.add([after, late, reading("30"), reading("5", factor=NOX), computed])
    found = hours(readings, 2)
    assert [(o.start, o.factor, o.source) for o in found] == sorted(
        (o.start, o.factor, o.source) for o in found
    )
    assert len(found) == 4


def test_spans_and_outlets_do_not_mix(readings: Readings) -> None:
    readings.add([reading(), replace(reading(), span=Span.DAY)])
    assert len(hours(readings)) == 1
    assert not readings.of(OutletId("other"), Span.HOUR, EIGHT, EIGHT + HOUR)


def test_a_batch_of_hundreds_is_kept_whole(readings: Readings) -> None:
    batch = [reading(str(i), start=EIGHT + i * timedelta(hours=1)) for i in range(230)]
    readings.add(batch)
    assert hours(readings, 230) == batch
    assert list(readings.add(batch)) == []


def test_what_was_kept_a_moment_ago_is_always_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an hour is missing for whoever judges it at once, and its alarm with it."""
    asked: list[dict[str, Any]] = []
    send = Endpoint.make_request

    def noted(self: Endpoint, operation: Any, request: dict[str, Any]) -> Any:
        asked.append(json.loads(request["body"]))
        return send(self, operation, request)

    with aws():
        table = ReadingsTable("readings")
        table.add([reading("30")])
        monkeypatch.setattr(Endpoint, "make_request", noted)
        assert hours(table, 1) == [reading("30")]
        assert table.of(STACK, Span.HOUR, EIGHT, EIGHT + HOUR, as_known_at=EIGHT) == []
    assert [one.get("ConsistentRead") for one in asked] == [True, True]


def test_computed_values_are_kept_beside_what_was_read_as_a_new_look_shows_them(
    readings: Readings,
) -> None:
    """Unchanged, rewritten, new, and one that somebody kept after the look: each as it stands."""
    ours = replace(reading("29"), source=Origin.COMPUTED)
    nitrogen = replace(reading("5", factor=NOX), source=Origin.COMPUTED)
    readings.add([reading("30"), ours, nitrogen])
    read = hours(readings, 2)
    late = EIGHT + 3 * HOUR
    meanwhile = replace(reading("8", start=EIGHT + HOUR), source=Origin.COMPUTED)
    readings.add([meanwhile])
    computed = [
        replace(ours, known_at=late),
        replace(nitrogen, mean=Decimal(6), known_at=late),
        replace(meanwhile, mean=Decimal(7), known_at=late),
    ]
    told = keep_computed(computed, read, readings)
    assert told == hours(readings, 2)
    assert [(one.mean, one.version) for one in told] == [
        (Decimal(6), 2),
        (Decimal(29), 1),
        (Decimal(30), 1),
        (Decimal(7), 2),
    ]
