"""`make test`: every check in order, cheapest first; then what failed, and one line that counts.

All steps run even when one fails, so that one run tells everything. Style, types and contracts
count as one test each.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    """One command; `report` is its JUnit file, None when the exit status is all it says."""

    name: str
    command: tuple[str, ...]
    report: Path | None = None


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
    yield Step("import contracts", (str(BIN / "lint-imports"),))
    yield Step("types of the page", (npm, "run", "--silent", "check", "-w", "frontend"))
    yield _pytest("python", SIDE_BY_SIDE, "unit contract component integration infra")
    yield _pytest("faults", SIDE_BY_SIDE, "faults/without_line faults")
    yield _vitest(npm)
    yield _pytest("platform", (), "e2e")


def _pytest(name: str, options: Sequence[str], folders: str) -> Step:
    report = REPORTS / f"{name}.xml"
    tests = [f"tests/{folder}" for folder in folders.split()]
    return Step(name, (PYTEST, "-q", f"--junitxml={report}", *options, *tests), report)


def _vitest(npm: str) -> Step:
    report = REPORTS / "web.xml"
    reporters = ("--reporter=dot", "--reporter=junit", f"--outputFile.junit={report}")
    return Step(
        "page", (npm, "run", "--silent", "test", "-w", "frontend", "--", *reporters), report
    )


def run(step: Step) -> Count:
    """Run one step; a runner that fails without saying what counts as one failure."""
    print(f"== {step.name}", flush=True)
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


def failed_in(report: Path) -> list[str]:
    """Name the tests of a JUnit file that failed; none when there is no file."""
    if not report.exists():
        return []
    cases = ET.parse(report).iter("testcase")  # noqa: S314, our own runners wrote it
    return [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]


def main() -> int:
    """Run the steps; give the exit status."""
    total = Count()
    blamed: list[str] = []
    for step in steps():
        counted = run(step)
        total = total.plus(counted)
        if counted.failed:
            named = failed_in(step.report) if step.report else []
            blamed += [f"failed: {step.name}: {test}" for test in named or ["see above"]]
    print("\n".join(blamed), flush=True)
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
    return int(total.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
