"""What the instruments of an outlet show: the truth, with their own states and letters.

* calibration (C): the gas analysers see zero gas, then span gas at 0.8 of their range
* maintenance (M): they hold what they showed when it began
* analyser fault (D): they show nothing
* above the range (T): five times the ceiling, where there is one; gas analysers have a second
  range, of sixty times, which a treatment that fails altogether does not leave
* the source stands or is banked (F): everything at the outlet, whatever it shows

The points of production and treatment come from the control system and are always N.

Source: HJ 212-2017, table 8. HJ 75-2017 marks a stopped source F and has no letter in HJ 212 for
starting and stopping: those hours are N, as the analysers measure.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from edge_greengrass.twin.alterations import EDITED_SLOPE, OXYGEN, Scene
from edge_greengrass.twin.calendar import Calendar, Column, State, Times
from edge_greengrass.twin.episode import Episode, Happening
from edge_greengrass.twin.plant import Channel, Plant, Samples
from edge_greengrass.twin.tricks import TRICKS

OXYGEN_RANGE = 25.0
RANGE_PER_CEILING = 5.0
UPPER_RANGE_PER_CEILING = 60.0
_GASES = "a2"
"""How the codes of gaseous pollutants begin (HJ 524); dust is a34013."""
USUAL_RANGE = 100.0
SPAN_SHARE = 0.8
GLANCE_SECONDS, BLOCK_SECONDS, BLOCKS = 10, 600, 3
OPENING_SECONDS = 900
"""How long a calibration takes that opens a trick [s]."""
Letters = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Readout:
    """What is shown at each time: values with the digits shown, and the letter of each.

    `conversion` and `accumulation` multiply converted values and amounts [-]: 1 where the report
    is honest, per channel.
    """

    values: Samples
    letters: Mapping[str, Letters]
    conversion: Mapping[str, Column]
    accumulation: Mapping[str, Column]

    def only(self, place: int) -> "Readout":
        """Give one of its times alone."""
        one = slice(place, place + 1)
        return Readout(
            {code: column[one] for code, column in self.values.items()},
            {code: column[one] for code, column in self.letters.items()},
            {code: column[one] for code, column in self.conversion.items()},
            {code: column[one] for code, column in self.accumulation.items()},
        )


class Instruments:
    """The instruments of one plant.

    Args:
        plant: what they measure.
        calendar: when they are calibrated, serviced or broken, when the source stands, and when
            somebody meddles with them.
        pretence: the same plant with nothing wrong, which a cheat likes to report.
    """

    def __init__(
        self, plant: Plant, calendar: Calendar | None = None, pretence: Plant | None = None
    ) -> None:
        self.plant = plant
        self.calendar = calendar or Calendar()
        self._pretence = pretence or plant
        self._ordered: list[tuple[str, Episode]] = []
        self._block = lru_cache(maxsize=BLOCKS)(self._read_block)

    def calibrate(self, code: str, start: int, end: int) -> None:
        """Calibrate one analyser over `[start, end)`, unix time [s], because the host says so.

        Raises:
            ValueError: no such factor is measured.
        """
        if code not in {one.code for one in self.plant.channels}:
            raise ValueError(f"no analyser of {code}")
        self._ordered.append((code, Episode(start, end, Happening.CALIBRATION)))
        self._block.cache_clear()

    def slope(self, code: str, at: int) -> float:
        """Give the slope (i13008) that an analyser is set to at a unix time [s]."""
        edited = self.calendar.during(Happening.SLOPE_EDITED, at)
        touched = TRICKS[Happening.SLOPE_EDITED].touches(self.plant)
        return EDITED_SLOPE if edited and code in touched else 1.0

    def glance(self, at: int) -> Readout:
        """Read one instant, unix time [s]; tens of seconds are read ahead by the block."""
        if at % GLANCE_SECONDS:
            return self.read(np.array([at], dtype=np.int64))
        block, rest = divmod(at, BLOCK_SECONDS)
        return self._block(block).only(rest // GLANCE_SECONDS)

    def _read_block(self, block: int) -> Readout:
        first = block * BLOCK_SECONDS
        return self.read(np.arange(first, first + BLOCK_SECONDS, GLANCE_SECONDS, dtype=np.int64))

    def read(self, times: Times) -> Readout:
        """Read all of them; each time by itself, whatever else is asked."""
        found = _Reading(dict(self.plant.samples(times)), times, _all(self.plant))
        episodes = self.calendar.episodes(int(times.min()), int(times.max()))
        for episode in episodes:
            if episode.what in TRICKS:
                self._play(episode, found)
        for episode in episodes:
            if episode.what in _EFFECTS:
                self._affect(analysers(self.plant), episode, found)
        for code, episode in self._ordered:
            one = next(channel for channel in self.plant.channels if channel.code == code)
            self._affect([one], episode, found)
        self._mark(found)
        return found.readout()

    def _play(self, episode: Episode, found: "_Reading") -> None:
        """Let a trick change what is shown."""
        trick = TRICKS[episode.what]
        touched = trick.touches(self.plant)
        scene = Scene(self.plant, self._pretence, episode, found.times, found.values, touched)
        found.put(episode, trick.alters(scene))
        inside = found.inside(episode)
        opening = inside & (found.times < episode.start + OPENING_SECONDS)
        for code in touched:
            if trick.letter:
                found.letters[code][inside] = trick.letter
            if trick.opening_letter:
                found.letters[code][opening] = trick.opening_letter
            found.conversion[code][inside] *= trick.conversion
            found.accumulation[code][inside] *= trick.accumulation

    def _affect(self, channels: Iterable[Channel], episode: Episode, found: "_Reading") -> None:
        letter, effect = _EFFECTS[episode.what]
        inside = found.inside(episode)
        for channel in channels:
            changed = effect(self.plant, channel, episode, found.times)
            found.put(episode, {channel.code: changed})
            found.letters[channel.code][inside] = letter

    def _mark(self, found: "_Reading") -> None:
        states = self.calendar.states(found.times)
        standing = np.array([one in {State.STOPPED, State.BANKED} for one in states])
        for channel in self.plant.channels:
            letters = found.letters[channel.code]
            if channel.ceiling:
                over = found.values[channel.code] > upper_reach(channel)
                letters[over & (letters == "N")] = "T"
            letters[standing] = "F"


class _Reading:
    """A readout in the making."""

    def __init__(self, values: Samples, times: Times, channels: tuple[Channel, ...]) -> None:
        self.values, self.times = values, times
        self._channels = channels
        self.letters = {one.code: np.full(len(times), "N") for one in channels}
        self.conversion = {one.code: np.ones(len(times)) for one in channels}
        self.accumulation = {one.code: np.ones(len(times)) for one in channels}

    def inside(self, episode: Episode) -> NDArray[np.bool_]:
        """Tell which times are within an episode."""
        inside: NDArray[np.bool_] = (self.times >= episode.start) & (self.times < episode.end)
        return inside

    def put(self, episode: Episode, changed: Samples) -> None:
        """Show something else within an episode."""
        inside = self.inside(episode)
        for code, values in changed.items():
            self.values[code] = np.where(inside, values, self.values[code])

    def readout(self) -> Readout:
        """Give it with the digits shown."""
        shown = {one.code: np.round(self.values[one.code], one.decimals) for one in self._channels}
        return Readout(shown, self.letters, self.conversion, self.accumulation)


def analysers(plant: Plant) -> list[Channel]:
    """Give the channels that are calibrated: those of pollutants, and oxygen."""
    return [one for one in plant.channels if one.mass or one.code == OXYGEN]


def reach(channel: Channel) -> float:
    """Give the lower range of an analyser, in the unit of its factor: that of its span gas."""
    if channel.code == OXYGEN:
        return OXYGEN_RANGE
    return RANGE_PER_CEILING * channel.ceiling or USUAL_RANGE


def upper_reach(channel: Channel) -> float:
    """Give the upper range of an analyser that has two, else its only one."""
    if channel.code.startswith(_GASES):
        return UPPER_RANGE_PER_CEILING * channel.ceiling
    return reach(channel)


def _all(plant: Plant) -> tuple[Channel, ...]:
    return (*plant.channels, *plant.process)


def _calibrated(plant: Plant, channel: Channel, episode: Episode, times: Times) -> Column:
    del plant
    half = (episode.start + episode.end) / 2
    return np.where(times < half, 0.0, SPAN_SHARE * reach(channel))


def _held(plant: Plant, channel: Channel, episode: Episode, times: Times) -> Column:
    first = plant.samples(np.array([episode.start], dtype=np.int64))[channel.code][0]
    return np.full(len(times), first)


def _nothing(plant: Plant, channel: Channel, episode: Episode, times: Times) -> Column:
    del plant, channel, episode
    return np.zeros(len(times))


_Effect = Callable[[Plant, Channel, Episode, Times], Column]
_EFFECTS: Mapping[Happening, tuple[str, _Effect]] = {
    Happening.CALIBRATION: ("C", _calibrated),
    Happening.MAINTENANCE: ("M", _held),
    Happening.ANALYSER_FAULT: ("D", _nothing),
}
