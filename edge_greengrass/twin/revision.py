"""History told anew: after an episode its hours are sent again, with less in them (G-12)."""

from collections.abc import Iterator
from datetime import UTC, datetime

from edge_greengrass.twin.calendar import Calendar, Times
from edge_greengrass.twin.episode import Episode, Happening
from edge_greengrass.twin.messages import HOUR, SECONDS, Message
from edge_greengrass.twin.plant import Plant, Samples, Sight

SHAVED = 0.8
"""What the second telling leaves of every pollutant [-]."""


def revisions(calendar: Calendar, after: datetime, until: datetime) -> Iterator[Message]:
    """Give the hours told anew because an episode ended within `(after, until]`."""
    first, last = int(after.timestamp()), int(until.timestamp())
    for episode in calendar.episodes(first, last):
        if episode.what is Happening.REWRITTEN_HOURS and first < episode.end <= last:
            yield from _hours(episode)


class Shaved:
    """A plant as a forger remembers it."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self.channels, self.process = plant.channels, plant.process
        self.reference_oxygen = plant.reference_oxygen
        self.flow_to_cubic_metres = plant.flow_to_cubic_metres
        self.mass_to_kilograms = plant.mass_to_kilograms

    def samples(self, times: Times) -> Samples:
        """Read everything, the pollutants shaved."""
        shown = self._plant.samples(times)
        return shown | {one.code: SHAVED * shown[one.code] for one in self.channels if one.mass}

    def sight(self, at: datetime) -> Sight:
        """Tell what a camera would see: a camera forgets nothing."""
        return self._plant.sight(at)


def _hours(episode: Episode) -> Iterator[Message]:
    seconds = SECONDS[HOUR]
    due = datetime.fromtimestamp(episode.end, tz=UTC)
    start = -(-episode.start // seconds) * seconds
    for second in range(start, episode.end - seconds + 1, seconds):
        yield Message(due, HOUR, datetime.fromtimestamp(second, tz=UTC), revised=True)
