"""The alarm function, from findings in to alarms kept."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.raise_alarm import handler as alarm
from plume.errors import Conflict, Unavailable
from plume.memory.world import MemoryAlarms, MemoryDeviceCommands, MemoryRegistry
from plume.model.alarm import Alarm, Condition
from plume.model.finding import Finding, Source
from plume.rules.limits import judge_limits
from plume.usecases.raise_alarm import raise_alarm
from plume.wire.messages import finding_json, finding_of
from tests.given import EIGHT, HOUR, NOW, SO2_LIMIT, STACK, reading, registry

CONTEXT = SimpleNamespace(
    function_name="raise_alarm",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:raise_alarm",
    aws_request_id="r",
)


class ContestedAlarms(MemoryAlarms):
    """Someone else is faster, so many times."""

    contests = 0

    def put(self, told: Alarm, *, expected: int, beside: int = 0) -> None:
        if self.contests:
            self.contests -= 1
            raise Conflict("someone was faster")
        super().put(told, expected=expected, beside=beside)


def found(converted: str, hour: int = 0) -> Finding:
    told = reading("456.0", converted=Decimal(converted), start=EIGHT + hour * HOUR)
    finding = judge_limits(told, [SO2_LIMIT], outlet=STACK.name, factor=STACK.name)
    assert finding is not None
    return finding


@pytest.fixture
def alarms() -> ContestedAlarms:
    return ContestedAlarms()


@pytest.fixture
def wired(alarms: ContestedAlarms, monkeypatch: pytest.MonkeyPatch) -> MemoryRegistry:
    known = registry()
    ports = SimpleNamespace(
        alarms=lambda: alarms, registry=lambda: known, device_commands=MemoryDeviceCommands
    )
    monkeypatch.setattr(alarm, "wiring", ports)
    return known


def sqs(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": f"m{place}", "eventSource": "aws:sqs", "body": body}
            for place, body in enumerate(bodies)
        ]
    }


def kept(alarms: MemoryAlarms) -> list[Alarm]:
    return list(alarms.episodes("G-06", STACK.id, SO2_LIMIT.factor))


def test_a_broken_window_raises_one_alarm_with_its_place(
    alarms: ContestedAlarms, wired: MemoryRegistry
) -> None:
    for _ in range(2):
        answer = alarm.handler(sqs(finding_json(found("546.6"))), CONTEXT)
        assert answer == {"batchItemFailures": []}
    (one,) = kept(alarms)
    assert (one.enterprise, one.region, one.version) == (STACK.enterprise, STACK.region, 1)


def test_a_batch_out_of_order_still_opens_before_it_clears(
    alarms: ContestedAlarms, wired: MemoryRegistry
) -> None:
    holds, breaks = finding_json(found("10", hour=1)), finding_json(found("546.6"))
    alarm.handler(sqs(holds, breaks), CONTEXT)
    (one,) = kept(alarms)
    assert (one.condition, one.cleared_at) == (Condition.CLEARED, EIGHT + HOUR)


def test_a_rule_that_holds_and_was_never_broken_asks_once_and_for_nothing_else(
    alarms: ContestedAlarms, wired: MemoryRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    episodes, outlet = alarms.episodes, wired.outlet
    monkeypatch.setattr(alarms, "episodes", lambda *of: asked.append("alarms") or episodes(*of))
    monkeypatch.setattr(wired, "outlet", lambda key: asked.append("outlet") or outlet(key))
    alarm.handler(sqs(finding_json(found("10"))), CONTEXT)
    assert asked == ["alarms"]
    alarm.handler(sqs(finding_json(found("546.6"))), CONTEXT)
    alarm.handler(sqs(finding_json(found("10", hour=1))), CONTEXT)
    (one,) = kept(alarms)
    assert one.condition is Condition.CLEARED


@pytest.mark.parametrize("first", [Source.EDGE, Source.CLOUD])
def test_what_site_and_platform_both_find_is_one_alarm(
    alarms: ContestedAlarms, wired: MemoryRegistry, first: Source
) -> None:
    """Its source is whoever said so first."""
    then = Source.CLOUD if first is Source.EDGE else Source.EDGE
    for source in (first, then, first):
        told = finding_json(replace(found("546.6"), source=source))
        assert alarm.handler(sqs(told), CONTEXT) == {"batchItemFailures": []}
    (one,) = kept(alarms)
    assert (one.source, one.count) == (first, 1)


def test_a_lost_race_is_run_again(alarms: ContestedAlarms) -> None:
    alarms.contests = 4
    assert raise_alarm(found("546.6"), alarms=alarms, registry=registry(), now=NOW) is not None


def test_a_race_lost_too_often_comes_back_later(alarms: ContestedAlarms) -> None:
    alarms.contests = 5
    with pytest.raises(Unavailable):
        raise_alarm(found("546.6"), alarms=alarms, registry=registry(), now=NOW)
    assert kept(alarms) == []


def test_damaged_findings_and_unknown_outlets_fail_alone(
    alarms: ContestedAlarms, wired: MemoryRegistry
) -> None:
    stranger = finding_json(replace(found("546.6"), outlet="nowhere"))
    answer = alarm.handler(sqs("[]", finding_json(found("546.6")), stranger), CONTEXT)
    failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
    assert failed == {"m0", "m2"}
    assert len(kept(alarms)) == 1


def test_the_sample_event_is_a_finding() -> None:
    event = json.loads((Path(alarm.__file__).parent / "event.json").read_text("utf-8"))
    assert finding_of(event["Records"][0]["body"]).value == Decimal("546.6")
