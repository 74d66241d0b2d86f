"""JSON of the queues: what one function writes, the other reads."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from plume.model.belated import Belated
from plume.model.segment import Acknowledgement
from plume.model.window import Cause, WindowTouched
from plume.rules.limits import judge_limits
from plume.wire.messages import (
    BadMessage,
    ack_json,
    ack_of,
    belated_json,
    belated_of,
    finding_json,
    finding_of,
    window_json,
    window_of,
)
from tests.given import EIGHT, HOUR, SO2_LIMIT, STACK, reading

FINDING = judge_limits(
    reading("456.0", converted=Decimal("547.20")),
    [SO2_LIMIT],
    outlet=STACK.name,
    factor=STACK.name,
)


def test_a_window_survives_the_queue() -> None:
    window = WindowTouched(STACK.id, EIGHT, EIGHT + HOUR, Cause.READINGS)
    assert window_of(window_json(window)) == window
    assert json.loads(window_json(window)) == {
        "outlet": "stack-1",
        "start": "2026-08-01T00:00:00+00:00",
        "end": "2026-08-01T01:00:00+00:00",
        "cause": "readings",
    }


def test_what_is_belated_survives_the_queue() -> None:
    due = Belated(STACK.id, EIGHT + HOUR, EIGHT, EIGHT + 2 * HOUR)
    assert belated_of(belated_json(due)) == due
    for text in ("{}", "[]", belated_json(due).replace("+00:00", "")):
        with pytest.raises(BadMessage):
            belated_of(text)


def test_a_finding_keeps_its_digits() -> None:
    assert FINDING is not None
    assert finding_of(finding_json(FINDING)) == FINDING
    assert json.loads(finding_json(FINDING))["value"] == "547.20"
    bare = replace(FINDING, value=None, limit=None, broken=False)
    assert finding_of(finding_json(bare)) == bare


def test_an_acknowledgement_is_one_number() -> None:
    told = Acknowledgement(1_785_000_000_001)
    assert ack_json(told) == b'{"sequence":1785000000001}'
    assert ack_of(ack_json(told)) == told


def test_an_acknowledgement_names_what_came_before_its_turn() -> None:
    told = Acknowledgement(7, ((9, 9), (12, 20)))
    assert ack_json(told) == b'{"sequence":7,"above":[[9,9],[12,20]]}'
    assert ack_of(ack_json(told)) == told
    stored = [number for number in range(30) if told.covers(number)]
    assert stored == [*range(8), 9, *range(12, 21)]


@pytest.mark.parametrize("above", ["7", "[7]", "[[1]]", "[[1,2,3]]", '[["1",2]]', "[[-1,2]]"])
def test_ranges_above_are_pairs_of_whole_numbers(above: str) -> None:
    with pytest.raises(BadMessage):
        ack_of(f'{{"sequence":1,"above":{above}}}'.encode())


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", "{}", '{"outlet":"x","start":"2026-08-01","end":1,"cause":"y"}']
)
def test_anything_else_is_no_message(text: str) -> None:
    for read in (window_of, finding_of, lambda said: ack_of(said.encode())):
        with pytest.raises(BadMessage):
            read(text)


@pytest.mark.parametrize("sequence", ["-1", "1.5", "true", '"7"', "null"])
def test_an_acknowledgement_needs_a_whole_number(sequence: str) -> None:
    with pytest.raises(BadMessage):
        ack_of(f'{{"sequence":{sequence}}}'.encode())


def test_a_time_without_an_offset_is_refused() -> None:
    whole = window_json(WindowTouched(STACK.id, EIGHT, EIGHT + HOUR, Cause.READINGS))
    naive = whole.replace("+00:00", "")
    with pytest.raises(BadMessage):
        window_of(naive)
