"""When a data logger is asked for what is missing of its data."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from edge_greengrass.collector.configuration import Filling
from edge_greengrass.collector.dialogue import filling
from edge_greengrass.collector.dialogue.chronicle import Chronicle
from edge_greengrass.collector.dialogue.filling import GapFiller
from edge_greengrass.collector.dialogue.gaps import Hole
from edge_greengrass.collector.dialogue.sealed_file import SealedFile
from plume.hj212.moments import written

MN = "010000A8900016F000169DC0"
NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
QUIET = 120.0


class Asking(GapFiller):
    """Notes what it would ask; time passes as it is told."""

    passed = 0.0

    def __init__(self, chronicle: Chronicle) -> None:
        site = SimpleNamespace(
            outlets=lambda: {MN: "stack-1"},
            switchboard=SimpleNamespace(caller=lambda _: object()),
            now=lambda: NOW,
        )
        super().__init__(chronicle, Filling(quiet=QUIET), site)  # type: ignore[arg-type]  # no talk
        self.asked: list[Hole] = []

    async def _ask(self, mn: str, outlet: str, cn: str, hole: Hole) -> None:
        self.asked.append(hole)

    async def look(self) -> None:
        for mn in self._due():
            await self._look(mn)


@pytest.fixture
def chronicle(tmp_path: Path) -> Chronicle:
    return Chronicle(
        SealedFile(tmp_path / "chronicle", bytes(32)), lambda: Asking.passed, lambda _: ()
    )


@pytest.fixture
def filler(chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch) -> Asking:
    monkeypatch.setattr(Asking, "passed", 0.0)
    monkeypatch.setattr(filling, "time", SimpleNamespace(monotonic=lambda: Asking.passed))
    return Asking(chronicle)


def hear(chronicle: Chronicle, hours_ago: int) -> None:
    at = written(NOW - timedelta(hours=hours_ago))
    chronicle.heard(MN, "2061", f"DataTime={at};".encode())


async def after(filler: Asking, seconds: float) -> list[Hole]:
    Asking.passed += seconds
    await filler.look()
    return filler.asked


async def test_a_back_fill_from_the_oldest_on_is_left_to_itself_when_a_new_value_comes(
    chronicle: Chronicle, filler: Asking
) -> None:
    for hours_ago in (24, 23, 22):
        hear(chronicle, hours_ago)
        assert await after(filler, 4) == []
    hear(chronicle, 0)  # a hole of 21 hours, that its own back-fill is about to close
    for hours_ago in range(21, 0, -1):
        assert await after(filler, QUIET / 2) == []
        hear(chronicle, hours_ago)
    assert await after(filler, 2 * QUIET) == []


async def test_a_hole_that_stands_is_asked_for(chronicle: Chronicle, filler: Asking) -> None:
    hear(chronicle, 3)
    hear(chronicle, 0)
    assert await after(filler, 1) == []
    assert await after(filler, QUIET - 1) == []
    (hole,) = await after(filler, 1)
    assert hole.count == 2
