"""The judging function, from touched windows and sweeps in to findings out."""

import json
from dataclasses import fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.judge_window import handler as judge
from plume.errors import Unavailable
from plume.memory.series import MemorySeries
from plume.memory.world import MemoryFindings, MemoryLatest, MemoryReadings
from plume.model.finding import Finding
from plume.model.reading import Origin, Reading, Span
from plume.model.window import Cause, WindowTouched
from plume.ports.latest import Heard
from plume.usecases.judge_window import JudgeWorld, judge_window
from plume.usecases.sweep_silence import sweep_silence
from plume.wire.messages import window_json, window_of
from tests.component.api_world import facility
from tests.given import DRAIN, EIGHT, HOUR, MINUTE, NOW, STACK, reading, registry

CONTEXT = SimpleNamespace(
    function_name="judge_window",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:judge_window",
    aws_request_id="r",
)
TOUCHED = WindowTouched(STACK.id, EIGHT, EIGHT + HOUR, Cause.READINGS)


@pytest.fixture
def world() -> JudgeWorld:
    return JudgeWorld(
        registry(), MemoryReadings(), MemoryLatest(), MemoryFindings(), MemorySeries()
    )


def judged(world: JudgeWorld, *told: Reading, at: datetime = NOW) -> list[Finding]:
    world.readings.add(told)
    return list(judge_window(TOUCHED, world=world, now=at))


def oxygen(value: str = "8.5", **said: object) -> Reading:
    return reading(value, "a19001", **said)


def minutes(count: int, value: str, factor: str = "a21026", **said: object) -> list[Reading]:
    return [
        reading(value, factor, span=Span.MINUTE, start=EIGHT + place * MINUTE, **said)
        for place in range(count)
    ]


def test_a_reported_conversion_over_the_limit_is_an_exceedance(world: JudgeWorld) -> None:
    (finding,) = judged(world, reading("456.0", converted=Decimal("546.6")))
    assert (finding.broken, finding.severity, finding.value) == (True, "L1", Decimal("546.6"))
    assert finding.sentence.zh == "1 号机组 二氧化硫 折算 546.6 mg/m3，限值 35，超标 14.6 倍"
    assert world.findings.told == [finding]


def test_oxygen_from_another_packet_converts_the_hour(world: JudgeWorld) -> None:
    (finding,) = judged(world, reading("30.0"), oxygen())  # 30 x 1.2 = 36 > 35
    assert (finding.broken, finding.value) == (True, Decimal("36.000"))


@pytest.mark.parametrize(
    "spoilt", [oxygen("20.5"), oxygen(None), oxygen("8.5", flag="D", valid=False)]
)
def test_without_usable_oxygen_nothing_is_judged(world: JudgeWorld, spoilt: Reading) -> None:
    assert judged(world, reading("456.0"), spoilt) == []


@pytest.mark.parametrize("flag", ["C", "M", "F", "D", "T", "B", "S"])
def test_an_abnormal_hour_is_neither_broken_nor_holding(world: JudgeWorld, flag: str) -> None:
    told = reading("456.0", converted=Decimal(600), flag=flag, valid=False)
    assert judged(world, told) == []


def test_minutes_make_the_hour_once_it_is_over(world: JudgeWorld) -> None:
    told = [*minutes(60, "30.0"), *minutes(60, "8.5", "a19001")]
    assert judged(world, *told, at=EIGHT + HOUR - MINUTE) == []
    (finding,) = judged(world, at=EIGHT + HOUR)
    assert (finding.broken, finding.value) == (True, Decimal("36.000"))
    hours = world.readings.of(STACK.id, Span.HOUR, EIGHT, EIGHT + HOUR)
    assert {one.source for one in hours} == {Origin.COMPUTED}


def test_44_minutes_are_too_few_to_judge(world: JudgeWorld) -> None:
    told = [*minutes(44, "300"), *minutes(44, "8.5", "a19001")]
    assert judged(world, *told) == []


def test_the_reported_hour_goes_before_the_computed_one(world: JudgeWorld) -> None:
    judged(world, *minutes(60, "300"), *minutes(60, "8.5", "a19001"))
    late = EIGHT + HOUR + 5 * MINUTE
    (finding,) = judged(world, reading("20.0", converted=Decimal("24.0"), known_at=late))
    assert (finding.broken, finding.value, finding.known_at) == (False, Decimal("24.0"), late)


def test_the_same_state_is_told_in_the_same_words(world: JudgeWorld) -> None:
    told = [*minutes(60, "300"), *minutes(60, "8.5", "a19001")]
    assert judged(world, *told) == judged(world, at=NOW + HOUR)


def test_a_correction_to_an_abnormal_flag_takes_the_broken_window_back(world: JudgeWorld) -> None:
    judged(world, reading("456.0", converted=Decimal(600)))
    spoilt = reading(
        "456.0", converted=Decimal(600), flag="C", valid=False, known_at=EIGHT + 2 * HOUR
    )
    (finding,) = judged(world, spoilt)
    assert (finding.broken, finding.start) == (False, EIGHT)
    assert finding.known_at == EIGHT + 2 * HOUR


