"""When what happens to a plant: given episodes, and rhythms that follow from the seed alone."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from edge_greengrass.twin.episode import Episode, Happening
from edge_greengrass.twin.noise import uniform

DAY_SECONDS = 86400
_BEIJING_SECONDS = 8 * 3600
Times = NDArray[np.int64]
Column = NDArray[np.float64]


class State(StrEnum):
    """What the source of the emission does (生产状态)."""

    RUNNING = "running"
    STARTING = "starting"
    STOPPING = "stopping"
    BANKED = "banked"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Ramp:
    """How long the plant takes to go down [s] and to come back [s], and what it is in between."""

    down: int
    up: int
    between: State


RAMPS = {
    Happening.OUTAGE: Ramp(2 * 3600, 6 * 3600, State.STOPPED),
    Happening.BANKED: Ramp(3600, 2 * 3600, State.BANKED),
    Happening.TRIP: Ramp(60, 3 * 3600, State.STOPPED),
}
"""Coming back ends with the episode; both parts shrink in an episode too short for them."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One episode in each period of the plant's wall clock (UTC+8), somewhere within it.

    `kinds` take turns, in an order drawn by the seed. `shortest` to `longest` [s] is how long an
    episode lasts, `share` in how many of the periods there is one, `opening` [s] where in the
    period it may begin at the earliest.
    """

    kinds: tuple[Happening, ...]
    period: int
    shortest: int
    longest: int
    share: float = 1.0
    opening: int = 0

    def episodes(self, seed: int, first: int, last: int) -> Iterator[Episode]:
        """Give the episodes that touch `[first, last]`, in order."""
        local_first, local_last = first + _BEIJING_SECONDS, last + _BEIJING_SECONDS
        for turn in range(local_first // self.period, local_last // self.period + 1):
            episode = _turn(self, seed, turn)
            if episode is not None and episode.overlaps(first, last):
                yield episode

    def kind(self, seed: int, turn: int) -> Happening:
        """Every kind comes once in each round; rounds are shuffled anew."""
        round_, place = divmod(turn, len(self.kinds))
        ticks = np.arange(len(self.kinds), dtype=np.int64) + round_ * len(self.kinds)
        order = np.argsort(uniform(seed, f"order/{self.kinds[0]}", ticks), kind="stable")
        return self.kinds[int(order[place])]


@lru_cache(maxsize=4096)
def _turn(rhythm: Rhythm, seed: int, turn: int) -> Episode | None:
    """Draw the episode of one period."""
    drawn = _drawn(seed, f"{rhythm.kinds[0]}/{rhythm.period}", turn)
    if drawn[0] >= rhythm.share:
        return None
    length = int(rhythm.shortest + drawn[1] * (rhythm.longest - rhythm.shortest))
    free = max(0, rhythm.period - rhythm.opening - length)
    start = turn * rhythm.period + rhythm.opening + int(drawn[2] * free) - _BEIJING_SECONDS
    return Episode(start, start + length, rhythm.kind(seed, turn))


class Calendar:
    """All episodes of one plant; what it says depends on the time alone.

    Args:
        seed: of the rhythms.
        episodes: given ones.
        rhythms: recurring ones.
    """

    def __init__(
        self,
        seed: int = 1,
        episodes: Sequence[Episode] = (),
        rhythms: Sequence[Rhythm] = (),
    ) -> None:
        self._seed = seed
        self._episodes = tuple(sorted(episodes))
        self._rhythms = tuple(rhythms)

    def episodes(self, first: int, last: int) -> list[Episode]:
        """Give what touches `[first, last]`, in order.

        Nothing drawn by the seed happens to a plant that stands still or is going to: what is
        given stands, and of the drawn episodes a stop drives out the others.
        """
        found = [one for one in self._episodes if one.overlaps(first, last)]
        drawn = self._drawn(first, last)
        return sorted(found + [o for o in drawn if o.what in RAMPS or not self._stands(o)])

    def without(self, unwanted: Callable[[Happening], bool]) -> "Calendar":
        """Give this calendar as if some kinds never happened."""
        kept = [one for one in self._episodes if not unwanted(one.what)]
        rhythms = [rhythm for rhythm in self._rhythms if not unwanted(rhythm.kinds[0])]
        return Calendar(self._seed, kept, rhythms)

    def share(
        self, *whats: Happening, times: Times, easing_in: int = 0, easing_out: int = 0
    ) -> Column:
        """Give how far any of some happenings has taken hold, in [0, 1].

        Args:
            whats: the happenings.
            times: shape (n,), unix time [s].
            easing_in: how long it takes to take hold [s], from its start.
            easing_out: how long it takes to go away [s], from its end.
        """
        share = np.zeros(len(times))
        for one in self._touching(times, easing_out):
            if one.what in whats:
                since, after = times - one.start, times - one.end
                rise = np.clip(since / easing_in, 0, 1) if easing_in else (since >= 0) * 1.0
                fall = np.clip(after / easing_out, 0, 1) if easing_out else (after >= 0) * 1.0
                share = np.maximum(share, rise * (1 - fall))
        return share

    def during(self, what: Happening, at: int) -> bool:
        """Tell whether a happening holds at a unix time [s]."""
        return any(one.what is what for one in self.episodes(at, at))

    def output(self, times: Times) -> Column:
        """Give what stops leave of the plant's output, in [0, 1]."""
        share = np.ones(len(times))
        for one in self._stops(times):
            down, up = _ramps(one)
            falling = 1 - np.clip((times - one.start) / down, 0, 1)
            rising = np.clip((times - (one.end - up)) / up, 0, 1)
            share = np.where(_within(one, times), np.minimum(share, falling + rising), share)
        return share

    def states(self, times: Times) -> list[State]:
        """Give the state at each time."""
        order = list(State)
        found = np.full(len(times), order.index(State.RUNNING))
        for one in self._stops(times):
            down, up = _ramps(one)
            inside = _within(one, times)
            found[inside] = order.index(RAMPS[one.what].between)
            found[inside & (times < one.start + down)] = order.index(State.STOPPING)
            found[inside & (times >= one.end - up)] = order.index(State.STARTING)
        return [order[at] for at in found.tolist()]

    def _stops(self, times: Times) -> list[Episode]:
        return [one for one in self._touching(times, 0) if one.what in RAMPS]

    def _touching(self, times: Times, margin: int) -> list[Episode]:
        if not len(times):
            return []
        return self.episodes(int(times.min()) - margin, int(times.max()))

    def _drawn(self, first: int, last: int) -> Iterator[Episode]:
        for rhythm in self._rhythms:
            yield from rhythm.episodes(self._seed, first, last)

    def _stands(self, episode: Episode) -> bool:
        around = self._drawn(episode.start, episode.end)
        given = (one for one in self._episodes if one.overlaps(episode.start, episode.end))
        return _any_stop(around) or _any_stop(given)


