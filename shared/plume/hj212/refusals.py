"""Why a frame is not taken: each fact knows the verdict it leads to."""

from plume.errors import Refused
from plume.model.frame import Verdict


class BadFrame(Refused):
    """The bytes are not a whole, undamaged frame; `verdict` says in what respect."""

    verdict = Verdict.REJECT_SYNTAX


class BadSyntax(BadFrame):
    """The frame is not built as HJ 212 says, nor as any known dialect does."""


class BadLength(BadFrame):
    """The declared length is not that of the data segment."""

    verdict = Verdict.REJECT_LEN


class BadCrc(BadFrame):
    """The check does not agree with the data segment."""

    verdict = Verdict.REJECT_CRC
