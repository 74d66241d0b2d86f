"""Sizes of what the browser loads, gzipped, against the budgets of product.md 9."""

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def figures() -> list[tuple[str, float, str, str, bool]]:
    """Ask the front end's own size script; it builds first when there is no build."""
    npm = ROOT / ".venv" / "bin" / "npm"
    if not (ROOT / "frontend" / "dist").exists():
        subprocess.run([npm, "run", "build", "-w", "frontend"], cwd=ROOT, check=True)
    done = subprocess.run(
        [npm, "run", "--silent", "size", "-w", "frontend"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    rows = json.loads(done.stdout[done.stdout.index("[") :])
    return [
        (f"web.{row['route']}", row["gzKb"], "KB gz", f"<= {row['budgetKb']}", row["ok"])
        for row in rows
    ]
