"""The house style, measured (style.md 4 and 11)."""

import ast
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FOLDERS = ("shared/plume", "functions", "edge_greengrass", "infra")
FORBIDDEN = {
    "utils",
    "helpers",
    "common",
    "misc",
    "base",
    "core",
    "manager",
    "service",
    "constants",
    "types",
}


def sources() -> list[Path]:
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if not {"node_modules", "build"} & set(path.parts)]


def body_lengths(path: Path) -> list[int]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    functions = [n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [body_length(function) for function in functions]


def body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    skipped = 1 if ast.get_docstring(function) and len(function.body) > 1 else 0
    return (function.end_lineno or 0) - function.body[skipped].lineno + 1


@pytest.mark.parametrize("folder", FOLDERS)
def test_function_bodies_stay_short(folder: str) -> None:
    sizes = sorted(
        size
        for path in sources()
        if path.is_relative_to(ROOT / folder)
        for size in body_lengths(path)
    )
    assert sizes, f"no functions under {folder}"
    assert statistics.median(sizes) <= 8
    assert sizes[int(0.9 * len(sizes))] <= 22
    assert sizes[-1] <= 40


def test_no_module_is_a_bag() -> None:
    names = {
        part.removesuffix(".py") for path in sources() for part in path.relative_to(ROOT).parts
    }
    assert not names & FORBIDDEN


def test_the_model_measures_in_decimals() -> None:
    allowed = {"telemetry.py", "outlet.py"}  # columns of telemetry; degrees on a map
    for path in (ROOT / "shared/plume/model").glob("*.py"):
        names = {
            n.id for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Name)
        }
        assert path.name in allowed or "float" not in names, f"{path.name} measures in floats"


def test_no_committed_file_names_a_registry() -> None:
    hosts = ("pypi" + ".org", "registry.npmjs" + ".org", "deb.debian" + ".org")
    locks = [*ROOT.glob("requirements/*.txt"), *ROOT.glob("package*.json"), *ROOT.glob(".npmrc")]
    assert locks
    for path in locks:
        assert not [host for host in hosts if host in path.read_text("utf-8")], path.name
