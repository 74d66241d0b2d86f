"""The audit trail over the API: for the auditor alone, newest first, whole."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import pytest

from plume.model.audit import AuditEntry
from plume.model.person import Role
from tests.component.api_world import NOW, OWN, PEOPLE, Caller, MemoryWorld, calling

MINUTE = timedelta(minutes=1)


@pytest.fixture
def auditor(world: MemoryWorld) -> Iterator[Caller]:
    with calling(PEOPLE[Role.AUDIT_ADMIN]) as caller:
        yield caller


def acts(world: MemoryWorld, count: int) -> None:
    world.audit.add(
        [
            AuditEntry(
                f"a{at:03}", NOW - at * MINUTE, f"u{at % 2}", ("张三", "李四")[at % 2], "county",
                ("command:approve", "video:view")[at % 2], f"command#C{at}", "set_time", "偏差",
            )
            for at in range(count)
        ]
    )  # fmt: skip


def listed(auditor: Caller, query: str = "") -> list[str]:
    """Everything that a question gives, page by page."""
    found: list[str] = []
    cursor = ""
    while True:
        more = f"&cursor={cursor}" if cursor else ""
        told = auditor.get(f"/audit?limit=3{query}{more}").json_body
        assert len(told["items"]) <= 3
        found += [one["auditId"] for one in told["items"]]
        cursor = told["nextCursor"] or ""
        if not cursor:
            return found


def test_what_was_done_comes_newest_first_page_by_page(
    world: MemoryWorld, auditor: Caller
) -> None:
    acts(world, 8)
    assert listed(auditor) == [f"a{at:03}" for at in range(8)]
    first = auditor.get("/audit?limit=1").json_body["items"][0]
    assert (first["name"], first["role"], first["act"]) == ("张三", "county", "command:approve")
    assert (first["subject"], first["reason"]) == ("command#C0", "偏差")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("&act=command", [0, 2, 4, 6]),
        ("&act=video:view", [1, 3, 5, 7]),
        ("&actor=u1", [1, 3, 5, 7]),
        (f"&actor={quote('张三')}", [0, 2, 4, 6]),
        (f"&subject={quote('command#C5')}", [5]),
        pytest.param(f"&from={quote((NOW - 2 * MINUTE).isoformat())}", [0, 1, 2], id="from"),
        pytest.param(f"&to={quote((NOW - 6 * MINUTE).isoformat())}", [7], id="to"),
        ("&act=alarm", []),
    ],
)
def test_a_question_narrows_it_and_loses_nothing(
    world: MemoryWorld, auditor: Caller, query: str, found: list[int]
) -> None:
    acts(world, 8)
    assert listed(auditor, query) == [f"a{at:03}" for at in found]


def test_what_people_do_to_an_alarm_and_look_at_stands_in_it(
    world: MemoryWorld, auditor: Caller
) -> None:
    with calling(PEOPLE[Role.CITY_CENTRE]) as centre:
        centre.post(f"/alarms/AL-{OWN}/acknowledge", '{"reason":"已核实"}')
        centre.get(f"/media/M-{OWN}")
    told = {one["act"]: one for one in auditor.get("/audit").json_body["items"]}
    assert told["alarm:acknowledge"]["reason"] == "已核实"
    assert told["alarm:acknowledge"]["actor"] == "id-city_centre"
    assert told["video:view"]["subject"] == f"M-{OWN}"


@pytest.mark.parametrize("query", ["act=%00", "from=yesterday", "limit=0", "cursor=%7B"])
def test_a_bad_question_is_refused(world: MemoryWorld, auditor: Caller, query: str) -> None:
    assert auditor.get(f"/audit?{query}").status_code == 400
