"""A new alarm is filmed by every camera of its outlet: once, and only while it is news."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from plume.memory.world import MemoryAlarms, MemoryDeviceCommands, MemoryRegistry
from plume.model.alarm import Alarm
from plume.model.camera import Camera
from plume.model.command import CommandKind
from plume.model.finding import Finding
from plume.model.identity import CameraId, ThingName
from plume.model.outlet import Name
from plume.usecases.film_alarm import FilmWorld, film_alarm
from plume.usecases.raise_alarm import raise_alarm
from tests.component.test_raise_alarm import found
from tests.given import EIGHT, HOUR, STACK, registry

NOW = EIGHT + HOUR + timedelta(minutes=2)
"""The hour from eight is over at nine, and told two minutes later."""


@dataclass
class World:
    alarms: MemoryAlarms = field(default_factory=MemoryAlarms)
    registry: MemoryRegistry = field(default_factory=registry)
    device_commands: MemoryDeviceCommands = field(default_factory=MemoryDeviceCommands)

    def film(self, finding: Finding, *, minutes: int = 0) -> int:
        world = FilmWorld(self.alarms, self.registry, self.device_commands)
        return film_alarm(finding, world=world, now=NOW + timedelta(minutes=minutes))

    def hear(self, finding: Finding) -> Alarm:
        alarm = raise_alarm(finding, alarms=self.alarms, registry=self.registry, now=NOW)
        assert alarm is not None
        return alarm


@pytest.fixture
def world() -> World:
    made = World()
    for number in (1, 2):
        made.registry.put_camera(
            Camera(
                CameraId(f"{STACK.id}-cam{number}"),
                STACK.id,
                STACK.enterprise,
                ThingName("edge-0001"),
                Name("烟囱", "Stack"),
            )
        )
    return made


def test_each_camera_is_asked_for_five_minutes_before_to_ten_after(world: World) -> None:
    alarm = world.hear(found("546.6"))
    assert world.film(found("546.6")) == 2
    first, second = world.device_commands.sent
    assert (first.kind, first.thing, first.outlet) == (CommandKind.CLIP, "edge-0001", STACK.id)
    nine = EIGHT + HOUR
    assert first.arguments == {
        "camera": "stack-1-cam1",
        "start": (nine - timedelta(minutes=5)).isoformat(),
        "end": (nine + timedelta(minutes=10)).isoformat(),
    }
    assert (first.id, second.id) == (f"alarm-{alarm.id}-cam1", f"alarm-{alarm.id}-cam2")
    assert len(first.id) <= 64


def test_a_window_that_holds_films_nothing_while_another_is_broken(world: World) -> None:
    world.hear(found("546.6", hour=1))
    assert world.film(found("10")) == 0
    assert world.film(found("546.6", hour=1)) == 2


def test_told_again_asks_with_the_same_ids(world: World) -> None:
    world.hear(found("546.6"))
    world.film(found("546.6"))
    world.film(found("546.6"), minutes=3)
    assert len({one.id for one in world.device_commands.sent}) == 2


def test_an_alarm_that_goes_on_is_not_filmed_again(world: World) -> None:
    world.hear(found("546.6"))
    assert world.film(found("546.6"), minutes=11) == 0


def test_news_from_before_an_outage_are_not_filmed(world: World) -> None:
    late = NOW + timedelta(hours=2)
    raise_alarm(found("546.6"), alarms=world.alarms, registry=world.registry, now=late)
    assert world.film(found("546.6"), minutes=120) == 0


def test_what_holds_or_has_no_camera_is_not_filmed(world: World) -> None:
    assert world.film(found("30.0")) == 0
    bare = World()
    bare.hear(found("546.6"))
    assert bare.film(found("546.6")) == 0
    assert bare.device_commands.sent == []
