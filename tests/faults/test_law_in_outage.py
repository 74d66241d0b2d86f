"""A law that changes while the line is down came to nobody; it is brought again when it is back.

Real uplink and sentinel and a line that is cut, the real ingest and `tell_law` behind it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from plume.model.command import Command
from plume.usecases.tell_law import LawWorld, tell_law
from plume.wire.commands import command_message
from plume.wire.names import COMMANDS_TOPIC
from tests.faults.broker import Broker
from tests.faults.conftest import Scene
from tests.faults.line import FaultyLine
from tests.faults.patience import wait_for
from tests.given import SO2_LIMIT, STACK

LOOKS = 4
BLIND = """
import sys
from edge_greengrass.sentinel.avowal import Avowal
tell = Avowal.tell
def blind(self, law, line, now):
    if line is not None and line.up:
        print('"looked while it was up"', flush=True)
    return tell(self, law, None, now)
Avowal.tell = blind
from edge_greengrass.sentinel.main import main
sys.exit(main(sys.argv[1:]))
"""
"""A sentinel that says its law every hour, however the line stands: the negative control."""


class OverTheBroker:
    """Brings commands to whoever is connected at that moment (`plume.ports.DeviceCommands`)."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.sent: list[Command] = []

    def send(self, command: Command) -> None:
        self.sent.append(command)
        topic = COMMANDS_TOPIC.format(thing=command.thing)
        self._broker.publish(topic, command_message(command))


class Story:
    """A site that judges by the law of the registry, and its line."""

    def __init__(self, here: Scene, broken: str = "") -> None:
        self.here, self.line = here, FaultyLine(here.cloud.broker.port)
        self.way = OverTheBroker(here.cloud.broker)
        here.site.reconfigure("uplink", port=self.line.port)
        here.site.reconfigure("sentinel", reloadSeconds=0.2)
        if broken:
            here.site.broken["sentinel"] = broken
        (here.site.home / "laws.json").unlink()
        here.site.start("uplink", "sentinel")

    def carry(self) -> None:
        """Bring each law that is due, as the function behind the queue does."""
        cloud = self.here.cloud.world
        world = LawWorld(cloud.registry, cloud.standings, self.way)
        due = cloud.device_commands.sent  # type: ignore[attr-defined]
        while due:
            due.pop()
            tell_law(STACK.id, world=world, now=datetime.now(UTC))

    def change(self) -> None:
        """Change the law in the registry; it is sent at once."""
        cloud = self.here.cloud.world
        cloud.registry.put_limit(replace(SO2_LIMIT, ceiling=Decimal(30)))
        cloud.device_commands.send(replace(self.way.sent[0], arguments=None))
        self.carry()

    def ends_at(self, version: int, seconds: float = 90.0) -> bool:
        """Whether the site comes to have a version, and the platform to know it."""

        def there() -> bool:
            self.carry()
            kept, avowed = self.here.law_kept(STACK.id), self.here.law_avowed(STACK)
            return kept == avowed == version

        return wait_for(there, seconds)

    def looks(self) -> int:
        return self.here.site.log("sentinel").count('"looked while it was up"')


@pytest.fixture
def story(scene: Callable[..., Scene]) -> Iterator[Callable[..., Story]]:
    made: list[Story] = []

    def make(broken: str = "") -> Story:
        made.append(Story(scene(), broken))
        return made[-1]

    yield make
    for one in made:
        one.line.close()


def changed_in_the_outage(one: Story) -> None:
    """The site has the first law; the line goes, the law changes, and nobody hears the second."""
    assert one.ends_at(1)
    one.line.cut()
    assert wait_for(lambda: one.here.line_stands(up=False))
    one.change()
    assert one.way.sent[-1].id.endswith("-2")
    assert one.here.law_kept(STACK.id) == 1
    one.line.mend()
    assert wait_for(lambda: one.here.line_stands(up=True))


def test_a_law_that_was_told_while_the_line_was_down_is_brought_again_when_it_is_back(
    story: Callable[..., Story],
) -> None:
    one = story()
    changed_in_the_outage(one)
    assert one.ends_at(2)


def test_a_sentinel_that_says_its_law_by_the_hour_alone_is_caught(
    story: Callable[..., Story],
) -> None:
    one = story(BLIND)
    changed_in_the_outage(one)
    before = one.looks()
    assert wait_for(lambda: one.looks() >= before + LOOKS)
    assert not one.ends_at(2, seconds=3)
    assert (one.here.law_kept(STACK.id), one.here.law_avowed(STACK)) == (1, 1)
