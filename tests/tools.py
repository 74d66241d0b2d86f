"""Programs of the system that some tests need: may be missing on a desk, never in CI."""

import os
import shutil
from pathlib import Path

import pytest

IN_CI = bool(os.environ.get("CI"))
"""`.ci/run` installs every tool, so there a test without its tool fails."""


def needs(tool: str | Path | None, name: str) -> pytest.MarkDecorator:
    """Skip a test whose tool is missing, unless this is CI."""
    return pytest.mark.skipif(
        not IN_CI and not _there(tool), reason=f"{name} is not installed; .ci/run installs it"
    )


def require(tool: str | Path | None, name: str) -> None:
    """Skip from within a fixture if the tool is missing; fail in CI."""
    if _there(tool):
        return
    if IN_CI:
        pytest.fail(f"{name} is not installed, though .ci/run installs it")
    pytest.skip(f"{name} is not installed; .ci/run installs it")


def _there(tool: str | Path | None) -> bool:
    return tool is not None and (Path(tool).exists() or shutil.which(str(tool)) is not None)
