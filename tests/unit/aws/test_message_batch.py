"""Messages of a queue that are taken in together, and what becomes of them when that fails."""

from collections.abc import Collection, Sequence

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from plume.aws.message_batch import Message, MessagesTogether
from plume.errors import Refused, Unavailable

THREE = [Message("m0", 0), Message("m1", 1), Message("m2", 2)]


class Taker:
    """Takes numbers in; some it refuses, trips over, or finds the world deaf at."""

    def __init__(self, *, raises: Exception | None = None, at: int = 1) -> None:
        self.raises, self.at = raises, at
        self.tried: list[list[int]] = []

    def __call__(self, said: Sequence[int]) -> Collection[int]:
        self.tried.append(list(said))
        if self.raises is not None and self.at in said:
            raise self.raises
        return [place for place, number in enumerate(said) if number == 9]


@pytest.fixture
def messages() -> MessagesTogether:
    return MessagesTogether(Logger(service="test"))


def come_back(messages: MessagesTogether) -> list[str]:
    return [one["itemIdentifier"] for one in messages.answer["batchItemFailures"]]


def test_what_goes_well_is_tried_once_and_together(messages: MessagesTogether) -> None:
    taker = Taker()
    messages.take(THREE, taker)
    assert taker.tried == [[0, 1, 2]]
    assert come_back(messages) == []


def test_what_the_taker_names_comes_back_and_nothing_else(messages: MessagesTogether) -> None:
    messages.take([Message("m0", 0), Message("m1", 9), Message("m2", 9)], Taker())
    assert come_back(messages) == ["m1", "m2"]


@pytest.mark.parametrize("fault", [ZeroDivisionError(), Refused("no such outlet")])
def test_after_a_fault_each_is_tried_alone_and_only_the_one_at_fault_comes_back(
    fault: Exception, messages: MessagesTogether
) -> None:
    taker = Taker(raises=fault)
    messages.take(THREE, taker)
    assert taker.tried == [[0, 1, 2], [0], [1], [2]]
    assert come_back(messages) == ["m1"]


def test_a_fault_that_does_not_show_again_brings_nothing_back(messages: MessagesTogether) -> None:
    def together_alone_fails(said: Sequence[int]) -> Collection[int]:
        return () if len(said) == 1 else [1 // 0]

    messages.take(THREE, together_alone_fails)
    assert come_back(messages) == []


def test_a_deaf_world_is_asked_once_and_all_that_were_tried_come_back(
    messages: MessagesTogether,
) -> None:
    taker = Taker(raises=Unavailable("tables"))
    messages.take(THREE, taker)
    messages.take([Message("m3", 3)], taker)
    assert taker.tried == [[0, 1, 2], [3]]
    assert come_back(messages) == ["m0", "m1", "m2"]


def test_a_world_that_falls_deaf_while_each_is_tried_alone_gives_back_what_it_did_not_take(
    messages: MessagesTogether,
) -> None:
    answers = iter([ZeroDivisionError(), None, Unavailable("tables"), None])

    def taken(_: Sequence[int]) -> Collection[int]:
        fault = next(answers)
        if fault is not None:
            raise fault
        return ()

    messages.take(THREE, taken)
    assert come_back(messages) == ["m1"]


def test_none_are_not_handed_over(messages: MessagesTogether) -> None:
    taker = Taker()
    messages.take([], taker)
    assert taker.tried == []


def test_a_message_that_cannot_be_read_comes_back_once_and_the_others_are_read(
    messages: MessagesTogether,
) -> None:
    def number(record: SQSRecord) -> int:
        if not record.body.isdigit():
            raise Refused("no number")
        return int(record.body)

    records = [
        SQSRecord({"messageId": f"m{place}", "body": body})
        for place, body in enumerate(["4", "x", "5"])
    ]
    read = messages.read(number, records)
    assert read == [Message("m0", 4), Message("m2", 5)]
    assert come_back(messages) == ["m1"]
    messages.take([Message("m1", 9)], Taker())
    assert come_back(messages) == ["m1"]
