"""What came of an exchange, in the words of a receipt."""

from collections.abc import Sequence

from edge_greengrass.collector.dialogue.exchange import Ending, Outcome
from plume.hj212.commands import ExeRtn, QnRtn
from plume.hj212.frame import Frame
from plume.hj212.items import data_of
from plume.hj212.packets import Reassembly
from plume.hj212.requests import Request
from plume.model.event import ReceiptStage

STAGES = {
    Ending.DONE: ReceiptStage.DONE,
    Ending.REFUSED: ReceiptStage.REFUSED,
    Ending.FAILED: ReceiptStage.FAILED,
    Ending.SILENT: ReceiptStage.TIMED_OUT,
    Ending.STALLED: ReceiptStage.TIMED_OUT,
    Ending.BROKEN: ReceiptStage.FAILED,
}
_DETAILS = {
    Ending.SILENT: "the data logger did not answer the request",
    Ending.STALLED: "the data logger took the request on and gave no result in time",
    Ending.BROKEN: "the connection to the data logger broke in the midst of it",
}


def detail_of(outcome: Outcome) -> str:
    """Say in one line why it did not end well; empty when it did."""
    if outcome.ending is Ending.REFUSED:
        return f"QnRtn {outcome.code}: {_name(QnRtn, outcome.code)}"
    if outcome.ending is Ending.FAILED:
        return f"ExeRtn {outcome.code}: {_name(ExeRtn, outcome.code)}"
    return _DETAILS.get(outcome.ending, "")


def result_of(request: Request, outcome: Outcome) -> dict[str, object]:
    """Give what the data logger said, as plain JSON; of history how much of it there was.

    Texts are those of the frames; the frames themselves go up as evidence like all others.
    """
    if request.span is not None:
        return {
            "frames": outcome.count,
            "first": outcome.first.isoformat() if outcome.first else None,
            "last": outcome.last.isoformat() if outcome.last else None,
        }
    return {} if request.secret else _said(outcome.data)


def _said(frames: Sequence[Frame]) -> dict[str, object]:
    gathered: dict[str, object] = {}
    items: dict[str, dict[str, str]] = {}
    packets = Reassembly()
    for whole in filter(None, map(packets.add, frames)):
        data = data_of(whole)
        gathered |= data.fields
        for code, item in data.items.items():
            items.setdefault(code, {}).update(item)
    return gathered | ({"items": items} if items else {})


def _name(kind: type[QnRtn] | type[ExeRtn], code: str) -> str:
    found = next((one for one in kind if one.value == code), None)
    return found.name.lower().replace("_", " ") if found else "not in the standard"
