"""What the instruments of an outlet show: the truth, with their own states and letters.

* calibration (C): the gas analysers see zero gas, then span gas at 0.8 of their range
* maintenance (M): they hold what they showed when it began
* analyser fault (D): they show nothing
* above the range (T): five times the ceiling, where there is one
* the source stands or is banked (F): everything at the outlet, whatever it shows

The points of production and treatment come from the control system and are always N.

Source: HJ 212-2017, table 8. HJ 75-2017 marks a stopped source F and has no letter in HJ 212 for
starting and stopping: those hours are N, as the analysers measure.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_greengrass.twin.calendar import Calendar, Column, State, Times
from edge_greengrass.twin.episode import Episode, Happening
from edge_greengrass.twin.plant import Channel, Plant, Samples

OXYGEN = "a19001"
OXYGEN_RANGE = 25.0
RANGE_PER_CEILING = 5.0
USUAL_RANGE = 100.0
SPAN_SHARE = 0.8
Letters = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Readout:
    """What is shown at each time: values with the digits shown, and the letter of each."""

    values: Samples
    letters: Mapping[str, Letters]


class Instruments:
    """The instruments of one plant.

    Args:
        plant: what they measure.
        calendar: when they are calibrated, serviced or broken, and when the source stands.
    """

    def __init__(self, plant: Plant, calendar: Calendar | None = None) -> None:
        self.plant = plant
        self._calendar = calendar or Calendar()
        self._ordered: list[tuple[str, Episode]] = []

    def calibrate(self, code: str, start: int, end: int) -> None:
        """Calibrate one analyser over `[start, end)`, unix time [s], because the host says so.

        Raises:
            ValueError: no such factor is measured.
        """
        if code not in {one.code for one in self.plant.channels}:
            raise ValueError(f"no analyser of {code}")
        self._ordered.append((code, Episode(start, end, Happening.CALIBRATION)))

    def read(self, times: Times) -> Readout:
        """Read all of them; each time by itself, whatever else is asked."""
        values = dict(self.plant.samples(times))
        letters = {one.code: np.full(len(times), "N") for one in _all(self.plant)}
        for episode in self._calendar.episodes(int(times.min()), int(times.max())):
            if episode.what in _EFFECTS:
                self._affect(analysers(self.plant), episode, times, values, letters)
        for code, episode in self._ordered:
            if episode.overlaps(int(times.min()), int(times.max())):
                one = next(channel for channel in self.plant.channels if channel.code == code)
                self._affect([one], episode, times, values, letters)
        self._mark(times, values, letters)
        shown = {one.code: np.round(values[one.code], one.decimals) for one in _all(self.plant)}
        return Readout(shown, letters)

    def _affect(
        self,
        channels: Iterable[Channel],
        episode: Episode,
        times: Times,
        values: Samples,
        letters: dict[str, Letters],
    ) -> None:
        inside = (times >= episode.start) & (times < episode.end)
        letter, effect = _EFFECTS[episode.what]
        for channel in channels:
            changed = effect(self.plant, channel, episode, times)
            values[channel.code] = np.where(inside, changed, values[channel.code])
            letters[channel.code][inside] = letter

    def _mark(self, times: Times, values: Samples, letters: dict[str, Letters]) -> None:
        states = self._calendar.states(times)
        standing = np.array([one in {State.STOPPED, State.BANKED} for one in states])
        for channel in self.plant.channels:
            if channel.ceiling:
                over = values[channel.code] > reach(channel)
                letters[channel.code][over & (letters[channel.code] == "N")] = "T"
            letters[channel.code][standing] = "F"


def analysers(plant: Plant) -> list[Channel]:
    """Give the channels that are calibrated: those of pollutants, and oxygen."""
    return [one for one in plant.channels if one.mass or one.code == OXYGEN]


def reach(channel: Channel) -> float:
    """Give the range of an analyser, in the unit of its factor."""
    if channel.code == OXYGEN:
        return OXYGEN_RANGE
    return RANGE_PER_CEILING * channel.ceiling or USUAL_RANGE


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
