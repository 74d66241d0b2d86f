"""Bundle what every function carries, without Docker: the libraries, and the package `plume`.

A bundle lies in `build/layer/` under a name made of everything it depends on, so that it is made
once and taken again until a lock or a source changes.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from infra.stage import ROOT, Stage, Target

BUILD = ROOT / "build" / "layer"
PACKAGE = ROOT / "shared" / "plume"
LOCK = ROOT / "requirements" / "lambda.txt"
LOCK_WITH_RUNTIME = ROOT / "requirements" / "runtime.txt"

# The runtime has its own boto3; Chalice, the framework, needs none of Chalice, the command.
UNUSED = (
    "boto3", "botocore", "s3transfer", "pip", "setuptools", "_distutils_hack", "wheel", "inquirer",
    "blessed", "wcwidth", "readchar", "click", "jinxed", "editor", "runs", "xmod", "pycparser",
)  # fmt: skip


def libraries(stage: Stage) -> Path:
    """Give the folder of third-party libraries for the stage's kind of machine."""
    if stage.target is Target.LOCAL:
        return _local_libraries()
    return _aws_libraries(stage.runtime.removeprefix("python"), arm64=stage.arm64)


def package() -> Path:
    """Give the folder with the package `plume` alone: it changes often and is small."""
    sources = sorted(_sources(PACKAGE))
    place = BUILD / f"plume-{_digest(*sources)}"
    if not place.exists():
        with _Making(place) as folder:
            shutil.copytree(
                PACKAGE, folder / "python" / "plume", ignore=shutil.ignore_patterns("__pycache__")
            )
    return place


def _aws_libraries(version: str, *, arm64: bool) -> Path:
    platform = f"{'aarch64' if arm64 else 'x86_64'}-manylinux_2_28"  # Amazon Linux 2023
    place = BUILD / f"libraries-{platform}-{version}-{_digest(LOCK, Path(__file__))}"
    if not place.exists():
        with _Making(place) as folder:
            python = folder / "python"
            _install(python, LOCK, "--python-platform", platform, "--python-version", version)
            _trim(python)
    return place


def _local_libraries() -> Path:
    """Give a layer that points at the libraries instead of holding them.

    The local AWS unpacks every layer for every worker anew; a hundred megabytes each time would
    cost seconds and the disk. A path file puts one shared folder on the path of all.
    """
    pointing = local_pointer()
    place = pointing.parent
    if not place.exists():
        with _Making(place) as folder:
            _install(folder / "held", LOCK_WITH_RUNTIME)
            site = folder / pointing.name / "python" / "lib" / "python3" / "site-packages"
            site.mkdir(parents=True)
            pointer = f"import sys; sys.path.insert(1, {str(place / 'held')!r})\n"
            (site / "plume_libraries.pth").write_text(pointer, encoding="utf-8")
    return pointing


def local_pointer() -> Path:
    """Say where the layer that points lies; its own name tells its content, as the asset's hash.

    A name that stayed while the lock changed would leave the old libraries in a kept platform.
    """
    name = f"libraries-local-{_digest(LOCK_WITH_RUNTIME, Path(__file__))}"
    return BUILD / name / name


def _install(folder: Path, lock: Path, *options: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    command = [
        str(uv), "pip", "install", "--quiet", "--target", str(folder), "--only-binary", ":all:",
        "--require-hashes", "--requirement", str(lock), *options,
    ]  # fmt: skip
    subprocess.run(command, check=True)  # noqa: S603, every word of it is ours


def _trim(python: Path) -> None:
    """Drop what no function imports: 147 MB become 93."""
    unused = [path for path in python.iterdir() if _name_of(path) in UNUSED]
    records = [*python.glob("bin"), *python.rglob("tests"), *python.rglob("__pycache__")]
    for path in [*unused, *records]:
        shutil.rmtree(path, ignore_errors=True)


def _name_of(path: Path) -> str:
    return path.name.split("-")[0].lower()


def _sources(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def _digest(*paths: Path) -> str:
    digest = sha256()
    for path in paths:
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class _Making:
    """A folder that takes its place only when it is whole; two at once do no harm."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __enter__(self) -> Path:
        BUILD.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(dir=BUILD))
        self._folder.chmod(0o755)
        return self._folder

    def __exit__(self, failure: object, *_: object) -> None:
        if failure is None and not self._place.exists():
            self._folder.rename(self._place)
        shutil.rmtree(self._folder, ignore_errors=True)
