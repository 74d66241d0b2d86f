"""One authority, one cloud and one site per test; nothing outlives it."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plume.model.identity import OutletId
from plume.model.outlet import Outlet
from tests.faults.authority import Authority
from tests.faults.cloud import FAIR, Cloud, Verdict, Weather, verdict
from tests.faults.site import Logger, Site


class Scene:
    """A site, its logger and its cloud."""

    def __init__(self, folder: Path, weather: Weather, **uplink: Any) -> None:
        self.authority = Authority(folder)
        self.cloud = Cloud(self.authority, weather)
        self.site = Site(folder, self.cloud, self.authority, **uplink)
        self.logger: Logger | None = None

    def begin(self) -> Logger:
        """Start the programs, and the logger that talks to them."""
        self.site.start()
        self.logger = Logger(self.site.port)
        return self.logger

    def judged(self, within: float = 60.0) -> Verdict:
        """Let calm return, wait until nothing is owed, and ask the oracle."""
        assert self.logger is not None
        self.cloud.weather = FAIR
        self.site.start()
        self.logger.settle(within)
        deadline = time.monotonic() + within
        found = verdict(self.cloud, self.logger.sent, self.logger.answered)
        while found.lost and time.monotonic() < deadline:
            time.sleep(0.25)
            found = verdict(self.cloud, self.logger.sent, self.logger.answered)
        return found

    def line_stands(self, *, up: bool) -> bool:
        """Whether the site says this of its line; not when it has said nothing yet."""
        return self._noted("line.json").get("up") is up

    def law_kept(self, outlet: OutletId) -> int:
        """The version of an outlet's law that lies on the site's disk; 0 for none."""
        return int(self._noted("laws.json").get(outlet, {}).get("version", 0))

    def law_avowed(self, outlet: Outlet) -> int:
        """The version by which the platform knows the site to judge; 0 for none."""
        found = self.cloud.world.standings.of([outlet.thing])
        return found[outlet.thing].law_of(outlet.id).held if found else 0

    def _noted(self, name: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.site.home / name).read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return found

    def close(self) -> None:
        if self.logger:
            self.logger.close()
        self.site.stop()
        self.cloud.close()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    """Make scenes; all are closed at the end."""
    made: list[Scene] = []

    def make(weather: Weather = FAIR, **uplink: Any) -> Scene:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Scene(folder, weather, **uplink))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Keep a line `what: figures` in the report, and show it."""

    def keep(line: str) -> None:
        what, _, figures = line.partition(": ")
        record_property(what, figures)

    return keep
