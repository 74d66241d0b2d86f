"""One deployed platform per test run, shared by all stories.

`PLUME_STACK` names the `local.json` of a platform that already runs; without it one is started
in `.plume-test`, from nothing, with its own ports.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.platform import running
from tests.e2e.platform_under_test import Platform

ROOT = Path(__file__).parents[2]
TEST_PORT_OFFSET = 1_000


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    given = os.environ.get("PLUME_STACK")
    if given:
        yield Platform(Path(given))
        return
    home = ROOT / ".plume-test"
    shutil.rmtree(home, ignore_errors=True)
    with running(home=home, offset=TEST_PORT_OFFSET, twins=True):
        yield Platform(home / "local.json")