def test_a_correction_of_an_hour_that_held_says_nothing(world: JudgeWorld) -> None:
    judged(world, reading("10.0", converted=Decimal(12)))
    spoilt = reading("10.0", flag="C", valid=False, known_at=EIGHT + 2 * HOUR)
    assert judged(world, spoilt) == []


def test_an_hour_taken_back_before_it_was_judged_leaves_no_word_of_its_former_value(
    world: JudgeWorld,
) -> None:
    """Both words lie there at the first judgement: 456 x 1.2 was over the limit, and is void."""
    late = EIGHT + 2 * HOUR
    void = reading("456.0", flag="C", valid=False, known_at=late)
    (finding,) = judged(world, oxygen(), reading("456.0"), void)
    assert (finding.broken, finding.known_at) == (False, late)
    hours = world.readings.of(STACK.id, Span.HOUR, EIGHT, EIGHT + HOUR)
    (ours,) = [one for one in hours if one.source is Origin.COMPUTED]
    assert (ours.valid, ours.flag, ours.known_at) == (False, "C", late)


def test_the_hour_after_a_late_one_is_judged_with_it(world: JudgeWorld) -> None:
    after = reading("10", converted=Decimal(12), start=EIGHT + HOUR)
    found = judged(world, after, reading("456.0", converted=Decimal(600)))
    assert [(one.start, one.broken) for one in found] == [(EIGHT, True), (EIGHT + HOUR, False)]


def test_water_over_the_limit_in_an_hour_breaks_nothing_but_the_day_does(
    world: JudgeWorld,
) -> None:
    midnight = EIGHT - 8 * HOUR
    hours = [
        reading("62.3", "w01018", outlet=DRAIN.id, start=midnight + place * HOUR)
        for place in range(24)
    ]
    world.readings.add(hours)
    window = WindowTouched(DRAIN.id, EIGHT, EIGHT + HOUR, Cause.READINGS)
    assert judge_window(window, world=world, now=NOW) == []
    (finding,) = judge_window(window, world=world, now=midnight + 24 * HOUR)
    assert (finding.broken, finding.rule.id, finding.start) == (True, "G-06-day", midnight)


def test_real_time_samples_are_judged_by_no_limit(world: JudgeWorld) -> None:
    world.readings.add([reading("456.0", converted=Decimal(600))])
    assert judge_window(replace(TOUCHED, cause=Cause.TELEMETRY), world=world, now=NOW) == []


def swept(world: JudgeWorld, silent_for: timedelta) -> list[Finding]:
    world.registry.mark_online(STACK.id, EIGHT - HOUR)
    world.latest.hear(Heard(STACK.id, EIGHT, EIGHT))
    return list(sweep_silence(world=world, now=EIGHT + silent_for))


def test_an_outlet_that_falls_silent_is_missing_after_an_hour(world: JudgeWorld) -> None:
    (finding,) = swept(world, 61 * MINUTE)
    assert (finding.type, finding.broken, finding.start) == ("ALL_MISSING", True, EIGHT)


def test_an_outlet_that_talks_ends_its_silence(world: JudgeWorld) -> None:
    (finding,) = swept(world, 3 * MINUTE)
    assert (finding.broken, finding.start) == (False, EIGHT)


def test_an_outlet_never_heard_is_never_missing(world: JudgeWorld) -> None:
    assert sweep_silence(world=world, now=NOW) == []


def test_two_sweeps_an_hour_judge_the_hour_that_nobody_touched(world: JudgeWorld) -> None:
    world.readings.add([*minutes(50, "300"), *minutes(50, "8.5", "a19001")])
    world.latest.hear(Heard(STACK.id, EIGHT + 49 * MINUTE, EIGHT + 50 * MINUTE))
    world.registry.mark_online(STACK.id, EIGHT)
    by_minute = {}
    for minute in (0, 5, 10, 15):
        world.findings.told.clear()
        sweep_silence(world=world, now=EIGHT + HOUR + minute * MINUTE)
        by_minute[minute] = [one.type.value for one in world.findings.told if one.broken]
    assert by_minute == {0: [], 5: ["EXCEED"], 10: ["EXCEED"], 15: []}


def test_deaf_curves_keep_no_sweep_from_the_official_hour(
    world: JudgeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.registry.put_facility(facility(STACK.id))
    world.readings.add([*minutes(50, "300"), *minutes(50, "8.5", "a19001")])
    world.latest.hear(Heard(STACK.id, EIGHT + 49 * MINUTE, EIGHT + 50 * MINUTE))
    world.registry.mark_online(STACK.id, EIGHT)

    def deaf(_: object) -> None:
        raise Unavailable("curves")

    monkeypatch.setattr(world.series, "read", deaf)
    with pytest.raises(Unavailable):
        sweep_silence(world=world, now=EIGHT + HOUR + 5 * MINUTE)
    assert [one.type for one in world.findings.told if one.broken] == ["EXCEED"]


@pytest.fixture
def wired(world: JudgeWorld, monkeypatch: pytest.MonkeyPatch) -> JudgeWorld:
    ports = {one.name: partial(getattr, world, one.name) for one in fields(world)}
    ports["registry_of_judges"] = ports.pop("registry")
    monkeypatch.setattr(judge, "wiring", SimpleNamespace(**ports))
    return world


def sqs(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": f"m{place}", "eventSource": "aws:sqs", "body": body}
            for place, body in enumerate(bodies)
        ]
    }


