"""What every function carries."""

import ast
import sys
from hashlib import sha256
from pathlib import Path

from infra import layer

ROOT = Path(__file__).parents[2]


def test_the_package_is_bundled_whole_and_once() -> None:
    place = layer.package()
    assert place == layer.package()
    copied = {path.relative_to(place / "python") for path in place.rglob("*.py")}
    source = {path.relative_to(ROOT / "shared") for path in (ROOT / "shared/plume").rglob("*.py")}
    assert copied == source
    assert (place / "python/plume/model/pollutants.csv").exists()
    assert not [*place.rglob("__pycache__")]


def test_what_the_local_libraries_become_is_named_by_the_lock() -> None:
    """Its name is the asset's hash: one name for every lock would keep the old libraries."""
    lock, maker = ROOT / "requirements/runtime.txt", ROOT / "infra/layer.py"
    made_of = b"".join(
        f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() for path in (lock, maker)
    )
    named = f"libraries-local-{sha256(made_of).hexdigest()[:16]}"
    assert layer.local_pointer().name == named


def test_every_import_of_a_function_comes_by_the_layer_or_the_runtime() -> None:
    locked = {line.split("==")[0] for line in layer.LOCK.read_text("utf-8").splitlines()}
    carried = {"plume", "chalicelib", "boto3", "botocore", "jwt", "cwt"} | {
        name.replace("-", "_") for name in locked
    }
    for path in (ROOT / "functions").rglob("*.py"):
        foreign = {name for name in imported(path) if name not in STANDARD}
        assert foreign <= carried, path


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    plain = {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    named = {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    return {name.split(".")[0] for name in plain | named}


STANDARD = sys.stdlib_module_names
