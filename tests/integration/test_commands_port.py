"""One suite, two worlds: commands and the audit trail."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from plume.aws.audit_table import AuditTable
from plume.aws.commands_table import CommandsTable
from plume.errors import Conflict
from plume.memory.commands import MemoryAudit, MemoryCommands
from plume.model.audit import AuditEntry
from plume.model.command import CommandId, CommandRecord, CommandState
from plume.model.event import Receipt, ReceiptStage
from plume.model.identity import EnterpriseId, OutletId, RegionCode, ThingName
from plume.model.person import Scope
from plume.ports.audit import Audit
from plume.ports.commands import CommandQuery, Commands
from tests.given_commands import EIGHT, asked, sent
from tests.integration.worlds import one_of

CITY = Scope(regions=(RegionCode("1505"),))
ANY = CommandQuery()


@pytest.fixture(params=["memory", "dynamodb"])
def commands(request: pytest.FixtureRequest) -> Iterator[Commands]:
    yield from one_of(request, MemoryCommands, lambda: CommandsTable("commands"))


@pytest.fixture(params=["memory", "dynamodb"])
def audit(request: pytest.FixtureRequest) -> Iterator[Audit]:
    yield from one_of(request, MemoryAudit, lambda: AuditTable("audit"))


def at(key: str, outlet: str, owner: str, region: str, minutes: int) -> CommandRecord:
    record = asked(key, minutes=minutes)
    command = replace(record.command, outlet=OutletId(outlet), thing=ThingName(f"edge-{outlet}"))
    return replace(
        record, command=command, enterprise=EnterpriseId(owner), region=RegionCode(region)
    )


@pytest.fixture
def filled(commands: Commands) -> Commands:
    """Four commands; the second is done, the third asks the device itself, the last is far."""
    commands.put(at("A", "stack", "north", "150523", 1), expected=0)
    done = replace(at("B", "stack", "north", "150523", 2), state=CommandState.DONE)
    commands.put(done, expected=0)
    device = at("C", "drain", "south", "150502", 3)
    commands.put(replace(device, command=replace(device.command, outlet=None)), expected=0)
    commands.put(at("D", "far", "west", "150602", 4), expected=0)
    return commands


def ids(commands: Commands, query: CommandQuery, scope: Scope = CITY) -> str:
    return "".join(one.id for one in commands.page(query, scope, most=10).items)


def test_a_command_comes_back_whole(commands: Commands) -> None:
    result: dict[str, object] = {"time": "20261124080000", "points": [1, None, True]}
    receipt = Receipt(EIGHT, "CM1", ReceiptStage.DONE, "", result)
    whole = replace(sent(), receipts=(receipt,))
    commands.put(whole, expected=0)
    assert commands.get(CommandId("CM1")) == whole
    assert commands.get(CommandId("CM2")) is None


def test_the_version_guards_two_writers(commands: Commands) -> None:
    commands.put(asked(), expected=0)
    with pytest.raises(Conflict):
        commands.put(asked(), expected=0)
    commands.put(replace(sent(), version=2), expected=1)
    with pytest.raises(Conflict):
        commands.put(replace(asked(), version=2), expected=1)
    found = commands.get(CommandId("CM1"))
    assert found is not None
    assert found.state is CommandState.SENT


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (CITY, "CBA"),
        (Scope(), ""),
        (Scope(regions=(RegionCode("150523"),)), "BA"),
        (Scope(enterprises=(EnterpriseId("south"), EnterpriseId("west"))), "DC"),
        (Scope(outlets=(OutletId("stack"),)), "BA"),
        (Scope(regions=(RegionCode("1505"),), enterprises=(EnterpriseId("north"),)), "CBA"),
    ],
)
def test_a_page_holds_what_is_within_the_scope_newest_first(
    filled: Commands, scope: Scope, found: str
) -> None:
    assert ids(filled, ANY, scope) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (CommandQuery(outlet=OutletId("stack")), "BA"),
        (CommandQuery(outlet=OutletId("far")), ""),
        (CommandQuery(thing=ThingName("edge-drain")), "C"),
        (CommandQuery(thing=ThingName("edge-far")), ""),
        (CommandQuery(outlet=OutletId("stack"), thing=ThingName("edge-drain")), ""),
        (CommandQuery(states=(CommandState.DONE,)), "B"),
        (CommandQuery(states=(CommandState.AWAITING_APPROVAL, CommandState.DONE)), "CBA"),
    ],
)
def test_a_question_narrows_the_page(filled: Commands, query: CommandQuery, found: str) -> None:
    assert ids(filled, query) == found


def test_pages_join_without_gap_or_repetition(commands: Commands) -> None:
    for number in range(7):
        commands.put(at(f"C{number}", "stack", "north", "150523", number), expected=0)
    found, cursor = [], ""
    while True:
        page = commands.page(ANY, CITY, most=3, cursor=cursor)
        found += [one.id for one in page.items]
        cursor = page.cursor
        if not cursor:
            break
    assert found == [f"C{number}" for number in range(6, -1, -1)]


def test_what_ended_is_not_looked_after_any_more(filled: Commands) -> None:
    assert [one.id for one in filled.unended()] == ["A", "C", "D"]
    ended = replace(at("A", "stack", "north", "150523", 1), state=CommandState.EXPIRED, version=2)
    filled.put(ended, expected=1)
    assert [one.id for one in filled.unended()] == ["C", "D"]


def test_an_act_is_kept_once_and_never_changed(audit: Audit) -> None:
    first = AuditEntry("a#0", EIGHT, "u1", "张三", "county", "command:ask", "command#A")
    second = AuditEntry(
        "a#1", EIGHT + timedelta(hours=20), "u2", "李四", "county", "command:approve", "command#A"
    )
    audit.add([second, first])
    audit.add([replace(first, reason="changed"), second])
    assert list(audit.about("command#A")) == [first, second]
    assert list(audit.about("command#B")) == []


def act(number: int, hours: float) -> AuditEntry:
    return AuditEntry(
        f"a#{number}", EIGHT + timedelta(hours=hours), "u1", "张三", "county", "command:ask",
        "command#A",
    )  # fmt: skip


def test_acts_of_a_range_come_newest_first_over_days_and_pages(audit: Audit) -> None:
    """From 8:00 UTC on the 24th: two within a day, one each of the next two, one without."""
    entries = [act(0, 0), act(1, 0), act(2, 3), act(3, 20), act(4, 50), act(5, 72)]
    audit.add(entries)
    found, cursor = list[str](), ""
    while True:
        page = audit.page(EIGHT, EIGHT + timedelta(hours=72), most=2, cursor=cursor)
        found += [one.id for one in page.items]
        cursor = page.cursor
        if not cursor:
            break
    assert found == ["a#4", "a#3", "a#2", "a#1", "a#0"]
    later = audit.page(EIGHT + timedelta(hours=1), EIGHT + timedelta(hours=21), most=9)
    assert [one.id for one in later.items] == ["a#3", "a#2"]
    assert later.cursor == ""
