"""What one side answers: ST 91, the QN of the request, the version of the request."""

from plume.hj212 import encode
from plume.hj212.commands import ExeRtn, QnRtn
from plume.hj212.frame import Frame

SYSTEM = "91"
_VERSION_BITS = 0b1111_1100


def data_answer(frame: Frame) -> bytes:
    """Acknowledge an upload (CN 9014).

    Source:
        HJ 212-2017, 6.1 and table C.45.
    """
    return _answer(frame, "9014", "")


def notice_answer(frame: Frame) -> bytes:
    """Acknowledge a notice (CN 9013)."""
    return _answer(frame, "9013", "")


def request_answer(frame: Frame, result: QnRtn = QnRtn.READY) -> bytes:
    """Say whether a request will be carried out (CN 9011)."""
    return _answer(frame, "9011", f"QnRtn={result}")


def execution_result(frame: Frame, result: ExeRtn = ExeRtn.DONE) -> bytes:
    """Say how a request was carried out (CN 9012)."""
    return _answer(frame, "9012", f"ExeRtn={result}")


def _answer(frame: Frame, cn: str, cp: str) -> bytes:
    return encode.frame(
        qn=frame.qn,
        st=SYSTEM,
        cn=cn,
        password=frame.password,
        mn=frame.mn,
        flag=frame.flag & _VERSION_BITS,
        cp=cp,
    )
