"""How long a unit of a Modbus line that gives no answer is left alone."""

from edge_greengrass.collector.sources.modbus import _Absence


def test_one_missed_answer_is_no_absence_and_the_pause_grows_to_five_minutes() -> None:
    absence, pauses = _Absence(), []
    for _ in range(8):
        absence.note(1_000.0)
        pauses.append(max(0.0, absence.until - 1_000.0))
    assert pauses == [0.0, 15.0, 30.0, 60.0, 120.0, 240.0, 300.0, 300.0]


def test_a_unit_that_was_taken_away_for_years_takes_nothing_with_it() -> None:
    """Asked every five minutes, it has missed a hundred thousand answers after a year."""
    absence = _Absence(missed=100_000)
    absence.note(1_000.0)
    assert absence.until == 1_300.0
