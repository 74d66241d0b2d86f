"""The watch: judges while the line is down, tells each conclusion once, closes what it opened."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from edge_greengrass.sentinel.configuration import Law
from edge_greengrass.sentinel.judging import judged
from edge_greengrass.sentinel.line import line_of
from edge_greengrass.sentinel.recollection import Recollection
from plume.evidence import payload
from plume.model.event import EdgeFinding
from plume.model.finding import Finding, Source
from plume.model.identity import OutletId
from plume.model.segment import Payload
from plume.rules.treatment import RULES
from plume.wire.events import event_fields

STATE = "sentinel.json"
MOST_REMEMBERED = 10_000
"""Conclusions remembered as told [1]; one that falls out is told again, which harms nobody."""

_Cause = tuple[str, str, str]
_Identity = tuple[str, str, str, datetime]


class Appends(Protocol):
    """What the watch asks of its log: durable on return, or an exception."""

    def append(self, records: Sequence[bytes]) -> object:
        """Keep the records."""


class Watch:
    """What the sentinel concludes, and what it has said of it.

    A cause that it opened stays its own until it has told that the rule holds again, even when
    the line is back by then: the platform may not have the points yet that it was opened by.

    Args:
        home: where the line is told, and where this keeps who was heard and what is open.
        log: the log that the uplink reads.

    Attributes:
        begun: of what the last sweep told, that which opened a cause.
    """

    def __init__(self, home: Path, log: Appends) -> None:
        self.seen = Recollection()
        self._home, self._log = home, log
        self.begun: tuple[Finding, ...] = ()
        self._told: dict[_Identity, Finding] = {}
        self._open: dict[_Cause, datetime] = {}
        self._kept = b""
        self._recall()

    @property
    def open_causes(self) -> int:
        """How many causes were opened here and are not closed yet."""
        return len(self._open)

    def sweep(self, law: Law, now: datetime) -> list[Finding]:
        """Judge, tell what is new, and give it.

        Raises:
            OutboxFull, OSError: nothing is taken as told; the next sweep tells it.
        """
        self._open = {key: at for key, at in self._open.items() if _is_judged(key, law)}
        line = line_of(self._home)
        down = line is not None and not line.up
        since = line.since if down and line is not None else now
        earliest = min([since, *self._open.values()])
        found = judged(law, self.seen, earliest, now) if down or self._open else []
        news, opened = self._news(found, down=down)
        if news:
            self._log.append([_record(one, now) for one in news])
        self._note(news)
        self.begun = tuple(one for one in news if one.broken and _cause(one) not in self._open)
        self._open = opened
        self.seen.forget(now)
        self._keep()
        return news

    def _news(
        self, found: Sequence[Finding], *, down: bool
    ) -> tuple[list[Finding], dict[_Cause, datetime]]:
        """Give what is to be told, and what is open then.

        What breaks is news while the line is down; what holds, where it was broken before.
        """
        news, opened = [], dict(self._open)
        for one in found:
            cause = _cause(one)
            if one.broken and down and self._told.get(_identity(one)) != _word(one):
                opened[cause] = one.end
                news.append(one)
            elif not one.broken and cause in opened and one.start >= opened[cause]:
                del opened[cause]
                news.append(one)
        return news, opened

    def _note(self, news: Sequence[Finding]) -> None:
        self._told |= {_identity(one): _word(one) for one in news}
        while len(self._told) > MOST_REMEMBERED:
            del self._told[next(iter(self._told))]

    def _recall(self) -> None:
        """Take up what a former life has kept; a torn or foreign file is as good as none."""
        try:
            kept = json.loads((self._home / STATE).read_text(encoding="utf-8"))
            heard = {OutletId(key): _aware(at) for key, at in kept["heard"].items()}
            opened = {(rule, key, factor): _aware(at) for rule, key, factor, at in kept["open"]}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return
        self.seen.heard, self._open = heard, opened

    def _keep(self) -> None:
        """Keep the state as a whole, not durably: an older one leads to no wrong word."""
        heard = {key: at.isoformat() for key, at in sorted(self.seen.heard.items())}
        opened = [[*cause, at.isoformat()] for cause, at in sorted(self._open.items())]
        content = json.dumps({"heard": heard, "open": opened}).encode()
        if content != self._kept:
            draft = self._home / f".{STATE}"
            draft.write_bytes(content)
            draft.replace(self._home / STATE)
            self._kept = content


def _record(finding: Finding, now: datetime) -> bytes:
    told = replace(finding, source=Source.EDGE)
    return payload.encode(Payload(events=(event_fields(EdgeFinding(now, told)),)))


def _cause(finding: Finding) -> _Cause:
    return finding.rule.id, finding.outlet, finding.factor


def _is_judged(cause: _Cause, law: Law) -> bool:
    """Whether the rule can be found to hold again; a facility that was retired is told by nobody.

    The platform closes its alarm. An outlet whose law did not come, or rotted, has retired none.
    """
    if cause[0] not in RULES or cause[1] not in law.versions:
        return True
    facilities = {(one.rule.id, one.outlet, one.demand.channel) for one in law.facilities}
    return cause in facilities


def _identity(finding: Finding) -> _Identity:
    return (*_cause(finding), finding.start)


def _word(finding: Finding) -> Finding:
    """What was said, whenever it became known: the same word again is no news."""
    return replace(finding, known_at=finding.start)


def _aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
