"""One suite, two worlds: alarms."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from plume.aws.alarms_table import AlarmsTable
from plume.errors import Conflict
from plume.memory.world import MemoryAlarms
from plume.model.alarm import Alarm, Condition, Handling
from plume.model.finding import AlarmType, Severity, Source
from plume.model.identity import AlarmId, EnterpriseId, OutletId, RegionCode
from plume.model.person import Scope
from plume.ports.alarms import AlarmQuery, Alarms
from tests.integration.given import EIGHT, HOUR, NOX, SO2, alarm, moved
from tests.integration.worlds import one_of

CITY = Scope(regions=(RegionCode("1505"),))
ANY = AlarmQuery()


@pytest.fixture(params=["memory", "dynamodb"])
def alarms(request: pytest.FixtureRequest) -> Iterator[Alarms]:
    yield from one_of(request, MemoryAlarms, lambda: AlarmsTable("alarms"))


def at(key: str, outlet: str, owner: str, region: str, minutes: int) -> Alarm:
    return replace(
        alarm(key, minutes=minutes),
        outlet=OutletId(outlet),
        enterprise=EnterpriseId(owner),
        region=RegionCode(region),
    )


@pytest.fixture
def filled(alarms: Alarms) -> Alarms:
    """Four alarms; the second is cleared, the fourth in another city."""
    alarms.put(at("A", "stack", "north", "150523", 1), expected=0)
    cleared = replace(
        at("B", "stack", "north", "150523", 2),
        condition=Condition.CLEARED,
        cleared_at=EIGHT + HOUR,
        factor=NOX,
    )
    alarms.put(cleared, expected=0)
    alarms.put(replace(at("C", "drain", "south", "150502", 3), severity=Severity.L1), expected=0)
    alarms.put(at("D", "far", "west", "150602", 4), expected=0)
    return alarms


def ids(alarms: Alarms, query: AlarmQuery, scope: Scope = CITY) -> str:
    return "".join(one.id for one in alarms.page(query, scope, most=10).items)


def test_an_alarm_comes_back_whole(alarms: Alarms) -> None:
    whole = moved(alarm())
    alarms.put(whole, expected=0)
    assert alarms.get(AlarmId("AL1")) == whole
    assert alarms.get(AlarmId("AL2")) is None
    assert list(alarms.episodes("E-01", OutletId("stack"), SO2)) == [whole]


def test_an_alarm_about_a_whole_outlet_has_no_factor(alarms: Alarms) -> None:
    alarms.put(replace(alarm(), factor=""), expected=0)
    (back,) = alarms.episodes("E-01", OutletId("stack"), "")
    assert back.factor == ""
    assert ids(alarms, ANY) == "AL1"


def test_the_version_guards_two_writers(alarms: Alarms) -> None:
    alarms.put(alarm(), expected=0)
    with pytest.raises(Conflict):
        alarms.put(alarm(), expected=0)
    alarms.put(moved(alarm()), expected=1)
    with pytest.raises(Conflict):
        alarms.put(replace(alarm(version=2), count=9), expected=1)
    found = alarms.get(AlarmId("AL1"))
    assert found is not None
    assert (found.version, found.handling, found.count) == (2, Handling.RESPONDED, 1)
    with pytest.raises(Conflict):
        alarms.put(alarm("AL9", version=2), expected=1)


def test_episodes_of_a_cause_come_newest_first(alarms: Alarms) -> None:
    for others, day in enumerate((1, 3, 2)):
        start = EIGHT + timedelta(days=day)
        told = replace(alarm(f"AL{day}"), first_at=start, last_at=start + HOUR)
        alarms.put(told, expected=0, beside=others)
    alarms.put(replace(alarm("other"), factor=NOX), expected=0)
    found = alarms.episodes("E-01", OutletId("stack"), SO2)
    assert [one.id for one in found] == ["AL3", "AL2", "AL1"]


def test_of_two_who_saw_no_alarm_of_a_cause_only_the_first_opens_one(alarms: Alarms) -> None:
    alarms.put(alarm("AL1"), expected=0, beside=0)
    with pytest.raises(Conflict):
        alarms.put(alarm("AL2"), expected=0, beside=0)
    assert [one.id for one in alarms.episodes("E-01", OutletId("stack"), SO2)] == ["AL1"]
    assert alarms.get(AlarmId("AL2")) is None
    alarms.put(alarm("AL2"), expected=0, beside=1)
    assert len(alarms.episodes("E-01", OutletId("stack"), SO2)) == 2


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (CITY, "CBA"),
        (Scope(), ""),
        (Scope(regions=(RegionCode("150523"),)), "BA"),
        (Scope(regions=(RegionCode("1505"), RegionCode("150602"))), "DCBA"),
        (Scope(enterprises=(EnterpriseId("south"), EnterpriseId("west"))), "DC"),
        (Scope(outlets=(OutletId("stack"),)), "BA"),
        (Scope(regions=(RegionCode("1505"),), enterprises=(EnterpriseId("north"),)), "CBA"),
    ],
)
def test_a_page_holds_what_is_within_the_scope_newest_change_first(
    filled: Alarms, scope: Scope, found: str
) -> None:
    assert ids(filled, ANY, scope) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (AlarmQuery(condition=Condition.ACTIVE), "CA"),
        (AlarmQuery(condition=Condition.CLEARED), "B"),
        (AlarmQuery(outlet=OutletId("stack")), "BA"),
        (AlarmQuery(outlet=OutletId("far")), ""),
        (AlarmQuery(enterprise="south"), "C"),
        (AlarmQuery(enterprise="west"), ""),
        (AlarmQuery(region="150523"), "BA"),
        (AlarmQuery(factor=NOX), "B"),
        (AlarmQuery(severities=(Severity.L1, Severity.L2)), "C"),
        (AlarmQuery(types=(AlarmType.EXCEED,), factor=SO2), "CA"),
        (AlarmQuery(types=(AlarmType.CLOCK,)), ""),
        (AlarmQuery(handling=Handling.RESPONDED), ""),
        (AlarmQuery(source=Source.CLOUD), "CBA"),
        (AlarmQuery(source=Source.EDGE), ""),
        (AlarmQuery(since=EIGHT + HOUR), "CBA"),
        (AlarmQuery(since=EIGHT + 2 * HOUR), ""),
        (AlarmQuery(until=EIGHT + HOUR), ""),
        (AlarmQuery(outlet=OutletId("stack"), enterprise="south"), ""),
    ],
)
def test_a_question_narrows_the_page(filled: Alarms, query: AlarmQuery, found: str) -> None:
    assert ids(filled, query) == found


def test_an_alarm_found_on_site_is_asked_for_by_its_source(filled: Alarms) -> None:
    on_site = replace(at("E", "vent", "north", "150523", 9), source=Source.EDGE)
    filled.put(on_site, expected=0)
    assert ids(filled, AlarmQuery(source=Source.EDGE)) == "E"
    assert ids(filled, AlarmQuery(source=Source.CLOUD)) == "CBA"


def test_pages_join_without_gap_or_repetition(alarms: Alarms) -> None:
    for number in range(7):
        condition = Condition.CLEARED if number % 3 else Condition.ACTIVE
        told = replace(alarm(f"AL{number}", minutes=number), condition=condition)
        alarms.put(told, expected=0, beside=number)
    found, cursor = [], ""
    while True:
        page = alarms.page(ANY, CITY, most=3, cursor=cursor)
        found += [one.id for one in page.items]
        cursor = page.cursor
        if not cursor:
            break
    assert found == [f"AL{number}" for number in range(6, -1, -1)]


def test_a_change_moves_an_alarm_to_the_front_and_between_conditions(filled: Alarms) -> None:
    before = filled.get(AlarmId("A"))
    assert before is not None
    after = replace(before, condition=Condition.CLEARED, updated_at=EIGHT + 5 * HOUR, version=2)
    filled.put(after, expected=1)
    assert ids(filled, ANY) == "ACB"
    assert ids(filled, AlarmQuery(condition=Condition.ACTIVE)) == "C"
