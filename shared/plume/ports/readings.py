"""Official values, every version (监测数据)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from plume.model.identity import OutletId
from plume.model.reading import Reading, Span


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A second, different value for an interval: kept as a new version, reported as rule G-12."""

    before: Reading
    after: Reading


class Readings(Protocol):
    """The store of official values; nothing in it is ever overwritten."""

    def add(self, batch: Sequence[Reading]) -> Sequence[Rewritten]:
        """Keep the batch.

        A reading equal in value to the newest version of its interval and source changes
        nothing; a different one becomes the next version, whatever `version` it carries.
        """

    def of(
        self,
        outlet: OutletId,
        span: Span,
        since: datetime,
        until: datetime,
        *,
        as_known_at: datetime | None = None,
    ) -> Sequence[Reading]:
        """Give the newest version per (factor, start, source) with start in `[since, until)`.

        Only versions known at or before `as_known_at` count when it is given. Ordered by start,
        factor, source. What was added before is there: whoever judges is told in the next moment.
        """