def test_damaged_messages_and_unknown_outlets_fail_alone(wired: JudgeWorld) -> None:
    wired.readings.add([reading("456.0", converted=Decimal(600))])
    stranger = window_json(replace(TOUCHED, outlet="nowhere"))
    answer = judge.handler(sqs("{", window_json(TOUCHED), stranger), CONTEXT)
    failed = [one["itemIdentifier"] for one in answer["batchItemFailures"]]
    assert failed == ["m0", "m2"]
    assert len(wired.findings.told) == 1


def test_a_window_left_untold_comes_back_and_is_told_then(
    wired: JudgeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    wired.readings.add([reading("456.0", converted=Decimal(600))])

    def deaf(_: object) -> None:
        raise Unavailable("queue")

    with monkeypatch.context() as patch:
        patch.setattr(wired.findings, "tell", deaf)
        assert len(judge.handler(sqs(window_json(TOUCHED)), CONTEXT)["batchItemFailures"]) == 1
    assert judge.handler(sqs(window_json(TOUCHED)), CONTEXT) == {"batchItemFailures": []}
    assert [one.broken for one in wired.findings.told] == [True]


def test_the_past_of_a_factor_without_a_limit_is_not_asked_for(
    world: JudgeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quiet outlet costs no more questions, however often its computed values change."""
    told: list[object] = []
    of = world.readings.of

    def asked(*place: Any, **known: Any) -> Any:
        told.extend(known.values())
        return of(*place, **known)

    monkeypatch.setattr(world.readings, "of", asked)
    judged(world, *minutes(60, "100", "a01011"), at=NOW)
    judged(world, *minutes(60, "200", "a01011", known_at=NOW + MINUTE), at=NOW + MINUTE)
    assert told == []


def test_a_state_that_was_judged_before_is_not_kept_again(
    world: JudgeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the hour of its minutes, nor its day, nor our conversion of a reported hour."""
    kept: list[Reading] = []
    add = world.readings.add

    def noted(batch: Any) -> Any:
        kept.extend(batch)
        return add(batch)

    world.readings.add([*minutes(60, "30.0"), *minutes(60, "8.5", "a19001")])
    world.readings.add([reading("30.0", start=EIGHT + HOUR), oxygen(start=EIGHT + HOUR)])
    monkeypatch.setattr(world.readings, "add", noted)
    later = EIGHT + 40 * HOUR
    first = judge_window(TOUCHED, world=world, now=later)
    spans = {(one.span, one.start >= EIGHT + HOUR) for one in kept}
    assert spans == {(Span.HOUR, False), (Span.HOUR, True), (Span.DAY, False)}
    kept.clear()
    assert judge_window(TOUCHED, world=world, now=later) == first
    assert kept == []


def test_minutes_of_one_outlet_are_judged_as_one_and_each_alone_when_that_fails(
    wired: JudgeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[WindowTouched] = []

    def fail_at_ten(window: WindowTouched, **said: Any) -> list[Finding]:
        judged.append(window)
        if window.start <= EIGHT + 10 * MINUTE < window.end:
            raise ValueError("a defect")
        return list(judge_window(window, **said))

    touched = [
        replace(TOUCHED, start=EIGHT + at * MINUTE, end=EIGHT + (at + 1) * MINUTE)
        for at in (0, 10, 20)
    ]
    monkeypatch.setattr(judge, "judge_window", fail_at_ten)
    answer = judge.handler(sqs(*map(window_json, touched)), CONTEXT)
    assert judged == [replace(touched[0], end=touched[2].end), *touched]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_a_deaf_world_is_not_asked_again_for_each_part(
    wired: JudgeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[WindowTouched] = []

    def deaf(window: WindowTouched, **_: Any) -> list[Finding]:
        asked.append(window)
        raise Unavailable("tables")

    monkeypatch.setattr(judge, "judge_window", deaf)
    answer = judge.handler(sqs(window_json(TOUCHED), window_json(TOUCHED)), CONTEXT)
    assert len(asked) == 1
    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["m0", "m1"]


def test_the_schedule_sweeps(wired: JudgeWorld) -> None:
    assert judge.handler({"sweep": True}, CONTEXT) == {"outlets": 0, "silent": 0}


def test_the_sample_event_is_a_window() -> None:
    event = json.loads((Path(judge.__file__).parent / "event.json").read_text("utf-8"))
    assert window_of(event["Records"][0]["body"]).outlet == "bench-gas-1"
