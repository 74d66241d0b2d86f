"""Fold a finding into the alarms of its cause."""

from datetime import datetime

from plume.errors import Conflict, NotThere, Unavailable
from plume.flows.alarm import Place, fold
from plume.model.alarm import Alarm
from plume.model.finding import Finding
from plume.ports.alarms import Alarms
from plume.ports.registry import Registry

TRIES = 5


def raise_alarm(
    finding: Finding, *, alarms: Alarms, registry: Registry, now: datetime
) -> Alarm | None:
    """Open, extend, correct or clear the alarm of a finding; give the one that changed.

    Safe to repeat and to run beside itself: each try folds into what is stored by then.

    Raises:
        NotThere: the finding speaks of no known outlet.
        Unavailable: others kept changing the alarm; deliver the finding again.
    """
    outlet = registry.outlet(finding.outlet)
    if outlet is None:
        raise NotThere(f"no outlet {finding.outlet}")
    place = Place(outlet.enterprise, outlet.region)
    for _ in range(TRIES):
        episodes = alarms.episodes(finding.rule.id, finding.outlet, finding.factor)
        changed = fold(episodes, finding, place=place, now=now)
        if changed is None or _put(alarms, changed, beside=len(episodes)):
            return changed
    raise Unavailable(f"{finding.rule.id} {finding.outlet}: changed under us {TRIES} times")


def _put(alarms: Alarms, changed: Alarm, *, beside: int) -> bool:
    try:
        alarms.put(changed, expected=changed.version - 1, beside=beside)
    except Conflict:
        return False
    return True
