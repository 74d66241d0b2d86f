"""The labels of everything that was done to the data, for whoever scores the rules."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge_greengrass.twin.cast import calendar_of, plant_of
from edge_greengrass.twin.configuration import PlantSettings
from edge_greengrass.twin.tricks import TRICKS, Nature, rules_for


@dataclass(frozen=True, slots=True, order=True)
class Label:
    """One labelled episode over `[start, end)`, aware; `zh` names it, `rules` ought to find it."""

    start: datetime
    end: datetime
    outlet: str
    kind: str
    zh: str
    nature: Nature
    channels: tuple[str, ...]
    rules: tuple[str, ...]


def labels_of(settings: PlantSettings, first: datetime, last: datetime) -> Iterator[Label]:
    """Give the labels of one plant that touch `[first, last]`, in order."""
    calendar = calendar_of(settings)
    plant = plant_of(settings, calendar)
    for episode in calendar.episodes(int(first.timestamp()), int(last.timestamp())):
        trick = TRICKS.get(episode.what)
        if trick is not None:
            yield Label(
                start=datetime.fromtimestamp(episode.start, tz=UTC),
                end=datetime.fromtimestamp(episode.end, tz=UTC),
                outlet=settings.outlet,
                kind=episode.what.value,
                zh=trick.zh,
                nature=trick.nature,
                channels=trick.touches(plant),
                rules=rules_for(settings.kind, plant, episode.what),
            )


def write(path: Path, plants: Sequence[PlantSettings], now: datetime, last: datetime) -> None:
    """Write the labels of all plants, one JSON object a line: from their back-fill on to `last`.

    What the file says of earlier episodes is kept: their data were sent by an earlier run. The
    file is whole or not there at all.
    """
    begins = {one.outlet: now - timedelta(hours=one.backfill_hours) for one in plants}
    found = sorted(label for one in plants for label in labels_of(one, begins[one.outlet], last))
    lines = dict.fromkeys([*_earlier(path, begins, now), *_lines(found)])
    draft = path.with_suffix(".new")
    draft.write_text("".join(lines), encoding="utf-8")
    draft.replace(path)


def _earlier(path: Path, begins: Mapping[str, datetime], now: datetime) -> Iterator[str]:
    """Give the lines of an earlier run about episodes that began before this run's data."""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            told = json.loads(line)
            if datetime.fromisoformat(told["from"]) < begins.get(told["plant"], now):
                yield line


def _lines(found: Iterable[Label]) -> Iterator[str]:
    for label in found:
        said = {
            "plant": label.outlet,
            "kind": label.kind,
            "zh": label.zh,
            "nature": label.nature.value,
            "from": label.start.isoformat(),
            "to": label.end.isoformat(),
            "channels": label.channels,
            "rules": label.rules,
        }
        yield json.dumps(said, ensure_ascii=False) + "\n"
