"""A whole platform without twins: nothing else asks for its two cores, and no story waits."""

import shutil
from collections.abc import Iterator

import pytest

from infra.local.platform import running
from infra.local.settings import ROOT
from tests.e2e.platform_under_test import Platform

PORT_OFFSET = 2_000


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """Start it from nothing, in a home and on ports of its own."""
    home = ROOT / ".plume-quiet"
    shutil.rmtree(home, ignore_errors=True)
    with running(home=home, offset=PORT_OFFSET, twins=False):
        yield Platform(home / "local.json")
