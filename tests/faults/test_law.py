"""A law on a bad day: late, twice, out of order, the uplink killed; the site ends at the newest.

Real uplink and sentinel over a real broker, the real ingest and `tell_law` behind it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from plume.model.command import Command
from plume.usecases.tell_law import LawWorld, tell_law
from plume.wire.commands import command_message
from plume.wire.names import COMMANDS_TOPIC
from tests.faults.conftest import Scene
from tests.faults.patience import wait_for
from tests.given import SO2_LIMIT, STACK

WHATEVER_COMES_LAST = """
import sys
from edge_greengrass.uplink.lawbook import Lawbook
keep = Lawbook.keep
def last(self, law):
    (self._home / "laws.json").unlink(missing_ok=True)
    return keep(self, law)
Lawbook.keep = last
from edge_greengrass.uplink.main import main
sys.exit(main(sys.argv[1:]))
"""
"""An uplink that keeps whatever law comes last: the negative control."""


class Told:
    """Commands that are on their way: who tests brings them, when and as often as it likes."""

    def __init__(self) -> None:
        self.sent: list[Command] = []

    def send(self, command: Command) -> None:
        self.sent.append(command)


class Story:
    """One site that was never brought a law, and two laws on their way to it."""

    def __init__(self, here: Scene, broken: str = "") -> None:
        self.here = here
        if broken:
            here.site.broken["uplink"] = broken
        (here.site.home / "laws.json").unlink()
        here.site.reconfigure("sentinel", reloadSeconds=0.2)
        here.site.start("uplink", "sentinel")

    def is_due(self) -> bool:
        """Whether the platform has heard that the site has no law."""
        return bool(self.here.cloud.world.device_commands.sent)  # type: ignore[attr-defined]

    def two_laws(self) -> tuple[Command, Command]:
        """Draw the law, change it, and draw it again."""
        cloud, told = self.here.cloud.world, Told()
        world = LawWorld(cloud.registry, cloud.standings, told)
        tell_law(STACK.id, world=world, now=datetime.now(UTC))
        cloud.registry.put_limit(replace(SO2_LIMIT, ceiling=Decimal(30)))
        tell_law(STACK.id, world=world, now=datetime.now(UTC))
        first, second = told.sent
        return first, second

    def bring(self, *commands: Command) -> None:
        for command in commands:
            topic = COMMANDS_TOPIC.format(thing=command.thing)
            self.here.cloud.broker.publish(topic, command_message(command))

    def said(self, event: str) -> int:
        return self.here.site.log("uplink").count(f'"{event}"')


def brought_in_disorder(one: Story) -> None:
    """The newer law first, the uplink killed, then the older, and each of them once more."""
    assert wait_for(one.is_due)
    first, second = one.two_laws()

    def arrives() -> bool:
        one.bring(second)
        return one.here.law_kept(STACK.id) == 2

    assert wait_for(arrives)
    one.here.site.kill("uplink")
    one.here.site.start("uplink")
    before = one.said("law_again") + one.said("law_kept")

    def comes_again() -> bool:
        one.bring(second, first)
        return one.said("law_again") + one.said("law_kept") >= before + 4

    assert wait_for(comes_again)


def test_the_site_ends_at_the_newest_law_and_the_platform_knows(
    scene: Callable[..., Scene],
) -> None:
    one = Story(scene())
    brought_in_disorder(one)
    assert one.here.law_kept(STACK.id) == 2
    assert wait_for(lambda: one.here.law_avowed(STACK) == 2)
    cloud = one.here.cloud.world
    told = Told()
    world = LawWorld(cloud.registry, cloud.standings, told)
    assert tell_law(STACK.id, world=world, now=datetime.now(UTC)) is None


def test_an_uplink_that_keeps_whatever_comes_last_is_caught(scene: Callable[..., Scene]) -> None:
    one = Story(scene(), WHATEVER_COMES_LAST)
    brought_in_disorder(one)
    assert wait_for(lambda: one.here.law_kept(STACK.id) == 1)
