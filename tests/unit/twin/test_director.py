"""What a camera shows follows from what its plant does, be the report what it may."""

from datetime import UTC, datetime, timedelta

import pytest

from edge_greengrass.twin.cast import instruments_of
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.episode import Episode, Happening
from edge_greengrass.twin.video.camera import TwinCamera
from edge_greengrass.twin.video.director import Director, Post

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


class Watching(TwinCamera):
    """A twin's camera that notes what it was turned to."""

    def __init__(self, scene: str) -> None:
        super().__init__(scene)
        self.turned: list[str] = []

    def turn_to(self, scene: str) -> None:
        super().turn_to(scene)
        self.turned.append(scene)


def turned(kind: str, scene: str, what: Happening) -> list[str]:
    """What the camera is turned to before, during and after six hours (stops: a day)."""
    start = int(NOON.timestamp())
    hours = 24 if what is Happening.OUTAGE else 6
    episode = Episode(start, start + hours * 3600, what)
    settings = PlantSettings(kind, "o", "m", "31", "p", "h", 1, seed=3, episodes=(episode,))
    camera = Watching(scene)
    moment = [NOON - timedelta(hours=1)]
    director = Director(
        {"cam": Post(camera, scene, instruments_of(settings).plant)}, lambda: moment[0]
    )
    for hour in (-1, 5, 5.5, hours + 1):
        moment[0] = NOON + timedelta(hours=hour)
        director.look()
    return camera.turned


@pytest.mark.parametrize(
    ("kind", "scene", "what", "seen"),
    [
        ("coal_unit", "stack", Happening.FIELD_TRIP_HIDDEN, ["stack-plume", "stack"]),
        ("coal_unit", "stack", Happening.OUTAGE, ["stack-still", "stack"]),
        ("cement_kiln", "stack", Happening.BAG_BURST, ["stack-plume", "stack"]),
        ("sewage_works", "aeration", Happening.BLOWER_OFF_HIDDEN, ["aeration-still", "aeration"]),
        ("coal_unit", "stack", Happening.CONSTANT, []),
        ("coal_unit", "shelter", Happening.FIELD_TRIP_HIDDEN, []),
    ],
)
def test_a_camera_shows_what_the_plant_does_and_turns_once(
    kind: str, scene: str, what: Happening, seen: list[str]
) -> None:
    assert turned(kind, scene, what) == seen