INSTRUMENT_RHYTHMS = (
    Rhythm((Happening.CALIBRATION,), DAY_SECONDS, 900, 900, opening=2 * 3600),
    Rhythm((Happening.MAINTENANCE,), 7 * DAY_SECONDS, 3600, 5400),
    Rhythm((Happening.ANALYSER_FAULT,), 21 * DAY_SECONDS, 7200, 14400),
)
"""Zero and span every 24 h (HJ 75-2017), service every 7 days, now and then a fault."""

STOP_RHYTHM = Rhythm(
    (Happening.BANKED, Happening.OUTAGE, Happening.TRIP),
    9 * DAY_SECONDS,
    16 * 3600,
    30 * 3600,
)


def _any_stop(episodes: Iterable[Episode]) -> bool:
    return any(one.what in RAMPS for one in episodes)


def _ramps(episode: Episode) -> tuple[int, int]:
    ramp, length = RAMPS[episode.what], episode.end - episode.start
    return min(ramp.down, length // 4), min(ramp.up, length // 2)


def _within(episode: Episode, times: Times) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (times >= episode.start) & (times < episode.end)
    return inside


def _drawn(seed: int, name: str, turn: int) -> Column:
    """Give three numbers in [0, 1)."""
    ticks = np.arange(3, dtype=np.int64) + 3 * turn
    return (uniform(seed, name, ticks) + 1) / 2
