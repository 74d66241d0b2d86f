"""How an alarm moves, and how findings open, extend, correct and clear it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from plume.flows.alarm import (
    MOVES,
    AlarmCommand,
    NoSuchMove,
    Place,
    commands_of,
    fold,
    move,
    settled,
)
from plume.model.alarm import Alarm, Condition, Handling, Transition
from plume.model.finding import AlarmType, Finding, RuleVersion, Sentence, Severity, Source
from tests.given import EIGHT, HOUR, NOW, STACK

PLACE = Place(STACK.enterprise, STACK.region)


def said(hour: int, value: str | None, *, known: int = 0) -> Finding:
    """The hour so many hours after eight: a value over 35, or None when the rule held."""
    start = EIGHT + hour * HOUR
    number = Decimal(value) if value else Decimal(10)
    return Finding(
        rule=RuleVersion("G-06", 1), outlet=STACK.id, factor="a21026", type=AlarmType.EXCEED,
        subtype="hour", severity=Severity.L1 if number > 70 else Severity.L2,
        start=start, end=start + HOUR, broken=value is not None,
        known_at=start + HOUR + timedelta(minutes=known), value=number, limit=Decimal(35),
        unit="mg/m3", sentence=Sentence(f"值 {value}", f"value {value}"),
    )  # fmt: skip


def folded(*findings: Finding) -> list[Alarm]:
    """Fold findings one after the other; episodes by their first window."""
    alarms: dict[str, Alarm] = {}
    for finding in findings:
        changed = fold(list(alarms.values()), finding, place=PLACE, now=NOW)
        if changed is not None:
            before = alarms.get(changed.id)
            assert changed.version == (before.version if before else 0) + 1
            alarms[changed.id] = changed
    active = [alarm for alarm in alarms.values() if alarm.condition is Condition.ACTIVE]
    assert len(active) <= 1
    return sorted(alarms.values(), key=lambda alarm: alarm.first_at)


@pytest.mark.parametrize("state", list(Handling))
@pytest.mark.parametrize("command", list(AlarmCommand))
def test_every_state_meets_every_command(state: Handling, command: AlarmCommand) -> None:
    expected = {
        (Handling.AWAITING_RESPONSE, AlarmCommand.ACKNOWLEDGE): Handling.RESPONDED,
        (Handling.AWAITING_RESPONSE, AlarmCommand.RESOLVE): Handling.RESPONDED,
        (Handling.RESPONDED, AlarmCommand.RESOLVE): Handling.RESPONDED,
    }
    assert expected == MOVES
    if (state, command) in expected:
        assert move(state, command.value) is expected[state, command]
        assert command in commands_of(state)
    else:
        with pytest.raises(NoSuchMove):
            move(state, command.value)
        assert command not in commands_of(state)


def test_an_unknown_command_is_no_move() -> None:
    with pytest.raises(NoSuchMove):
        move(Handling.AWAITING_RESPONSE, "delete")


def test_a_broken_window_opens_and_a_holding_one_clears_in_event_time() -> None:
    (alarm,) = folded(said(0, "100"), said(1, "50"), said(2, None))
    assert (alarm.first_at, alarm.last_at) == (EIGHT, EIGHT + 2 * HOUR)
    assert (alarm.condition, alarm.cleared_at) == (Condition.CLEARED, EIGHT + 2 * HOUR)
    assert (alarm.count, alarm.value, alarm.severity) == (2, 100, Severity.L1)
    assert alarm.sentence.zh == "值 100"


def test_a_holding_window_opens_nothing() -> None:
    assert folded(said(0, None)) == []


def test_the_same_finding_twice_changes_nothing() -> None:
    (once,) = folded(said(0, "100"))
    assert folded(said(0, "100"), said(0, "100")) == [once]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_every_window_counts_once_in_whatever_order_they_are_told(order: tuple[int, ...]) -> None:
    told = [said(0, "40"), said(1, "90"), said(2, "50"), said(0, "40")]
    alarms = folded(*(told[place] for place in order))
    windows = [window for alarm in alarms for window in alarm.windows]
    assert windows == [EIGHT, EIGHT + HOUR, EIGHT + 2 * HOUR]
    assert sum(alarm.count for alarm in alarms) == 3
    assert alarms[-1].condition is Condition.ACTIVE


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (1, 2, 0), (2, 1, 0)])
def test_a_run_told_edge_to_edge_is_one_episode(order: tuple[int, ...]) -> None:
    told = [said(0, "40"), said(1, "90"), said(2, "50")]
    (alarm,) = folded(*(told[place] for place in order))
    assert (alarm.first_at, alarm.last_at, alarm.count) == (EIGHT, EIGHT + 3 * HOUR, 3)
    assert (alarm.value, alarm.condition) == (90, Condition.ACTIVE)


def test_a_late_window_extends_a_cleared_episode_without_opening_it() -> None:
    (alarm,) = folded(said(0, "40"), said(2, None), said(1, "50"))
    assert (alarm.condition, alarm.count) == (Condition.CLEARED, 2)
    assert (alarm.last_at, alarm.cleared_at) == (EIGHT + 2 * HOUR, EIGHT + 2 * HOUR)


def test_the_earliest_holding_window_is_when_it_cleared() -> None:
    (alarm,) = folded(said(0, "40"), said(3, None), said(1, None))
    assert alarm.cleared_at == EIGHT + HOUR


def test_after_it_cleared_a_new_run_is_a_new_alarm() -> None:
    first, second = folded(said(0, "40"), said(1, None), said(2, "50"))
    assert (first.condition, second.condition) == (Condition.CLEARED, Condition.ACTIVE)
    assert first.id != second.id


def test_a_gap_without_findings_does_not_end_an_episode() -> None:
    (alarm,) = folded(said(0, "40"), said(5, "50"))
    assert (alarm.count, alarm.last_at) == (2, EIGHT + 6 * HOUR)


def test_a_late_isolated_window_before_an_open_episode_is_over_already() -> None:
    late, open_one = folded(said(5, "50"), said(0, "40"))
    assert (late.condition, late.cleared_at) == (Condition.CLEARED, EIGHT + HOUR)
    assert open_one.condition is Condition.ACTIVE


def test_a_late_window_between_two_episodes_joins_the_earlier_one() -> None:
    first, second = folded(said(0, "40"), said(1, None), said(2, "50"), said(1, "45", known=9))
    assert (first.count, second.count) == (2, 1)
    assert (first.condition, first.cleared_at) == (Condition.CLEARED, EIGHT + 2 * HOUR)
    assert second.condition is Condition.ACTIVE


def test_a_corrected_window_leaves_the_episode_and_its_value_with_it() -> None:
    (alarm,) = folded(said(0, "40"), said(1, "100"), said(2, "50"), said(1, None, known=9))
    assert (alarm.count, alarm.value, alarm.severity) == (2, 50, Severity.L2)
    assert alarm.windows == (EIGHT, EIGHT + 2 * HOUR)
    assert alarm.condition is Condition.ACTIVE


def test_the_last_window_corrected_clears_from_there_on() -> None:
    (alarm,) = folded(said(0, "40"), said(1, "100"), said(1, None, known=9))
    assert (alarm.condition, alarm.cleared_at) == (Condition.CLEARED, EIGHT + HOUR)
    assert alarm.last_at == EIGHT + HOUR


def test_an_alarm_whose_only_window_was_corrected_is_withdrawn_and_kept() -> None:
    (alarm,) = folded(said(0, "40"), said(0, None, known=9))
    assert (alarm.condition, alarm.count, alarm.windows) == (Condition.CLEARED, 0, ())


def test_an_older_word_that_comes_late_does_not_undo_the_correction() -> None:
    (alarm,) = folded(said(0, "40"), said(0, None, known=9), said(0, "40"))
    assert alarm.count == 0
    (again,) = folded(said(0, "40"), said(0, None, known=9), said(0, "60", known=12))
    assert (again.count, again.condition, again.value) == (1, Condition.ACTIVE, 60)


def test_what_a_person_did_outlives_every_finding() -> None:
    (alarm,) = folded(said(0, "40"))
    handled = replace(alarm, handling=Handling.RESPONDED)
    changed = fold([handled], said(1, "50"), place=PLACE, now=NOW)
    assert changed is not None
    assert changed.handling is Handling.RESPONDED


def test_a_long_episode_counts_more_than_it_remembers() -> None:
    told = [said(0, "900"), *(said(hour, "50") for hour in range(1, 1_010))]
    (alarm,) = folded(*told)
    assert (alarm.count, alarm.value, alarm.first_at) == (1_010, 900, EIGHT)
    assert len(alarm.judged) <= 1_001


@pytest.mark.parametrize(
    ("order", "source"),
    [((0, 1), Source.EDGE), ((1, 0), Source.CLOUD)],
    ids=["edge first", "last"],
)
def test_what_the_edge_and_the_platform_say_of_one_hour_is_one_alarm(
    order: tuple[int, ...], source: Source
) -> None:
    """The platform hears the hour an hour after the edge has judged it."""
    told = [replace(said(8, "40"), source=Source.EDGE), said(8, "40", known=1)]
    (one,) = folded(*(told[place] for place in order))
    assert (one.count, one.source) == (1, source)


RESOLVED_AT = EIGHT + timedelta(minutes=40)


def resolved(alarm: Alarm) -> Alarm:
    """A person says, in the midst of the hour, that the cause is gone."""
    step = Transition(
        RESOLVED_AT, "王", "city_centre", "resolve", alarm.handling, Handling.RESPONDED, "已核实"
    )
    done = replace(alarm, handling=Handling.RESPONDED, history=(*alarm.history, step))
    return settled(done, RESOLVED_AT)


def test_what_was_known_when_a_person_cleared_it_does_not_open_it_again() -> None:
    (alarm,) = folded(said(0, "40"))
    cleared = resolved(alarm)
    assert (cleared.condition, cleared.cleared_at) == (Condition.CLEARED, RESOLVED_AT)
    assert fold([cleared], said(0, "40"), place=PLACE, now=NOW) is None


@pytest.mark.parametrize("hour", [0, 1])
def test_new_evidence_opens_what_a_person_cleared_and_asks_for_a_response(hour: int) -> None:
    """In the same hour, or the next."""
    (alarm,) = folded(said(0, "40"))
    again = fold([resolved(alarm)], said(hour, "60", known=5), place=PLACE, now=NOW)
    assert again is not None
    assert (again.id, again.condition) == (alarm.id, Condition.ACTIVE)
    assert (again.handling, again.cleared_at) == (Handling.AWAITING_RESPONSE, None)


def test_evidence_of_much_later_is_an_alarm_of_its_own() -> None:
    (alarm,) = folded(said(0, "40"))
    cleared = resolved(alarm)
    new = fold([cleared], said(9, "60"), place=PLACE, now=NOW)
    assert new is not None
    assert (new.id != alarm.id, new.condition, new.version) == (True, Condition.ACTIVE, 1)


def test_an_alarm_that_data_open_again_stays_with_whoever_responded() -> None:
    (alarm,) = folded(said(0, "40"), said(1, None))
    handled = replace(alarm, handling=Handling.RESPONDED)
    again = fold([handled], said(1, "60", known=5), place=PLACE, now=NOW)
    assert again is not None
    assert (again.condition, again.handling) == (Condition.ACTIVE, Handling.RESPONDED)
