"""The gate counts what its runners say, and never takes silence for success."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local.gate import Count, Step, chosen, counted_in, once_more, outcomes_in, run, settled

JUNIT = """<testsuites>
<testsuite tests="5" failures="1" errors="1" skipped="1"/>
<testsuite tests="2" failures="0" errors="0"/>
</testsuites>"""


NAMED = """<testsuites><testsuite tests="4" failures="1" errors="1" skipped="1">
<testcase classname="tests.unit.test_a" name="holds"/>
<testcase classname="tests.unit.test_a" name="breaks"><failure message="1 != 2"/></testcase>
<testcase classname="tests.unit.test_b" name="trips"><error message="no disk"/></testcase>
<testcase classname="tests.unit.test_b" name="waits"><skipped message="later"/></testcase>
</testsuite></testsuites>"""


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_a_report_is_counted_over_all_its_suites(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(JUNIT)
    assert counted_in(report) == Count(passed=4, failed=2, skipped=1)


def test_a_report_tells_which_tests_held(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(NAMED)
    assert outcomes_in(report) == {
        "tests.unit.test_a::holds": True,
        "tests.unit.test_a::breaks": False,
        "tests.unit.test_b::trips": False,
    }
    assert outcomes_in(tmp_path / "none.xml") == {}


def test_a_runner_that_ends_badly_without_a_report_is_a_failure(tmp_path: Path) -> None:
    assert run(Step("broken", python("raise SystemExit(3)"), tmp_path / "none.xml")).failed == 1


def test_a_runner_that_ran_nothing_is_a_failure(tmp_path: Path) -> None:
    assert run(Step("empty", python(""), tmp_path / "none.xml")).failed == 1


def test_a_check_counts_as_one() -> None:
    assert run(Step("good", python(""))) == Count(passed=1)
    assert run(Step("bad", python("raise SystemExit(1)"))) == Count(failed=1)


STORY = """
from pathlib import Path

def test_holds():
    pass

def test_holds_at_the_second_try():
    been = Path(__file__).with_name("been")
    first = not been.exists()
    been.touch()
    assert not first

def test_never_holds():
    assert Path(__file__).name == ""
"""


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Step:
    """Three tests under a root of their own, run as the gate runs the platform's stories."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_story.py").write_text(STORY)
    monkeypatch.setattr("infra.local.gate.ROOT", tmp_path)
    monkeypatch.setattr("infra.local.gate.REPORTS", tmp_path)
    report = tmp_path / "story.xml"
    command = (sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", "tests")
    return Step("story", command, report, twice=True)


def test_a_story_that_holds_at_the_second_try_passes_and_is_named(story: Step) -> None:
    count, told = settled(story)
    assert count == Count(passed=2, failed=1)
    assert told == [
        "unsteady: story: tests.test_story::test_holds_at_the_second_try",
        "failed: story: tests.test_story::test_never_holds",
    ]


def test_no_other_step_has_a_second_try(story: Step) -> None:
    count, told = settled(replace(story, twice=False))
    assert (count.failed, [line.partition(":")[0] for line in told]) == (2, ["failed"] * 2)
    assert [step.name for step in chosen([]) if step.twice] == ["platform"]


def test_a_second_try_that_ran_nothing_saves_nothing() -> None:
    assert run(once_more("story", ["tests.test_gone::test_gone"])).failed == 1


def test_a_step_is_chosen_by_its_name() -> None:
    assert [step.name for step in chosen(["style", "layout"])] == ["style", "layout"]
    with pytest.raises(SystemExit, match="no such step: stile; there are: layout, style"):
        chosen(["stile"])
