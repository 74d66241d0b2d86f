"""Every state of a command against every move; receipts in every order."""

from itertools import permutations

import pytest

from plume.flows.command import ENDED, MOVES, CommandMove, NoSuchStep, heard, moved, moves_of
from plume.model.command import CommandState, CommandStep
from plume.model.event import Receipt, ReceiptStage
from tests.given_commands import EIGHT, ID, MINUTE, asked, sent

BY = CommandStep(EIGHT, "u2", "李四", "county", "approve")

# Written by hand from the brief of 反控: who waits for whom, and what ends it.
TABLE = {
    "awaiting_approval": {
        "approve": "approved", "reject": "rejected", "withdraw": "withdrawn", "expire": "expired",
    },
    "approved": {"withdraw": "withdrawn", "expire": "expired", "send": "sent"},
    "sent": {
        "accepted": "accepted", "executing": "executing", "done": "done", "failed": "failed",
        "refused": "refused", "timed_out": "timed_out", "expire": "timed_out",
    },
    "accepted": {
        "executing": "executing", "done": "done", "failed": "failed", "refused": "refused",
        "timed_out": "timed_out", "expire": "timed_out",
    },
    "executing": {
        "done": "done", "failed": "failed", "refused": "refused", "timed_out": "timed_out",
        "expire": "timed_out",
    },
    "timed_out": {"done": "done", "failed": "failed", "refused": "refused"},
}  # fmt: skip


@pytest.mark.parametrize("state", list(CommandState))
@pytest.mark.parametrize("move", list(CommandMove))
def test_every_state_meets_every_move(state: CommandState, move: CommandMove) -> None:
    record = asked(state=state)
    expected = TABLE.get(state.value, {}).get(move.value)
    if expected is None:
        with pytest.raises(NoSuchStep):
            moved(record, move, BY)
        return
    after = moved(record, move, BY)
    assert (after.state.value, after.version) == (expected, 2)
    assert after.history[:-1] == record.history
    assert (after.history[-1].before, after.history[-1].after) == (state, after.state)


def test_what_ended_waits_for_nobody() -> None:
    assert {state for state, _ in MOVES if state in ENDED} == {CommandState.TIMED_OUT}
    for state in ENDED:
        assert moves_of(state) == ()


def receipt(stage: ReceiptStage) -> Receipt:
    return Receipt(EIGHT, ID, stage)


@pytest.mark.parametrize(
    "order",
    list(permutations([ReceiptStage.ACCEPTED, ReceiptStage.EXECUTING, ReceiptStage.DONE])),
)
def test_receipts_in_any_order_end_in_the_last_word(order: tuple[ReceiptStage, ...]) -> None:
    record = sent()
    for stage in (*order, *order):
        record = heard(record, receipt(stage), now=EIGHT + MINUTE) or record
    assert record.state is CommandState.DONE
    assert [one.stage for one in record.receipts] == list(order)


def test_the_second_last_word_is_noted_and_moves_nothing() -> None:
    record = heard(sent(), receipt(ReceiptStage.FAILED), now=EIGHT)
    assert record is not None
    after = heard(record, receipt(ReceiptStage.DONE), now=EIGHT)
    assert after is not None
    assert after.state is CommandState.FAILED
    assert len(after.receipts) == 2


def test_a_command_given_up_for_lost_still_learns_what_became_of_it() -> None:
    lost = moved(sent(), CommandMove.EXPIRE, BY)
    late = heard(lost, receipt(ReceiptStage.DONE), now=EIGHT + 1_000 * MINUTE)
    assert late is not None
    assert late.state is CommandState.DONE


def test_a_receipt_of_what_was_never_sent_moves_nothing() -> None:
    after = heard(asked(), receipt(ReceiptStage.DONE), now=EIGHT)
    assert after is not None
    assert after.state is CommandState.AWAITING_APPROVAL
