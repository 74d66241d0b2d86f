"""Print every figure of `make bench`, one line each: `name value unit goal ok|short`.

Each `bench_*.py` beside this file owns some figures and gives them by `figures()`; each runs in
an interpreter of its own, so that none warms another's caches, and after what others wrote has
reached the disk, so that none waits for it. The lines are also written to
`.plume/bench.json`. A figure that falls short is reported, never hidden, and fails nothing: a
timing is not a test.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MINUTES_PER_BENCH = 15
ASK = (
    "import json,runpy,sys; print('FIGURES'+json.dumps(runpy.run_path(sys.argv[1])['figures']()))"
)


class Figure(NamedTuple):
    """One measured number and what it is held against."""

    name: str
    value: float
    unit: str
    goal: str
    ok: bool

    def line(self) -> str:
        """Show the figure on one line."""
        verdict = "ok" if self.ok else "short"
        return f"{self.name:<44} {self.value:>14,.4g} {self.unit:<14} {self.goal:<14} {verdict}"


def measured(script: Path) -> list[Figure]:
    """Run one bench and give its figures; a bench that breaks is a broken build, so it raises."""
    os.sync()
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(script)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60 * MINUTES_PER_BENCH,
    )
    (answer,) = (line for line in done.stdout.splitlines() if line.startswith("FIGURES"))
    return [Figure(*row) for row in json.loads(answer.removeprefix("FIGURES"))]


def main(wanted: list[str]) -> None:
    """Measure the benches whose names contain one of the wanted words; all without any."""
    every = []
    for script in sorted(HERE.glob("bench_*.py")):
        if wanted and not any(word in script.stem for word in wanted):
            continue
        for figure in measured(script):
            print(figure.line(), flush=True)
            every.append(figure)
    out = ROOT / ".plume" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    at = datetime.now(tz=UTC).isoformat(timespec="seconds")
    figures = [figure._asdict() for figure in every]
    out.write_text(json.dumps({"at": at, "figures": figures}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
