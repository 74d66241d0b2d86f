"""Make a component's artifact: one zip of its code, the package `plume`, and its libraries.

`python -m edge_greengrass.bundle COMPONENT OUT [--platform P] [--python V] [--bare]` needs no
Docker: uv fetches the wheels of the device's platform. The same input gives the same bytes, so
that a version can be told by its content. `--bare` leaves the libraries out, for a device whose
Python has them.
"""

import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ROOT = Path(__file__).resolve().parents[1]
COMPONENTS = ("camera", "collector", "sentinel", "uplink")
LIBRARIES = ROOT / "requirements" / "edge.txt"
SHARED_MODULES = (
    "__init__.py", "credentials.py", "ending.py", "home.py", "journal.py", "object_store.py",
    "outward.py", "private_key.py", "settings.py", "site_laws.py",
)  # fmt: skip
_PICTURES = ("av", "PIL", "pillow")
_FIELD = ("asyncua", "pymodbus", "pyserial", "serial")
UNUSED: Mapping[str, tuple[str, ...]] = {
    "camera": (*_FIELD, "uvloop"),
    "collector": _PICTURES,
    "sentinel": (*_PICTURES, *_FIELD, "uvloop"),
    "uplink": (*_PICTURES, *_FIELD, "uvloop"),
}
"""How the names begin of what a component never loads; what speaks to the nucleus all load."""
PLATFORM, PYTHON = "aarch64-manylinux_2_28", "3.11"
_CLOUD_ONLY = ("aws", "memory", "usecases", "ports")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o644 << 16


def main(arguments: Sequence[str]) -> None:
    """Write `OUT/COMPONENT.zip`."""
    parser = ArgumentParser(prog="edge_greengrass.bundle")
    parser.add_argument("component", choices=COMPONENTS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--platform", default=PLATFORM)
    parser.add_argument("--python", default=PYTHON)
    parser.add_argument("--bare", action="store_true")
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    target = asked.out / f"{asked.component}.zip"
    with tempfile.TemporaryDirectory() as folder:
        if not asked.bare:
            fetch_libraries(Path(folder), asked.platform, asked.python)
            leave_out(asked.component, Path(folder))
        write_artifact(asked.component, target, libraries=Path(folder))


def leave_out(component: str, libraries: Path) -> None:
    """Drop the libraries that this component never loads: a plant's line is thin."""
    for name in UNUSED[component]:
        for path in libraries.glob(f"{name}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def write_artifact(component: str, target: Path, *, libraries: Path) -> None:
    """Zip one component with what it imports, in a fixed order and with fixed times."""
    files = {**_tree(libraries, ""), **_code(component)}
    with ZipFile(target, "w", ZIP_DEFLATED) as artifact:
        for name in sorted(files):
            entry = ZipInfo(name, _LONG_AGO)
            entry.external_attr, entry.compress_type = _FILE_MODE, ZIP_DEFLATED
            artifact.writestr(entry, files[name].read_bytes())


def fetch_libraries(folder: Path, platform: str, python: str) -> None:
    """Install the locked wheels of another platform into a folder."""
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(folder)]
    choice = ["--python-platform", platform, "--python-version", python, "--only-binary", ":all:"]
    locked = ["--require-hashes", "-r", str(LIBRARIES)]
    subprocess.run([*command, *choice, *locked], check=True)  # noqa: S603, fixed words and paths


def _code(component: str) -> dict[str, Path]:
    """Name the files of the component, of the outbox it shares, and of the core it needs."""
    edge = ROOT / "edge_greengrass"
    files = {f"edge_greengrass/{name}": edge / name for name in SHARED_MODULES}
    for folder in (component, "outbox"):
        files |= _tree(edge / folder, f"edge_greengrass/{folder}/")
    core = _tree(ROOT / "shared" / "plume", "plume/")
    return files | {
        name: path for name, path in core.items() if name.split("/")[1] not in _CLOUD_ONLY
    }


def _tree(folder: Path, prefix: str) -> dict[str, Path]:
    return {prefix + str(path.relative_to(folder)): path for path in _files(folder)}


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            yield path


if __name__ == "__main__":
    main(sys.argv[1:])
