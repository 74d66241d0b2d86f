"""What of the rows that were seen is new, by a memory that lasts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from edge_greengrass.collector.sources.rows import Mapped

MOST_KEYS = 20_000
"""Rows remembered one by one; when there are more, the horizon moves up."""


def apart(rows: Sequence[Mapped], before: Counter[int]) -> list[Mapped]:
    """Put rows of one time a millisecond apart; `before` counts those of each time so far.

    Points are known by their time; two vehicles inspected within one second are two points.
    """
    found = []
    for row in sorted(rows, key=lambda one: one.at):
        found.append(replace(row, at=row.at + before[row.at]))
        before[row.at] += 1
    return found


class Taking:
    """Remembers rows by key for `late` [ms] behind the newest one; what is older was taken.

    So rows may be told again, late and out of order, and each is taken once.
    """

    def __init__(self, state: dict[str, Any], late: int) -> None:
        self._late = late
        self._horizon = int(state.get("horizon", -1))
        self._seen: dict[str, int] = {
            str(key): int(at) for key, at in dict(state.get("seen", {})).items()
        }

    @property
    def horizon(self) -> int:
        """Every row up to this time [ms] counts as taken; -1 for none."""
        return self._horizon

    def new(self, rows: Sequence[Mapped]) -> list[Mapped]:
        """Give the rows that were not taken before, by time, no two of them at one time."""
        found: dict[str, Mapped] = {}
        for row in rows:
            if row.at > self._horizon and row.key not in self._seen:
                found.setdefault(row.key, row)
        return apart(list(found.values()), Counter(self._seen.values()))

    def took(self, rows: Sequence[Mapped], taken: Sequence[Mapped], now: int) -> dict[str, Any]:
        """Remember `taken` among `rows`, by the times the rows say; give what is to last.

        A row of the future, by a clock that is wrong, must not make everything until then count
        as taken: the horizon keeps behind `now` [ms].
        """
        times = {row.key: row.at for row in rows}
        self._seen |= {row.key: times[row.key] for row in taken}
        past = (at for at in self._seen.values() if at <= now)
        newest = max(past, default=self._horizon)
        self._horizon = max(self._horizon, newest - self._late)
        by_age = sorted(self._seen.items(), key=lambda one: one[1])
        if len(by_age) > MOST_KEYS:
            self._horizon = max(self._horizon, by_age[-MOST_KEYS - 1][1])
        self._seen = {key: at for key, at in by_age if at > self._horizon}
        return {"horizon": self._horizon, "seen": self._seen}
