"""`make test`: every check in order, cheapest first; then what failed, and one line that counts.

All steps run even when one fails, so that one run tells everything. Style, types and contracts
count as one test each. `python -m infra.local.gate NAME ...` runs the steps of these names.

A story of the whole platform that fails is told once more, alone and on a platform of its own:
twenty programs and a browser share two cores, and a story has a clock. One that holds then passes,
and is named as unsteady in the last lines, to be mended. No other test has a second try.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree as ET

from infra.local.settings import ROOT

REPORTS = ROOT / "build" / "reports"
BIN = ROOT / ".venv" / "bin"
PYTEST = str(BIN / "pytest")
SIDE_BY_SIDE = ("-n", "2", "--dist", "loadfile")
"""Two files of tests at a time: fault tests mostly wait, the others mostly compute."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command; `report` is its JUnit file, None when the exit status is all it says.

    `twice`: tests of pytest that failed are run once more, alone.
    """

    name: str
    command: tuple[str, ...]
    report: Path | None = None
    twice: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many tests passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def plus(self, other: "Count") -> "Count":
        """Add two counts."""
        return Count(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )


def steps() -> Iterator[Step]:
    """Give the steps, cheapest first."""
    npm = str(BIN / "npm")
    yield Step("layout", (str(BIN / "ruff"), "format", "--check", "."))
    yield Step("style", (str(BIN / "ruff"), "check", "."))
    yield Step("types", (str(BIN / "mypy"),))
    yield Step("contracts", (str(BIN / "lint-imports"),))
    yield Step("page types", (npm, "run", "--silent", "check", "-w", "frontend"))
    yield _pytest("python", SIDE_BY_SIDE, "unit contract component integration infra")
    yield _pytest("faults", SIDE_BY_SIDE, "faults/without_line faults")
    yield _vitest(npm)
    yield replace(_pytest("platform", (), "e2e"), twice=True)


def _pytest(name: str, options: Sequence[str], folders: str) -> Step:
    report = REPORTS / f"{name}.xml"
    tests = [f"tests/{folder}" for folder in folders.split()]
    return Step(name, (PYTEST, "-q", f"--junitxml={report}", *options, *tests), report)


def once_more(name: str, failed: Sequence[str]) -> Step:
    """Give the step that runs only these tests, as `outcomes_in` names them."""
    report = REPORTS / f"{name} once more.xml"
    parted = [test.partition("::") for test in failed]
    tests = [f"{module.replace('.', '/')}.py::{name}" for module, _, name in parted]
    return Step(f"{name} once more", (PYTEST, "-q", f"--junitxml={report}", *tests), report)


def _vitest(npm: str) -> Step:
    report = REPORTS / "web.xml"
    reporters = ("--reporter=dot", "--reporter=junit", f"--outputFile.junit={report}")
    return Step(
        "page", (npm, "run", "--silent", "test", "-w", "frontend", "--", *reporters), report
    )


def chosen(names: Sequence[str]) -> list[Step]:
    """Give the steps of these names, all when none is given; ends the program for another name."""
    known = {step.name: step for step in steps()}
    strangers = [name for name in names if name not in known]
    if strangers:
        sys.exit(f"no such step: {', '.join(strangers)}; there are: {', '.join(known)}")
    return [known[name] for name in names or known]


def run(step: Step) -> Count:
    """Run one step; a runner that fails without saying what counts as one failure."""
    print(f"== {step.name}", flush=True)
    if step.report:
        step.report.unlink(missing_ok=True)
    began = time.monotonic()
    status = subprocess.run(step.command, cwd=ROOT, check=False).returncode
    print(f"== {step.name}: {time.monotonic() - began:.0f} s, status {status}", flush=True)
    counted = counted_in(step.report) if step.report else Count(passed=int(status == 0))
    silent = status != 0 and counted.failed == 0
    empty = step.report is not None and counted.passed == 0
    return counted.plus(Count(failed=1)) if silent or (empty and not counted.failed) else counted


def counted_in(report: Path) -> Count:
    """Read a JUnit file; none at all is nothing passed."""
    if not report.exists():
        return Count()
    total = Count()
    for suite in ET.parse(report).iter("testsuite"):  # noqa: S314, our own runners wrote it
        tests, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        total = total.plus(Count(tests - failed - skipped, failed, skipped))
    return total


def outcomes_in(report: Path | None) -> dict[str, bool]:
    """Tell of each test of a JUnit file whether it held; skipped ones are left out."""
    if report is None or not report.exists():
        return {}
    return {
        f"{case.get('classname')}::{case.get('name')}": all(
            case.find(trouble) is None for trouble in ("failure", "error")
        )
        for case in ET.parse(report).iter("testcase")  # noqa: S314, our own runners wrote it
        if case.find("skipped") is None
    }


def settled(step: Step) -> tuple[Count, list[str]]:
    """Run a step; give its count, and a line for each test that failed or is unsteady."""
    counted = run(step)
    if not counted.failed:
        return counted, []
    failed = [test for test, held in outcomes_in(step.report).items() if not held]
    if not step.twice or not failed:
        return counted, [f"failed: {step.name}: {test}" for test in failed or ["see above"]]
    again = once_more(step.name, failed)
    run(again)
    held = {test for test, held in outcomes_in(again.report).items() if held}
    words = ("unsteady" if test in held else "failed" for test in failed)
    counted = counted.plus(Count(passed=len(held), failed=-len(held)))
    return counted, [
        f"{word}: {step.name}: {test}" for word, test in zip(words, failed, strict=True)
    ]


def main(names: Sequence[str]) -> int:
    """Run the steps of these names, or all; give the exit status."""
    total = Count()
    told: list[str] = []
    for step in chosen(names):
        counted, lines = settled(step)
        total = total.plus(counted)
        told += lines
    print("\n".join(told), flush=True)
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
    return int(total.failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
