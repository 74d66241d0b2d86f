"""What the local AWS is started with: it reads a condition once and compares keys at once."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from infra.local.loopback_aws import comparing_at_once, reading_once


def a_reader() -> tuple[ModuleType, list[str]]:
    """A module that notes what it is given to read."""
    module, read = ModuleType("dynamodb"), []

    def tokenize(text: str) -> list[str]:
        read.append(text)
        return text.split()

    def error(text: str, slot: str) -> str | None:
        read.append(f"{slot} {text}")
        return None if "=" in text else f"Invalid {slot}"

    vars(module).update(_tokenize=tokenize, _condition_syntax_error=error)
    return module, read


def test_a_condition_is_taken_apart_once_however_many_items_it_is_held_against() -> None:
    module, read = a_reader()
    reading_once(module)
    for _ in range(3):
        assert vars(module)["_tokenize"]("a = :b") == ["a", "=", ":b"]
        assert vars(module)["_condition_syntax_error"]("a : b", "Key") == "Invalid Key"
        assert vars(module)["_condition_syntax_error"]("a = b", "Key") is None
    assert read == ["a = :b", "Key a : b", "Key a = b"]


def test_who_takes_a_token_away_takes_it_from_himself_alone() -> None:
    module, _ = a_reader()
    reading_once(module)
    vars(module)["_tokenize"]("a = :b").clear()
    assert vars(module)["_tokenize"]("a = :b") == ["a", "=", ":b"]


KEYS = "(#0 = :0 AND #1 BETWEEN :1 AND :2)"
NAMES = {"#0": "pk", "#1": "sk"}
RANGE = {":0": {"S": "outlet#minute"}, ":1": {"S": "2026-11-27"}, ":2": {"S": "2026-11-28"}}


def a_judge_of_conditions() -> tuple[Callable[..., Any], list[str]]:
    """What ministack judges an item by, once keys are compared at once; and what it walked."""
    module, walked = ModuleType("dynamodb"), []

    def evaluate(text: str, *_: object, slot: str) -> str:
        walked.append(slot)
        return f"walked {text}"

    setattr(module, "_evaluate_condition", evaluate)  # noqa: B010, a stand-in for a module
    comparing_at_once(module)
    return vars(module)["_evaluate_condition"], walked


def item(sk: str, pk: str = "outlet#minute") -> dict[str, dict[str, str]]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


@pytest.mark.parametrize(
    ("one", "belongs"),
    [
        (item("2026-11-27"), True),
        (item("2026-11-27T23:50#a21026#reported#000001"), True),
        (item("2026-11-28"), True),
        (item("2026-11-28T00:00"), False),
        (item("2026-11-26T23:50"), False),
        (item("2026-11-27T12:00", pk="outlet#hour"), False),
    ],
)
def test_keys_of_text_are_compared_with_both_ends_of_the_range(
    one: dict[str, dict[str, str]], *, belongs: bool
) -> None:
    evaluate, walked = a_judge_of_conditions()
    assert evaluate(KEYS, one, RANGE, NAMES, slot="KeyConditionExpression") is belongs
    assert evaluate("#0 = :0", one, RANGE, NAMES, slot="KeyConditionExpression") is (
        one["pk"]["S"] == "outlet#minute"
    )
    assert walked == []


@pytest.mark.parametrize(
    ("text", "one", "values", "names"),
    [
        ("#0 = :0 AND #1 > :1", item("2026-11-27"), RANGE, NAMES),
        ("(#0 = :0", item("2026-11-27"), RANGE, NAMES),
        (KEYS, {"pk": {"S": "outlet#minute"}, "sk": {"N": "7"}}, RANGE, NAMES),
        (KEYS, {"pk": {"S": "outlet#minute"}}, RANGE, NAMES),
        (KEYS, item("2026-11-27"), {":0": {"S": "outlet#minute"}}, NAMES),
        (KEYS, item("2026-11-27"), {**RANGE, ":1": {"S": "2026-11-29"}}, NAMES),
        (KEYS, item("2026-11-27"), RANGE, {"#0": "pk"}),
    ],
)
def test_what_is_no_plain_range_of_text_is_left_to_the_walk(
    text: str,
    one: dict[str, dict[str, str]],
    values: dict[str, dict[str, str]],
    names: dict[str, str],
) -> None:
    evaluate, walked = a_judge_of_conditions()
    said = evaluate(text, one, values, names, slot="KeyConditionExpression")
    assert (said, walked) == (f"walked {text}", ["KeyConditionExpression"])


def test_a_condition_that_is_none_of_keys_is_walked() -> None:
    evaluate, walked = a_judge_of_conditions()
    assert evaluate(KEYS, item("2026-11-27"), RANGE, NAMES) == f"walked {KEYS}"
    assert walked == ["ConditionExpression"]
