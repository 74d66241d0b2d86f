"""What a stolen device may sign is refused for what it is, and costs its neighbours nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def besieged(*arguments: str) -> tuple[int, list[dict[str, object]]]:
    """Run the siege in a process of capped memory; give its status and what it told."""
    done = subprocess.run(  # noqa: S603, our own
        [sys.executable, "-m", "tests.faults.hostile_segments", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_every_lie_is_refused_within_its_memory_and_the_honest_are_heard() -> None:
    status, told = besieged()
    assert status == 0
    *attacks, honest = told
    assert len(attacks) == 23
    assert [one for one in attacks if not one["refused"]] == []
    assert honest == {"attack": "none", "refused": False, "reason": ""}


def test_an_ingest_that_believes_every_claim_is_caught() -> None:
    status, told = besieged("--broken")
    assert status != 0 or any(not one["refused"] for one in told[:-1])
