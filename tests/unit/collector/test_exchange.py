"""One exchange, told by the clock and by frames alone (HJ 212-2017, 6.1 and 6.2)."""

from datetime import timedelta

import pytest

from edge_greengrass.collector.configuration import Patience
from edge_greengrass.collector.dialogue.exchange import Ending, Exchange
from plume.hj212 import encode
from plume.hj212.frame import Frame, decode
from plume.hj212.moments import moment
from plume.hj212.requests import Request, history

QN, OTHER_QN = "20261124080000000", "20261124080000001"
EIGHT = moment("20261124080000")
READ = Request("1011", "")


def said(cn: str, cp: str, qn: str = QN) -> Frame:
    mn = "010000A8900016F000169DC0"
    return decode(encode.frame(qn=qn, st="91", cn=cn, password="123456", mn=mn, flag=4, cp=cp))


def begun(request: Request = READ) -> Exchange:
    exchange = Exchange(request, QN, Patience())
    assert exchange.wake(100.0)
    return exchange


def ending(exchange: Exchange) -> Ending | None:
    return exchange.outcome.ending if exchange.outcome else None


def test_ready_data_and_result_make_it_done() -> None:
    exchange = begun()
    assert exchange.hear(said("9011", "QnRtn=1"), 101.0)
    assert exchange.hear(said("1011", "SystemTime=20261124080001"), 101.0)
    assert ending(exchange) is None
    assert exchange.hear(said("9012", "ExeRtn=1"), 102.0)
    assert exchange.outcome is not None
    assert (exchange.outcome.ending, exchange.outcome.count) == (Ending.DONE, 1)


def test_without_an_answer_it_is_sent_four_times_ten_seconds_apart_and_then_given_up() -> None:
    exchange = begun()
    sendings = [100.0]
    for tenth in range(1, 1000):
        now = 100.0 + tenth / 10
        if now >= exchange.due and exchange.wake(now):
            sendings.append(now)
    assert sendings == pytest.approx([100.0, 110.0, 120.0, 130.0])
    assert ending(exchange) is Ending.SILENT


def test_a_spurious_waking_sends_nothing() -> None:
    exchange = begun()
    assert not exchange.wake(109.9)
    assert ending(exchange) is None


def test_each_frame_of_data_gives_new_patience_until_they_stop() -> None:
    exchange = begun(history("2051", EIGHT, EIGHT + timedelta(hours=1)))
    exchange.hear(said("9011", "QnRtn=1"), 100.0)
    exchange.hear(said("2051", "DataTime=20261124081000", OTHER_QN), 200.0)
    assert not exchange.wake(319.0)
    assert ending(exchange) is None
    assert not exchange.wake(320.0)
    assert exchange.outcome is not None
    assert (exchange.outcome.ending, exchange.outcome.count) == (Ending.STALLED, 1)


@pytest.mark.parametrize(
    ("cn", "cp", "expected"),
    [
        ("9011", "QnRtn=3", (Ending.REFUSED, "3")),
        ("9011", "QnRtn=02", (Ending.REFUSED, "2")),
        ("9011", "", (Ending.REFUSED, "100")),
        ("9012", "ExeRtn=1", (Ending.DONE, "1")),
        ("9012", "ExeRtn=100", (Ending.FAILED, "100")),
        ("9013", "", (Ending.DONE, "")),
    ],
)
def test_an_answer_ends_it_even_when_the_one_before_was_lost(
    cn: str, cp: str, expected: tuple[Ending, str]
) -> None:
    exchange = begun()
    assert exchange.hear(said(cn, cp), 101.0)
    assert exchange.outcome is not None
    assert (exchange.outcome.ending, exchange.outcome.code) == expected


def test_an_answer_to_another_request_changes_nothing() -> None:
    exchange = begun()
    assert not exchange.hear(said("9012", "ExeRtn=1", OTHER_QN), 101.0)
    assert not exchange.hear(said("2061", "DataTime=20261124080000", OTHER_QN), 101.0)
    assert ending(exchange) is None


def test_the_answer_to_a_second_sending_does_not_undo_the_first() -> None:
    exchange = begun()
    exchange.hear(said("9011", "QnRtn=1"), 101.0)
    assert exchange.hear(said("9011", "QnRtn=2"), 102.0)
    assert ending(exchange) is None


def test_what_comes_after_the_end_is_too_late() -> None:
    exchange = begun()
    exchange.hear(said("9012", "ExeRtn=2"), 101.0)
    assert not exchange.hear(said("9012", "ExeRtn=1"), 102.0)
    exchange.break_off()
    assert ending(exchange) is Ending.FAILED


def test_history_outside_the_span_belongs_to_nobody() -> None:
    exchange = begun(history("2051", EIGHT, EIGHT + timedelta(hours=1)))
    assert not exchange.hear(said("2051", "DataTime=20261124075000", OTHER_QN), 101.0)
    assert exchange.hear(said("2051", "DataTime=20261124090000", OTHER_QN), 101.0)


def test_real_time_data_that_flow_again_are_no_answer_to_the_request_for_them() -> None:
    exchange = begun(Request("2011", ""))
    assert not exchange.hear(said("2011", "DataTime=20261124080000", OTHER_QN), 101.0)


@pytest.mark.parametrize(
    ("code", "told"), [("02", "2"), ("9" * 5_000, "9" * 5_000), ("x", "100"), ("", "100")]
)
def test_a_result_of_any_length_is_heard(code: str, told: str) -> None:
    exchange = begun()
    assert exchange.hear(said("9012", f"ExeRtn={code}"), 101.0)
    assert exchange.outcome is not None
    assert (exchange.outcome.ending, exchange.outcome.code) == (Ending.FAILED, told)
