"""A twin's camera (孪生摄像机): plays a scene for ever, in real time, to any number of viewers."""

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from time import monotonic

from edge_greengrass.twin.video.films import film
from edge_greengrass.twin.video.reel import Reel, Shot, reel
from edge_greengrass.twin.video.scenery import SCENES

Viewer = Callable[[Shot, tuple[bytes, ...], float], None]
"""Gets each picture with the parameter sets and the seconds since the camera began."""


class TwinCamera:
    """One camera; all cameras of one scene share its reel."""

    def __init__(self, scene: str) -> None:
        self._reel = self._next = reel_of(scene)
        self._viewers: dict[Viewer, bool] = {}

    @property
    def parameters(self) -> tuple[bytes, ...]:
        """SPS and PPS of what is shown."""
        return self._reel.parameters

    def turn_to(self, scene: str) -> None:
        """Show another scene from the end of this second on.

        Raises:
            KeyError: there is no such scene.
        """
        self._next = reel_of(scene)

    def join(self, viewer: Viewer) -> None:
        """Show to one more, from the next key frame on."""
        self._viewers[viewer] = False

    def leave(self, viewer: Viewer) -> None:
        """Show to one less; leaving twice is harmless."""
        self._viewers.pop(viewer, None)

    async def play(self) -> None:
        """Play for ever."""
        began, round_began, number = monotonic(), monotonic(), 0
        while True:
            shot = self._reel.shots[number]
            await asyncio.sleep(round_began + shot.at - monotonic())
            if shot.key and self._next is not self._reel:
                # All reels have their key frames at the same places.
                self._reel = self._next
                shot = self._reel.shots[number]
            self._show(shot, round_began + shot.at - began)
            number += 1
            if number == len(self._reel.shots):
                number, round_began = 0, round_began + self._reel.seconds

    def _show(self, shot: Shot, at: float) -> None:
        for viewer, joined in list(self._viewers.items()):
            if joined or shot.key:
                self._viewers[viewer] = True
                viewer(shot, self._reel.parameters, at)


@cache
def reel_of(scene: str) -> Reel:
    """Give the reel of a scene.

    Raises:
        KeyError: there is no such scene.
    """
    SCENES[scene]
    return reel(film(scene))


def cameras(scenes: Mapping[str, str]) -> dict[str, TwinCamera]:
    """Make the cameras of a site: scene by camera."""
    return {name: TwinCamera(scene) for name, scene in scenes.items()}
