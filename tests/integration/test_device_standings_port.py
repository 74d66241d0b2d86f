"""One suite, two worlds: how devices stand."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from plume.aws.devices_table import DevicesTable
from plume.memory.device_standings import MemoryDeviceStandings
from plume.model.device_standing import DeviceHeard, Displaced, LawDrawn, LawStanding
from plume.model.event import (
    ClockOffset,
    GapFill,
    GapRecord,
    LawInForce,
    Loss,
    SourceHealth,
    SourceState,
)
from plume.model.identity import OutletId, ThingName
from plume.ports.device_standings import DeviceStandings
from tests.integration.given import EIGHT
from tests.integration.worlds import one_of

THING, OTHER = ThingName("edge-1"), ThingName("edge-2")
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["memory", "dynamodb"])
def standings(request: pytest.FixtureRequest) -> Iterator[DeviceStandings]:
    yield from one_of(request, MemoryDeviceStandings, lambda: DevicesTable("devices"))


def offset(minutes: int, subject: str = "stack") -> ClockOffset:
    span = timedelta(seconds=-minutes, milliseconds=-1)
    return ClockOffset(EIGHT + minutes * MINUTE, subject, "edge", span, 20, jumped=True)


def test_a_standing_comes_back_whole(standings: DeviceStandings) -> None:
    facts = (
        DeviceHeard("b1", 7, EIGHT, EIGHT + MINUTE),
        offset(1),
        SourceHealth(EIGHT, "m1", "modbus", SourceState.SILENT, "x", {"n": 1}, OutletId("stack")),
        GapRecord(EIGHT, "telemetry", Loss.DROPPED, EIGHT, EIGHT, 3, "disk"),
        GapFill(EIGHT, OutletId("stack"), "2061", EIGHT, EIGHT + MINUTE, 2, 1, closed=True),
        Displaced(EIGHT),
        LawDrawn(OutletId("stack"), "digest", 0),
        LawInForce(EIGHT, OutletId("stack"), 1),
    )
    for fact in (*facts, *facts):
        standings.note(THING, fact)
    found = standings.of([THING, OTHER])
    assert list(found) == [THING]
    told = found[THING]
    assert told.clocks == (facts[1],)
    assert told.sources == (facts[2],)
    assert told.gaps == (facts[3],)
    assert told.fills == (facts[4],)
    assert told.displaced == (EIGHT,)
    assert told.laws == (LawStanding(OutletId("stack"), 1, "digest", 1, EIGHT),)
    assert told.heard == facts[0]
    assert standings.of([]) == {}


def test_an_older_word_changes_nothing(standings: DeviceStandings) -> None:
    standings.note(THING, offset(5))
    standings.note(THING, offset(3))
    standings.note(THING, DeviceHeard("b2", 9, EIGHT, EIGHT))
    standings.note(THING, DeviceHeard("b1", 3, EIGHT, EIGHT + MINUTE))
    standing = standings.of([THING])[THING]
    assert standing.clock_of("stack") == offset(5)
    assert standing.heard == DeviceHeard("b2", 9, EIGHT, EIGHT + MINUTE)
    assert [boot.id for boot in standing.boots] == ["b1", "b2"]


def test_offsets_are_kept_one_by_one_in_their_order(standings: DeviceStandings) -> None:
    for minutes in (4, 1, 3, 2, 2):
        standings.note(THING, offset(minutes))
    standings.note(THING, offset(2, "edge"))
    standings.note(OTHER, offset(2))
    found = standings.clocks(THING, "stack", EIGHT + MINUTE, EIGHT + 4 * MINUTE)
    assert list(found) == [offset(1), offset(2), offset(3)]
    assert list(standings.clocks(THING, "stack", EIGHT, EIGHT)) == []


def test_what_a_fact_touches_is_given_back(standings: DeviceStandings) -> None:
    standings.note(THING, offset(1))
    assert standings.note(THING, offset(2, "edge")).clock_of("stack") == offset(1)
    heard = standings.note(THING, DeviceHeard("b", 1, EIGHT, EIGHT, count=3))
    assert heard.lead is not None
    assert heard.lead.count == 3
    closed = standings.note(THING, DeviceHeard("b", 2, EIGHT, EIGHT + 5 * MINUTE))
    assert closed.measured == heard.lead


def test_being_heard_again_a_moment_later_is_no_news(standings: DeviceStandings) -> None:
    first = DeviceHeard("b", 1, EIGHT, EIGHT)
    standings.note(THING, first)
    standings.note(THING, DeviceHeard("b", 2, EIGHT, EIGHT + timedelta(seconds=14)))
    assert standings.of([THING])[THING].heard == first
    later = DeviceHeard("b", 3, EIGHT, EIGHT + timedelta(seconds=15))
    standings.note(THING, later)
    assert standings.of([THING])[THING].heard == later
    again = DeviceHeard("b2", 4, EIGHT, EIGHT + timedelta(seconds=16))
    standings.note(THING, again)
    assert standings.of([THING])[THING].heard == again
