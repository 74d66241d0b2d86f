"""A picture tells when its camera is covered, turned or blind; weather is none of these."""

from collections.abc import Sequence
from functools import cache

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_greengrass.camera.sight import Sight, View, look
from edge_greengrass.twin.video.films import film

Luma = NDArray[np.uint8]


@cache
def pictures(scene: str) -> Sequence[Luma]:
    """Give the brightness of every picture of a film, 23 seconds at ten a second."""
    with av.open(str(film(scene))) as opened:
        return [one.to_ndarray(format="gray") for one in opened.decode(video=0)]


def known(scene: str) -> View:
    view = View()
    for luma in pictures(scene)[::20]:
        view = look(luma, view).view
    return view


def seen(luma: Luma, view: View) -> Sight:
    return look(luma, view).sight


@pytest.mark.parametrize("scene", ["stack", "shelter", "outfall", "aeration"])
def test_a_camera_that_looks_where_it_has_always_looked_is_clear(scene: str) -> None:
    view = known(scene)
    assert {seen(luma, view) for luma in pictures(scene)[5::10]} == {Sight.CLEAR}


def test_a_plume_over_the_stack_is_what_the_camera_is_there_for() -> None:
    view = known("stack")
    assert {seen(luma, view) for luma in pictures("stack-plume")[::10]} == {Sight.CLEAR}


@pytest.mark.parametrize(
    ("scene", "says"),
    [
        ("stack-covered", Sight.COVERED),
        ("stack-moved", Sight.MOVED),
        ("aeration", Sight.MOVED),
        ("black", Sight.BLACK),
    ],
)
def test_a_stack_that_is_not_to_be_seen_any_more_is_told_by_its_cause(
    scene: str, says: Sight
) -> None:
    view = known("stack")
    assert {seen(luma, view) for luma in pictures(scene)[::10]} == {says}


@pytest.mark.parametrize("light", [0.2, 0.5, 1.3])
def test_dusk_and_glare_are_not_taken_for_a_cover(light: float) -> None:
    dim = np.clip(pictures("stack")[55] * light, 0, 255).astype(np.uint8)
    assert seen(dim, known("stack")) is Sight.CLEAR


def test_the_same_picture_again_is_a_frozen_camera_and_noise_is_none() -> None:
    luma = pictures("shelter")[40]
    view = look(luma, known("shelter")).view
    assert seen(luma, view) is Sight.FROZEN
    noise = np.random.default_rng(1).integers(0, 2, luma.shape, np.uint8)
    assert seen(luma + noise, view) is Sight.CLEAR


def test_nothing_is_said_of_a_view_before_it_is_known() -> None:
    first = look(pictures("stack")[0], View()).view
    assert seen(pictures("stack-moved")[0], first) is Sight.CLEAR


def test_a_covered_camera_does_not_learn_its_cover() -> None:
    view = known("stack")
    for luma in pictures("stack-covered"):
        view = look(luma, view).view
    assert seen(pictures("stack-covered")[7], view) is Sight.COVERED
    assert seen(pictures("stack")[7], view) is Sight.CLEAR


def test_a_camera_of_another_resolution_can_be_compared_with_before() -> None:
    larger = np.kron(pictures("stack")[3], np.ones((2, 2), np.uint8))
    assert seen(larger, known("stack")) is Sight.CLEAR
