"""The API over the memory world, and who calls it most."""

from collections.abc import Iterator

import pytest

from plume.model.person import Role
from tests.component.api_world import PEOPLE, Caller, MemoryWorld, calling


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> MemoryWorld:
    made = MemoryWorld()
    made.fill()
    made.serve(monkeypatch)
    return made


@pytest.fixture
def centre(world: MemoryWorld) -> Iterator[Caller]:
    with calling(PEOPLE[Role.CITY_CENTRE]) as caller:
        yield caller
