"""What Greengrass brings to a device: one zip per component, made without Docker.

A zip lies in `build/edge/` under a name made of everything it depends on, so that it is made once
and taken again until the lock, a source or the platform changes.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from infra.stage import ROOT, Stage

BUILD = ROOT / "build" / "edge"
EDGE = ROOT / "edge_greengrass"
LOCK = ROOT / "requirements" / "edge.txt"
PACKAGE = ROOT / "shared" / "plume"
EDGE_PYTHON = "3.11"
VERSION = "0.3"
"""The part of a component's version that people count; the last part counts contents."""
_PATCH_DIGITS = 7
"""Hexadecimal digits of the last part: it stays below 2^31, which versions are counted in."""


@dataclass(frozen=True, slots=True)
class Component:
    """One edge component as its folder describes it; `recipe` still has its placeholders."""

    folder: str
    name: str
    recipe: str
    artifact: Path

    @property
    def version(self) -> str:
        """A version is never changed once it is known, so it follows from the content."""
        digest = sha256(self.recipe.encode() + sha256(self.artifact.read_bytes()).digest())
        return f"{VERSION}.{int(digest.hexdigest()[:_PATCH_DIGITS], 16)}"


def components(stage: Stage) -> list[Component]:
    """Give every component that has a recipe, with its artifact for the stage's devices."""
    return [
        Component(path.parent.name, f"com.plume.{path.parent.name}", _read(path), artifact)
        for path in sorted(EDGE.glob("*/recipe.yaml"))
        for artifact in [_artifact(path.parent.name, stage)]
    ]


def _artifact(folder: str, stage: Stage) -> Path:
    if stage.sources.edge is not None:
        return stage.sources.edge / f"{folder}.zip"
    place = BUILD / f"{folder}-{stage.edge_platform}-{_digest(folder)}" / f"{folder}.zip"
    if not place.exists():
        _make(folder, stage.edge_platform, place)
    return place


def _make(folder: str, platform: str, place: Path) -> None:
    """Make a zip that takes its place only when it is whole."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as out:
        command = [sys.executable, "-m", "edge_greengrass.bundle", folder, out]
        options = ["--platform", platform, "--python", EDGE_PYTHON]
        subprocess.run([*command, *options], check=True, cwd=ROOT)  # noqa: S603, our own words
        place.parent.mkdir(exist_ok=True)
        shutil.move(f"{out}/{folder}.zip", place)


def _digest(folder: str) -> str:
    digest = sha256()
    for path in sorted([LOCK, *_sources(folder)]):
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _sources(folder: str) -> Iterator[Path]:
    """Name all that may end in the zip, and what makes it; rather too much than too little."""
    yield from EDGE.glob("*.py")
    for place in (EDGE / folder, EDGE / "outbox", PACKAGE):
        yield from (path for path in place.rglob("*") if path.is_file() and path.suffix != ".pyc")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
