"""The gate counts what its runners say, and never takes silence for success."""

import sys
from pathlib import Path

from infra.local.gate import Count, Step, counted_in, failed_in, run

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


def test_a_report_names_what_failed(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(NAMED)
    assert failed_in(report) == ["tests.unit.test_a::breaks", "tests.unit.test_b::trips"]
    assert failed_in(tmp_path / "none.xml") == []


def test_a_runner_that_ends_badly_without_a_report_is_a_failure(tmp_path: Path) -> None:
    assert run(Step("broken", python("raise SystemExit(3)"), tmp_path / "none.xml")).failed == 1


def test_a_runner_that_ran_nothing_is_a_failure(tmp_path: Path) -> None:
    assert run(Step("empty", python(""), tmp_path / "none.xml")).failed == 1


def test_a_check_counts_as_one() -> None:
    assert run(Step("good", python(""))) == Count(passed=1)
    assert run(Step("bad", python("raise SystemExit(1)"))) == Count(failed=1)
