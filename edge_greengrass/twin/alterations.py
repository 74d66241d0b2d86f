"""How a cheat changes what is reported, one function for each way.

Every function takes a scene and gives the channels it replaces over the whole of the scene's
times; the caller puts them in where the episode holds.
"""

from dataclasses import dataclass

import numpy as np

from edge_greengrass.twin import noise
from edge_greengrass.twin.calendar import DAY_SECONDS, Column, Times
from edge_greengrass.twin.episode import Episode
from edge_greengrass.twin.gas import AIR_OXYGEN
from edge_greengrass.twin.plant import Channel, Plant, Samples

OXYGEN = "a19001"
SPAN_FACTOR = 0.6
"""A span gas that is stronger than its label makes everything read so much of the truth [-]."""
EDITED_SLOPE = 0.7
"""The slope (i13008) of an analyser that should have 1 [-]."""
AREA_FACTOR = 3.5 / 6.06
"""A duct of 6.06 m2 was entered as 3.5 m2 (a case of 2020, domain rule G-09)."""
POOR_TREATMENT = 2.2
"""How much more leaves where the treatment is too weak and the report hides it [-]."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One episode of tampering, shape (n,) of `times`.

    `plant` is what really happens, `pretence` the same plant with nothing wrong; `values` is what
    would be reported without this episode, and `touched` the channels it is about.
    """

    plant: Plant
    pretence: Plant
    episode: Episode
    times: Times
    values: Samples
    touched: tuple[str, ...]

    def channels(self) -> list[Channel]:
        """Give the touched channels of the outlet."""
        return [one for one in self.plant.channels if one.code in self.touched]

    def at_start(self) -> Samples:
        """Give what was seen when it began."""
        return self.pretence.samples(np.array([self.episode.start], dtype=np.int64))


def honest(scene: Scene) -> Samples:
    """Report what is."""
    del scene
    return {}


def constant(scene: Scene) -> Samples:
    """Hold one value (恒值)."""
    first = scene.at_start()
    return {code: np.full(len(scene.times), first[code][0]) for code in scene.touched}


def small_wobble(scene: Scene) -> Samples:
    """Play around one value, within one part in a hundred."""
    first = scene.at_start()
    seed = scene.episode.start
    return {
        code: first[code][0] * (1 + 0.01 * noise.uniform(seed, code, scene.times))
        for code in scene.touched
    }


def detection_limit(scene: Scene) -> Samples:
    """Show next to nothing: 0.4 to 0.6 of the unit."""
    seed = scene.episode.start
    return {code: 0.5 + 0.1 * noise.uniform(seed, code, scene.times) for code in scene.touched}


def limit_hugging(scene: Scene) -> Samples:
    """Press the converted value into 0.88 to 0.98 of the ceiling (贴限)."""
    seed = scene.episode.start
    return {
        one.code: _measured(scene, one, one.ceiling * (0.93 + 0.05 * _slow(seed, one, scene)))
        for one in scene.channels()
    }


def clipping(scene: Scene) -> Samples:
    """Cut off a treatment that is too weak at 0.98 of the ceiling."""
    return {
        one.code: np.minimum(
            POOR_TREATMENT * scene.values[one.code],
            _measured(scene, one, np.full(len(scene.times), 0.98 * one.ceiling)),
        )
        for one in scene.channels()
    }


def poor_treatment(scene: Scene) -> Samples:
    """Let more through than the limit allows."""
    return {one.code: POOR_TREATMENT * scene.values[one.code] for one in scene.channels()}


def zeros(scene: Scene) -> Samples:
    """Show zero."""
    return {code: np.zeros(len(scene.times)) for code in scene.touched}


def span_swapped(scene: Scene) -> Samples:
    """Read too little, from a calibration with a wrong gas on."""
    return {code: SPAN_FACTOR * scene.values[code] for code in scene.touched}


def slope_edited(scene: Scene) -> Samples:
    """Multiply by a slope that was entered to please."""
    return {code: EDITED_SLOPE * scene.values[code] for code in scene.touched}


def dilution_air(scene: Scene) -> Samples:
    """Let air into the probe: oxygen rises by 3, every gas falls by the same factor."""
    before = scene.values[OXYGEN]
    after = np.minimum(before + 3.0, 19.0)
    left = (AIR_OXYGEN - after) / (AIR_OXYGEN - before)
    thinned = {one.code: left * scene.values[one.code] for one in scene.channels()}
    return thinned | {OXYGEN: after}


def dilution_nitrogen(scene: Scene) -> Samples:
    """Let nitrogen into the sample line: every gas falls to 0.7, and oxygen with it."""
    return {code: 0.7 * scene.values[code] for code in scene.touched}


def dilution_water(scene: Scene) -> Samples:
    """Let clean water into the outlet: everything falls to 0.6, the flow rises as much."""
    return {
        one.code: scene.values[one.code] / 0.6 if one.flow else 0.6 * scene.values[one.code]
        for one in scene.channels()
    }


def oxygen_lowered(scene: Scene) -> Samples:
    """Report 2 points less oxygen, so that conversion makes the values smaller."""
    return {OXYGEN: np.maximum(scene.values[OXYGEN] - 2.0, 1.0)}


def replayed_day(scene: Scene) -> Samples:
    """Report the day before."""
    return {
        code: values
        for code, values in scene.pretence.samples(scene.times - DAY_SECONDS).items()
        if code in scene.touched
    }


def copied_inlet(scene: Scene) -> Samples:
    """Report the inlet's curve times a number as the outlet's."""
    return {"a21026": 0.012 * scene.values["g71201"]}


def area_edited(scene: Scene) -> Samples:
    """Enter too small a duct: the flow shrinks, the velocity does not."""
    return {code: AREA_FACTOR * scene.values[code] for code in scene.touched}


def halved(scene: Scene) -> Samples:
    """Report half."""
    return {code: 0.5 * scene.values[code] for code in scene.touched}


def flow_cut(scene: Scene) -> Samples:
    """Report 0.7 of the flow: the rest leaves by another way."""
    return {code: 0.7 * scene.values[code] for code in scene.touched}


def pretended(scene: Scene) -> Samples:
    """Report what a plant in order would show."""
    pretence = scene.pretence.samples(scene.times)
    return {code: pretence[code] for code in scene.touched}


def _measured(scene: Scene, channel: Channel, converted: Column) -> Column:
    """Give the measured value that converts to so much."""
    if not channel.converted or scene.plant.reference_oxygen is None:
        return converted
    return converted * (21 - scene.values[OXYGEN]) / (21 - scene.plant.reference_oxygen)


def _slow(seed: int, channel: Channel, scene: Scene) -> Column:
    return noise.drift(seed, channel.code, scene.times, 1800)
