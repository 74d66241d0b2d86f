"""Fold a finding into the alarms of its cause."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from plume.errors import Conflict, NotThere, Unavailable
from plume.flows.alarm import Place, fold
from plume.model.alarm import Alarm
from plume.model.finding import Finding
from plume.ports.alarms import Alarms
from plume.ports.registry import Registry
from plume.rules.treatment import RULES

TRIES = 5


def raise_alarm(
    finding: Finding, *, alarms: Alarms, registry: Registry, now: datetime
) -> Alarm | None:
    """Open, extend, correct or clear the alarm of a finding; give the one that changed.

    Most findings say that a rule holds which was never broken: nothing is asked for these but
    whether it was.

    What is found against a facility that is retired by now is kept and cleared at once: a site
    whose line was down, or a judge that did not know yet, found it, and nobody will find that the
    rule holds again.

    Safe to repeat and to run beside itself: each try folds into what is stored by then.

    Raises:
        NotThere: the finding speaks of no known outlet, and would change something.
        Unavailable: others kept changing the alarm; deliver the finding again.
    """
    episodes = _episodes(finding, alarms)
    if not (finding.broken or episodes):
        return None
    outlet = registry.outlet(finding.outlet)
    if outlet is None:
        raise NotThere(f"no outlet {finding.outlet}")
    place = Place(outlet.enterprise, outlet.region)
    changed = _folded(finding, place, alarms, now, episodes)
    if finding.broken and _is_retired(finding, registry):
        at = max(now, finding.end)
        ended = replace(finding, broken=False, start=at, end=at, known_at=at)
        return _folded(ended, place, alarms, now, _episodes(ended, alarms)) or changed
    return changed


def _episodes(finding: Finding, alarms: Alarms) -> Sequence[Alarm]:
    return alarms.episodes(finding.rule.id, finding.outlet, finding.factor)


def _folded(
    finding: Finding, place: Place, alarms: Alarms, now: datetime, episodes: Sequence[Alarm]
) -> Alarm | None:
    """Fold into the episodes that were read; into what is stored by then, if others changed it."""
    for _ in range(TRIES):
        changed = fold(episodes, finding, place=place, now=now)
        if changed is None or _put(alarms, changed, beside=len(episodes)):
            return changed
        episodes = _episodes(finding, alarms)
    raise Unavailable(f"{finding.rule.id} {finding.outlet}: changed under us {TRIES} times")


def _is_retired(finding: Finding, registry: Registry) -> bool:
    """Whether it speaks of treatment by a facility that stands in the registry no more."""
    if finding.rule.id not in RULES:
        return False
    return all(
        (one.outlet, one.rule.id, one.demand.channel)
        != (finding.outlet, finding.rule.id, finding.factor)
        for one in registry.facilities(finding.outlet)
    )


def _put(alarms: Alarms, changed: Alarm, *, beside: int) -> bool:
    try:
        alarms.put(changed, expected=changed.version - 1, beside=beside)
    except Conflict:
        return False
    return True
