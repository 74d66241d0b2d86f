"""How many alarms there are of each type and in each county: the charts above the list."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TypeVar

from plume.model.alarm import Alarm, Condition, Handling
from plume.model.finding import Severity
from plume.model.permission import Permission
from plume.model.person import Person
from plume.model.standing import AlarmCounts, Counts
from plume.ports.alarms import AlarmQuery, Alarms
from plume.ports.registry import Registry
from plume.usecases.in_sight import require
from plume.usecases.read_alarms import UNNAMED, every_alarm

MOST_COUNTED = 10_000
"""Alarms that one answer counts: fifty requests to the store. A filter makes them fewer."""

Key = TypeVar("Key")


def count_alarms(
    asker: Person,
    query: AlarmQuery,
    *,
    alarms: Alarms,
    registry: Registry,
    most: int = MOST_COUNTED,
) -> AlarmCounts:
    """Count the alarms that `list_alarms` would list, at most `most` of them."""
    require(asker, Permission.ALARM_VIEW)
    found = list(islice(every_alarm(alarms, query, asker.scope), most + 1))
    counted = found[:most]
    by_region = _by_severity((alarm.region, alarm) for alarm in counted)
    names = {region.code: region.name for region in registry.regions()}
    return AlarmCounts(
        by_type=_by_severity((alarm.type, alarm) for alarm in counted),
        by_region=by_region,
        region_names={code: names.get(code, UNNAMED) for code in by_region},
        active=sum(alarm.condition is Condition.ACTIVE for alarm in counted),
        awaiting_response=sum(alarm.handling is Handling.AWAITING_RESPONSE for alarm in counted),
        whole=len(found) <= most,
    )


def _by_severity(keyed: Iterable[tuple[Key, Alarm]]) -> Mapping[Key, Counts]:
    counts: defaultdict[Key, Counter[Severity]] = defaultdict(Counter)
    for key, alarm in keyed:
        counts[key][alarm.severity] += 1
    return counts
