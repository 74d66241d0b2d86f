"""Turns cameras to what their plants show: smoke that leaves, a stack that stands, a dead basin.

A camera is turned only when what its plant shows has changed, so that one which somebody covered
or turned aside stays so until then.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from edge_greengrass.twin.plant import Plant, Sight
from edge_greengrass.twin.video.camera import TwinCamera

LOOK_SECONDS = 10.0
DENSE_SMOKE = 0.25
"""From this opacity on a plume is plainly seen (Ringelmann 1 is 0.2)."""
LEAST_STEAM = 0.08


@dataclass(frozen=True, slots=True)
class Post:
    """One camera, what it looks at in quiet times, and the plant it looks at."""

    camera: TwinCamera
    scene: str
    plant: Plant


class Director:
    """Looks after the cameras of a site.

    Args:
        posts: the cameras by name.
        now: gives the time, aware.
    """

    def __init__(
        self, posts: Mapping[str, Post], now: Callable[[], datetime] = lambda: datetime.now(tz=UTC)
    ) -> None:
        self._posts, self._now = posts, now
        self._shown = {name: post.scene for name, post in posts.items()}

    async def direct(self) -> None:
        """Look for ever."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Turn every camera whose plant shows something else than before."""
        for name, post in self._posts.items():
            scene = scene_of(post.scene, post.plant.sight(self._now()))
            if scene != self._shown[name]:
                post.camera.turn_to(scene)
                self._shown[name] = scene


def scene_of(scene: str, sight: Sight) -> str:
    """Give the scene for what a plant shows, from the one of quiet times."""
    if scene == "stack" and sight.opacity >= DENSE_SMOKE:
        return "stack-plume"
    if scene == "stack" and sight.steam < LEAST_STEAM:
        return "stack-still"
    if scene == "aeration" and not sight.running:
        return "aeration-still"
    return scene
